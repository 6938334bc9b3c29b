//! What charts are drawn from, and the arithmetic they share.

use crate::ui::Tone;

/// One layer of a histogram, such as a band of confidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub label: String,
    pub tone: Tone,
}

impl Band {
    pub fn new(label: impl Into<String>, tone: Tone) -> Self {
        Self {
            label: label.into(),
            tone,
        }
    }
}

/// One column of a histogram: a count for each band, in the bands' order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    pub label: String,
    pub counts: Vec<u32>,
}

impl Bin {
    pub fn new(label: impl Into<String>, counts: Vec<u32>) -> Self {
        Self {
            label: label.into(),
            counts,
        }
    }

    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// One row of a bar chart: how much of how much.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarRow {
    pub label: String,
    pub value: f64,
    pub max: f64,
    pub note: String,
    pub tone: Tone,
    pub href: Option<String>,
}

impl BarRow {
    pub fn new(label: impl Into<String>, value: f64, max: f64) -> Self {
        Self {
            label: label.into(),
            value,
            max,
            tone: Tone::Accent,
            ..Self::default()
        }
    }

    /// The figures in words, written at the end of the row.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

/// One part of a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub label: String,
    pub value: f64,
    pub tone: Tone,
}

impl Part {
    pub fn new(label: impl Into<String>, value: f64, tone: Tone) -> Self {
        Self {
            label: label.into(),
            value,
            tone,
        }
    }
}

/// `part` of `whole` as an SVG length, between 0% and 100%, to a tenth.
pub fn percent(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 {
        (part / whole).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let tenths = (share * 1000.0).round() as u32;
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), "%"].concat()
}

/// A number for reading: whole when whole, else with one decimal.
pub(super) fn figure(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let sign = if tenths < 0 { "−" } else { "" };
    let whole = [sign, &crate::ui::grouped(tenths.unsigned_abs() / 10)].concat();
    match tenths.unsigned_abs() % 10 {
        0 => whole,
        rest => [&whole, ".", &rest.to_string()].concat(),
    }
}

/// The end of an axis: the smallest of 4, 6, 8, 10, 20, 30 … that holds `most` and halves evenly.
pub(super) fn axis_end(most: u32) -> u32 {
    let mut unit = 1;
    loop {
        for step in [4, 6, 8, 10, 16, 20, 24, 30] {
            let end: u32 = step * unit;
            if end >= most {
                return end;
            }
        }
        if unit >= 10_000_000 {
            return most;
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::{axis_end, figure, percent};

    #[test]
    fn lengths_never_leave_their_box() {
        assert_eq!(percent(1.0, 3.0), "33.3%");
        assert_eq!(percent(5.0, 3.0), "100.0%");
        assert_eq!(percent(-1.0, 3.0), "0.0%");
        assert_eq!(percent(1.0, 0.0), "0.0%");
        assert_eq!(percent(f64::NAN, 2.0), "0.0%");
    }

    #[test]
    fn axes_end_on_even_numbers_above_the_data() {
        assert_eq!(axis_end(0), 4);
        assert_eq!(axis_end(5), 6);
        assert_eq!(axis_end(21), 24);
        assert_eq!(axis_end(31), 40);
        assert!(axis_end(4_000_000_000) >= 4_000_000_000);
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(figure(3.0), "3");
        assert_eq!(figure(3.25), "3.3");
        assert_eq!(figure(-0.5), "−0.5");
    }
}

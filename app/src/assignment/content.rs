//! What a teacher decides about an assignment: as typed in the form, and as checked.

use super::text;
use crate::error::FieldError;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

pub const MAX_TITLE: usize = 200;
pub const MAX_INSTRUCTIONS: usize = 20_000;

/// The first and the last instant a date may name: 1 January 2000 and 1 January 2200.
const DATES: (Timestamp, Timestamp) = (Timestamp(946_684_800_000_000), Timestamp(7_258_118_400_000_000));

/// An assignment without its questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AssignmentContent {
    pub title: String,
    #[serde(default)]
    pub instructions: String,
    pub due_at: Option<Timestamp>,
    /// When nothing more is taken; none means at the due date.
    pub closes_at: Option<Timestamp>,
    /// 0–100, for each day begun after the due date.
    #[serde(default)]
    pub late_percent_per_day: i32,
    /// Whether students see how the class did, next to their own result.
    #[serde(default)]
    pub show_distribution: bool,
}

impl AssignmentContent {
    /// Everything that is wrong, at once.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: Option<String>| {
            errors.extend(message.map(|message| FieldError {
                field: field.into(),
                message,
            }));
        };
        wrong("title", text::required("The title", &self.title, MAX_TITLE));
        wrong(
            "instructions",
            text::optional("The text of the instructions", &self.instructions, MAX_INSTRUCTIONS),
        );
        let far = |at: Option<Timestamp>| {
            at.filter(|at| *at < DATES.0 || *at >= DATES.1)
                .map(|_| "Choose a date between the years 2000 and 2199.".to_owned())
        };
        wrong("due", far(self.due_at));
        wrong("closes", far(self.closes_at));
        if let (Some(due), Some(closes)) = (self.due_at, self.closes_at)
            && closes < due
        {
            wrong(
                "closes",
                Some("It cannot close before it is due. Choose a later time, or leave this empty.".into()),
            );
        }
        if !(0..=100).contains(&self.late_percent_per_day) {
            wrong(
                "late_percent",
                Some("The deduction lies between 0 and 100 percent.".into()),
            );
        }
        errors
    }

    pub fn tidy(mut self) -> Self {
        self.title = text::tidy_line(&self.title);
        self.instructions = text::tidy(&self.instructions);
        self
    }
}

/// The same as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignmentForm {
    pub title: String,
    pub instructions: String,
    /// Wall clock of the institution: `2026-06-10T14:14`.
    pub due: String,
    pub closes: String,
    pub late_percent: String,
    /// Anything but empty is yes.
    pub show_distribution: String,
}

impl AssignmentForm {
    /// Reads and checks; `instant` turns a wall clock into an instant.
    pub fn read(&self, instant: impl Fn(&str) -> Option<Timestamp>) -> Result<AssignmentContent, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut date = |field: &str, typed: &str| match typed.trim() {
            "" => None,
            typed => instant(typed).or_else(|| {
                let message = "This date could not be read. Write it as 2026-06-10T14:00, or leave it empty.".into();
                errors.push(FieldError {
                    field: field.into(),
                    message,
                });
                None
            }),
        };
        let (due_at, closes_at) = (date("due", &self.due), date("closes", &self.closes));
        let percent = self.late_percent.trim().trim_end_matches('%').trim_end();
        let late_percent_per_day = match percent {
            "" => 0,
            typed => typed.parse().unwrap_or_else(|_| {
                let message = "Write the deduction as a whole number, such as 10.".into();
                errors.push(FieldError {
                    field: "late_percent".into(),
                    message,
                });
                0
            }),
        };
        let content = AssignmentContent {
            title: self.title.clone(),
            instructions: self.instructions.clone(),
            due_at,
            closes_at,
            late_percent_per_day,
            show_distribution: !self.show_distribution.is_empty(),
        }
        .tidy();
        errors.extend(content.check());
        if errors.is_empty() { Ok(content) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Option<Timestamp> {
        crate::time::parse_input(text).map(Timestamp)
    }

    fn form() -> AssignmentForm {
        AssignmentForm {
            title: " Midterm ".into(),
            instructions: "Two lines.\r\nIn your own words.\r\n".into(),
            due: "2026-06-10T14:00".into(),
            closes: "2026-06-12T14:00".into(),
            late_percent: "10 %".into(),
            show_distribution: "on".into(),
        }
    }

    #[test]
    fn a_good_form_is_read_and_tidied() {
        let content = form().read(instant).expect("nothing wrong");
        assert_eq!(content.title, "Midterm");
        assert_eq!(content.instructions, "Two lines.\nIn your own words.");
        assert_eq!(content.late_percent_per_day, 10);
        assert!(content.show_distribution && content.due_at < content.closes_at);
    }

    #[test]
    fn every_field_is_checked_at_once() {
        let bad = AssignmentForm {
            title: " ".into(),
            instructions: "null\0".into(),
            due: "tomorrow".into(),
            closes: "1815-06-18T11:35".into(),
            late_percent: "a lot".into(),
            show_distribution: String::new(),
        };
        let errors = bad.read(instant).expect_err("everything wrong");
        let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["closes", "due", "instructions", "late_percent", "title"]);
    }

    #[test]
    fn it_cannot_close_before_it_is_due() {
        let errors = AssignmentForm {
            closes: "2026-06-10T13:59".into(),
            ..form()
        }
        .read(instant)
        .expect_err("too early");
        assert_eq!(errors[0].field, "closes");
        let same = AssignmentForm {
            closes: "2026-06-10T14:00".into(),
            ..form()
        };
        assert!(same.read(instant).is_ok());
        assert!(
            AssignmentForm {
                due: String::new(),
                ..form()
            }
            .read(instant)
            .is_ok()
        );
    }

    #[test]
    fn a_deduction_is_a_share() {
        for bad in ["101", "-1", "1e9", "99999999999999"] {
            assert!(
                AssignmentForm {
                    late_percent: bad.into(),
                    ..form()
                }
                .read(instant)
                .is_err(),
                "{bad}"
            );
        }
        assert_eq!(
            AssignmentForm {
                late_percent: String::new(),
                ..form()
            }
            .read(instant)
            .map(|c| c.late_percent_per_day),
            Ok(0)
        );
    }

    proptest! {
        #[test]
        fn any_form_is_read_or_refused_with_reasons(title in ".{0,250}", due in ".{0,20}", percent in ".{0,8}") {
            let form = AssignmentForm { title, due, late_percent: percent, ..AssignmentForm::default() };
            match form.read(instant) {
                Ok(content) => prop_assert!(content.check().is_empty()),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }
}

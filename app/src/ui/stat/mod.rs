//! Numbers that matter, large and calm; they tick towards a new value instead of jumping.

use super::{Tone, script};
use leptos::prelude::*;

/// A number with its digits in groups of three, parted by a thin space that reads the same in every language.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::with_capacity(digits.len() + 8);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A count that ticks to its new value within a few frames; under reduced motion it changes at once.
/// Many changes between two frames cost one update.
#[component]
pub fn Count(#[prop(into)] value: Signal<u64>) -> impl IntoView {
    let shown = RwSignal::new(value.get_untracked());
    let ticking = StoredValue::new(false);
    Effect::new(move |_| {
        value.track();
        if script::reduced_motion() {
            shown.set(value.get_untracked());
        } else if !ticking.get_value() {
            tick(value, shown, ticking);
        }
    });
    view! { <span class="count">{move || grouped(shown.get())}</span> }
}

/// A quarter of the way each frame, at least one step; stops by itself when it has arrived or the page has gone.
fn tick(value: Signal<u64>, shown: RwSignal<u64>, ticking: StoredValue<bool>) {
    let (Some(goal), Some(now)) = (value.try_get_untracked(), shown.try_get_untracked()) else {
        return;
    };
    let arrived = goal == now;
    ticking.try_set_value(!arrived);
    if !arrived {
        let step = (goal.abs_diff(now) / 4).max(1);
        shown.try_set(if goal > now { now + step } else { now - step });
        request_animation_frame(move || tick(value, shown, ticking));
    }
}

/// One figure with its name. With `href` the whole tile leads to its cause.
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<u64>,
    #[prop(optional, into)] unit: Option<String>,
    #[prop(optional, into)] note: Signal<String>,
    #[prop(optional, into)] tone: Signal<Tone>,
    #[prop(optional, into)] href: Option<String>,
) -> impl IntoView {
    let name = match href {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <div class=move || ["stat ", tone.get().class()].concat()>
            <span class="stat-label">{name}</span>
            <span class="stat-value"><Count value/>{unit.map(|unit| view! { <span class="stat-unit">{unit}</span> })}</span>
            <span class="stat-note">{move || note.get()}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_are_grouped_from_five_on() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234), "1234");
        assert_eq!(grouped(12345), "12\u{202f}345");
        assert_eq!(grouped(1234567), "1\u{202f}234\u{202f}567");
    }
}

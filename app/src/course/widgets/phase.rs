//! Where an assignment stands, and when.

use crate::assignment::model::Phase;
use crate::time::Moment;
use crate::ui::{Badge, Glyph, Time, Tone};
use leptos::prelude::*;

/// The phase in one word.
#[component]
pub fn PhaseBadge(phase: Phase) -> impl IntoView {
    let (tone, glyph, word) = match phase {
        Phase::Draft => (Tone::Neutral, Glyph::Pen, "Draft"),
        Phase::Open => (Tone::Accent, Glyph::Play, "Open"),
        Phase::Late => (Tone::Late, Glyph::Clock, "Late"),
        Phase::Closed => (Tone::Neutral, Glyph::Lock, "Closed"),
        Phase::Published => (Tone::Human, Glyph::Check, "Grades published"),
    };
    view! { <Badge tone icon=glyph>{word}</Badge> }
}

/// A date and time with its zone on hover; a dash when there is none.
#[component]
pub fn When(at: Option<Moment>) -> impl IntoView {
    match at {
        Some(at) => {
            view! { <Time at=at.rfc3339() text=at.day_time() full=format!("{} ({})", at.date_time(), at.zone())/> }
                .into_any()
        }
        None => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

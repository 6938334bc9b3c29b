//! Where an assignment stands, in a word.

use crate::assignment::model::Phase;
use crate::ui::*;
use leptos::prelude::*;

/// Draft, open, late, closed or published.
#[component]
pub fn PhaseBadge(phase: Phase) -> impl IntoView {
    let (tone, icon, word) = match phase {
        Phase::Draft => (Tone::Neutral, Glyph::Pen, "Draft"),
        Phase::Open => (Tone::Right, Glyph::Play, "Open"),
        Phase::Late => (Tone::Late, Glyph::Clock, "Late answers"),
        Phase::Closed => (Tone::Neutral, Glyph::Lock, "Closed"),
        Phase::Published => (Tone::Human, Glyph::Check, "Grades published"),
    };
    view! { <Badge tone icon>{word}</Badge> }
}

//! Something under way, and a level.

use super::{Tone, chart::percent};
use leptos::prelude::*;

/// Something under way. Leave `value` out while nobody knows how far it is; never invent a number.
#[component]
pub fn Progress(
    #[prop(into)] label: String,
    #[prop(optional, into)] value: Option<Signal<f64>>,
    #[prop(default = 1.0)] max: f64,
    /// The figures in words, such as "3 of 12 files".
    #[prop(optional, into)]
    note: Signal<String>,
    #[prop(default = Tone::Accent)] tone: Tone,
) -> impl IntoView {
    let name = label.clone();
    view! {
        <div class=["progress ", tone.class()].concat()>
            <div class="progress-words"><span>{label}</span><span class="progress-note">{move || note.get()}</span></div>
            <progress aria-label=name max=max.to_string() value=move || value.map(|value| value.get().to_string())></progress>
        </div>
    }
}

/// How full or how good something is.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<f64>,
    #[prop(default = Signal::stored(1.0), into)] max: Signal<f64>,
    #[prop(optional, into)] note: Signal<String>,
    #[prop(default = Signal::stored(Tone::Accent), into)] tone: Signal<Tone>,
    /// For rows whose label stands beside the meter already.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    let name = label.clone();
    view! {
        <div class=move || ["meter ", tone.get().class()].concat()>
            <div class="progress-words" class:visually-hidden=hide_label>
                <span>{label}</span>
                <span class="progress-note">{move || note.get()}</span>
            </div>
            <svg
                class="meter-bar"
                role="meter"
                aria-label=name
                aria-valuemin="0"
                aria-valuemax=move || max.get().to_string()
                aria-valuenow=move || value.get().to_string()
                aria-valuetext=move || Some(note.get()).filter(|words| !words.is_empty())
            >
                <rect class="meter-level" height="100%" width=move || percent(value.get(), max.get())></rect>
            </svg>
        </div>
    }
}

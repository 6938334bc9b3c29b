//! A moment, short to read and exact to hover.

use leptos::prelude::*;

/// Shows `text` ("in 3 hours"); hovering or a screen reader gives `full`; machines read `at` (RFC 3339).
#[component]
pub fn Time(
    #[prop(into)] at: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] full: Signal<String>,
) -> impl IntoView {
    let title = move || Some(full.get()).filter(|words| !words.is_empty());
    view! { <time datetime=move || at.get() title=title>{move || text.get()}</time> }
}

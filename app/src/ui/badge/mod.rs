//! A state in one word: icon, word and colour together.

use super::{Glyph, Icon, Tone};
use leptos::prelude::*;

/// A small label. The icon follows from the tone unless given.
#[component]
pub fn Badge(
    #[prop(optional, into)] tone: Signal<Tone>,
    #[prop(optional)] icon: Option<Glyph>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=move || ["badge ", tone.get().class()].concat()>
            {move || view! { <Icon glyph=icon.unwrap_or(tone.get().glyph())/> }}
            <span>{children()}</span>
        </span>
    }
}

//! A calm strip across the page: offline, maintenance, demo, a thing to know.

use super::{Glyph, Icon, Tone};
use leptos::prelude::*;

/// A strip. `urgent` makes a screen reader interrupt; otherwise it waits its turn.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] title: Option<String>,
    #[prop(optional)] urgent: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let glyph = icon.unwrap_or(if tone == Tone::Neutral {
        Glyph::Info
    } else {
        tone.glyph()
    });
    view! {
        <div class=["notice ", tone.class()].concat() role=if urgent { "alert" } else { "status" }>
            <Icon glyph/>
            <div class="notice-text">
                {title.map(|title| view! { <strong>{title}" "</strong> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}

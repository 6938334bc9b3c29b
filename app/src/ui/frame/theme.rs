//! Light, dark, or as the system wishes.

use crate::ui::{Glyph, Icon, script, words};
use leptos::prelude::*;

/// Three buttons. Hidden without script: then the system's wish holds.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let now = RwSignal::new(String::new());
    Effect::new(move |_| now.set(script::theme()));
    let words = words();
    let choices = [
        ("light", words.light, Glyph::Sun),
        ("", words.as_system, Glyph::System),
        ("dark", words.dark, Glyph::Moon),
    ];
    let buttons = choices
        .map(|(theme, label, glyph)| {
            let choose = move |_| {
                script::set_theme(theme);
                now.set(theme.to_owned());
            };
            let chosen = move || if now.with(|now| now == theme) { "true" } else { "false" };
            view! {
                <button type="button" title=label aria-label=label aria-pressed=chosen on:click=choose><Icon glyph/></button>
            }
        })
        .into_iter()
        .collect_view();
    view! { <div class="theme-switch needs-script" role="group" aria-label=words.theme>{buttons}</div> }
}

//! The icon set: one stroke, one path each, on a 24-unit grid. Icons decorate; words speak.

mod glyph;

pub use glyph::Glyph;
use leptos::prelude::*;

/// An icon the size of the text around it; small and drawn in outline even where the stylesheet did not arrive.
/// Hidden from screen readers unless `label` says what it stands for.
#[component]
pub fn Icon(
    glyph: Glyph,
    /// Say this instead of staying silent; only for an icon that stands alone.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let silent = label.is_none().then_some("true");
    let role = label.is_some().then_some("img");
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" aria-hidden=silent role=role aria-label=label focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}

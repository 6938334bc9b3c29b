//! Every component in every state, on one page, for looking at. The words are examples and say so.

mod asking;
mod charts;
mod doing;
mod showing;
mod states;
mod voices;

use super::{Badge, Crumb, PageHeader, Tone};
use leptos::prelude::*;

/// The page at `/gallery`.
#[component]
pub fn GalleryPage() -> impl IntoView {
    view! {
        <PageHeader
            title="Gallery"
            lead="Each house component in each of its states. All names and figures here are examples."
            trail=vec![Crumb::new("Home", "/"), Crumb::here("Gallery")]
            badge=|| view! { <Badge tone=Tone::Accent>"For builders"</Badge> }
        />
        <div class="stack-loose stack">
            <doing::Doing/>
            <asking::Asking/>
            <voices::Voices/>
            <charts::Charts/>
            <showing::Showing/>
            <states::States/>
        </div>
    }
}

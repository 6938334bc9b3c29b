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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::GalleryPage;
    use leptos::prelude::*;
    use std::collections::HashSet;

    fn gallery() -> String {
        Owner::new().with(|| view! { <GalleryPage /> }.to_html())
    }

    #[test]
    fn nothing_needs_what_the_content_security_policy_forbids() {
        let html = gallery();
        for forbidden in [" style=", " onclick=", " oninput=", "<script", "javascript:"] {
            assert!(!html.contains(forbidden), "the gallery contains {forbidden}");
        }
    }

    #[test]
    fn every_id_is_there_once() {
        let html = gallery();
        let mut seen = HashSet::new();
        for id in html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(seen.insert(id.to_owned()), "the id {id} is there twice");
        }
        assert!(seen.len() > 20);
    }

    #[test]
    fn two_drawings_are_the_same() {
        assert_eq!(gallery(), gallery(), "hydration needs the same markup every time");
    }
}

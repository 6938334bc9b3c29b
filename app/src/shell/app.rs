//! The frame around every page, and the router inside it.

use super::viewer;
use crate::drafts;
use crate::routes::Pages;
use crate::tour::TourBar;
use crate::ui::{Frame, Glyph, Notice, Place, Tone, UserMenu};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

/// The whole application below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    if use_context::<crate::account::model::Viewer>().is_none() {
        viewer::provide();
    }
    // Says that clicks are handled here from now on; the browser tests wait for it.
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "true");
        }
    });
    view! {
        <Title text="" formatter=titled />
        <Router>
            <Framed />
        </Router>
    }
}

#[component]
fn Framed() -> impl IntoView {
    let viewer = viewer::viewer();
    let path = use_location().pathname;
    let person = viewer.user.clone();
    let user = move || {
        match person.clone() {
        Some(person) => view! {
            <UserMenu name=person.name detail=person.email>
                <a href="/profile">"Profile"</a>
                <a href="/tour">"Take a tour"</a>
                <form method="post" action="/rpc/account/sign_out" on:submit=|_| drafts::forget_all()><button type="submit">"Sign out"</button></form>
            </UserMenu>
        }
        .into_any(),
        None => view! { <a href="/sign-in" rel="external">"Sign in"</a> }.into_any(),
    }
    };
    let notices = move || {
        let demo = viewer.demo.then(|| {
            view! { <Notice tone=Tone::Neutral icon=Glyph::Info title="Demo">"Everybody and everything here is invented."</Notice> }
        });
        let password = viewer
            .user
            .as_ref()
            .is_some_and(|person| person.must_change_password)
            .then(|| {
                view! {
                    <Notice tone=Tone::Review icon=Glyph::Key title="One-time password">
                        "Please " <a href="/profile#password">"choose a password of your own"</a> "."
                    </Notice>
                }
            });
        let maintenance = viewer.maintenance.clone().map(|window| {
            let tone = if window.active { Tone::Late } else { Tone::Review };
            view! { <Notice tone icon=Glyph::Clock title=window.title()>{window.words()}</Notice> }
        });
        let unverified = viewer.unverified.then(|| {
            view! {
                <Notice tone=Tone::Review icon=Glyph::Mail title="Confirm your e-mail address">
                    "Open the link in the mail we sent you, or " <a href="/verify-email" rel="external">"ask for it again"</a> "."
                </Notice>
            }
        });
        view! { {maintenance} {demo} {password} {unverified} <TourBar /> }
    };
    view! {
        <Frame brand="Auto-Grader" home="/" places=places() current=path user notices>
            <Pages />
        </Frame>
    }
}

fn places() -> Vec<Place> {
    let help = Place::new("Help", "/help", Glyph::Info);
    let Some(person) = viewer::signed_in() else {
        return vec![help];
    };
    let mut places = vec![
        Place::new("Home", "/", Glyph::Home).exact(),
        Place::new("Courses", "/courses", Glyph::Book),
        Place::new("Notifications", "/notifications", Glyph::Bell)
            .count(RwSignal::new(u64::from(viewer::viewer().unread))),
    ];
    if person.is_admin {
        places.push(Place::new("Administration", "/admin", Glyph::Gear));
    }
    places.push(help);
    places
}

/// The title of the window. On the server it is written into the HTML as it stands, so what people typed is escaped here.
fn titled(title: String) -> String {
    let title = if cfg!(feature = "ssr") {
        title.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        title
    };
    if title.is_empty() {
        "Auto-Grader".into()
    } else {
        format!("{title} · Auto-Grader")
    }
}

//! Who is looking: computed once with the page, the same on both faces.

use crate::account::model::{Person, Viewer};
use leptos::prelude::*;

/// Provides the viewer to the whole page. The server writes it into the HTML, the browser reads it from there.
pub fn provide() {
    let viewer = SharedValue::new(current).into_inner();
    provide_context(viewer);
}

/// The viewer of this page.
pub fn viewer() -> Viewer {
    use_context::<Viewer>().unwrap_or_default()
}

/// The signed-in person, if any.
pub fn signed_in() -> Option<Person> {
    viewer().user
}

/// What the server has found out for the frame of a page; see its `layers/announce.rs`.
#[cfg(feature = "ssr")]
#[derive(Clone, Default)]
pub struct Announcements {
    pub maintenance: Option<crate::maintenance::model::Announcement>,
    pub unread: u32,
    pub unverified: bool,
    pub mail: bool,
}

#[cfg(feature = "ssr")]
fn current() -> Viewer {
    use crate::platform::Ctx;
    let Some(parts) = use_context::<::http::request::Parts>() else {
        return Viewer::default();
    };
    let Some(ctx) = parts.extensions.get::<Ctx>() else {
        return Viewer::default();
    };
    let found = parts.extensions.get::<Announcements>().cloned().unwrap_or_default();
    Viewer {
        user: ctx.actor.as_deref().map(crate::account::service::person),
        institution: ctx.institution.name.clone(),
        demo: ctx.institution.demo,
        self_registration: ctx.institution.self_registration,
        theme: theme(&parts).unwrap_or_default(),
        maintenance: found.maintenance,
        unread: found.unread,
        unverified: found.unverified,
        mail: found.mail,
    }
}

#[cfg(feature = "ssr")]
fn theme(parts: &::http::request::Parts) -> Option<String> {
    let cookies = parts.headers.get(::http::header::COOKIE)?.to_str().ok()?;
    let value = cookies
        .split(';')
        .filter_map(|pair| pair.trim().strip_prefix("theme="))
        .next()?;
    matches!(value, "light" | "dark").then(|| value.to_owned())
}

#[cfg(not(feature = "ssr"))]
fn current() -> Viewer {
    Viewer::default()
}

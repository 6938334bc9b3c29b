//! How a page shows what it loads: a skeleton, then the content, or what went wrong and what to do.

use crate::error::{AppError, AppResult, ErrorKind};
use crate::ui::{ErrorState, ErrorSummary, FieldError, Skeleton, SkeletonShape};
use leptos::either::Either;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// The content once it is there; while it reloads, the old content stays.
pub fn loaded<T, V>(resource: Resource<AppResult<T>>, view: impl Fn(T) -> V + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
{
    let view = Arc::new(view);
    view! {
        <Transition fallback=|| view! { <Skeleton shape=SkeletonShape::Rows count=5 /> }>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(value) => Either::Left(view(value)),
                        Err(error) => Either::Right(view! { <ErrorView error /> }),
                    }
                })
            }}
        </Transition>
    }
}

/// An error in place of a page's content. Without a session it leads to the sign-in page and back.
#[component]
pub fn ErrorView(error: AppError) -> impl IntoView {
    let here = leptos_router::hooks::use_location();
    let path = here.pathname.get_untracked();
    if error.kind == ErrorKind::SignIn {
        let target = format!("/sign-in?next={}", encode(&path));
        redirect(&target);
        return view! { <p><a href=target rel="external">"Sign in to continue"</a></p> }.into_any();
    }
    let safe = match error.kind {
        ErrorKind::Internal | ErrorKind::Unavailable => "Nothing was changed.",
        _ => "",
    };
    let todo = match error.kind {
        ErrorKind::NotFound => "Check the address, or go back to where you came from.",
        ErrorKind::Forbidden => {
            "If you should be able to see this, ask the teacher of the course or your administrator."
        }
        ErrorKind::Unavailable | ErrorKind::Internal => "Try again in a minute.",
        _ => "",
    };
    // Trying again helps only where something may have passed.
    let retry = match error.kind {
        ErrorKind::NotFound | ErrorKind::Forbidden => String::new(),
        _ => path,
    };
    view! {
        <leptos_meta::Title text=error.kind.title() />
        <h1 class="visually-hidden">{error.kind.title()}</h1>
        <ErrorState title=format!("{}: {}", error.kind.title(), error.message) safe todo incident=error.incident.clone().unwrap_or_default() retry />
    }
    .into_any()
}

/// The errors of a form's last try, above the form.
#[component]
pub fn FormError(
    /// The action's error, if its last run failed.
    #[prop(into)]
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let errors = Signal::derive(move || match error.get() {
        None => Vec::new(),
        Some(error) if error.fields.is_empty() => vec![FieldError::new("", error.message)],
        Some(error) => error
            .fields
            .into_iter()
            .map(|field| FieldError::new(field.field, field.message))
            .collect(),
    });
    view! { <ErrorSummary errors /> }
}

/// A path as a query value.
fn encode(path: &str) -> String {
    path.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(feature = "ssr")]
fn redirect(target: &str) {
    leptos_axum::redirect(target);
}

#[cfg(not(feature = "ssr"))]
fn redirect(target: &str) {
    if let Some(window) = web_sys::window() {
        // The document must be loaded anew: somebody else may be signed in now.
        let _ = window.location().set_href(target);
    }
}

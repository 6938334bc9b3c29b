//! How a page shows what it loads: a skeleton, then the content, or what went wrong and what to do.

use crate::error::{AppError, AppResult, ErrorKind};
use crate::ui::{Button, ErrorState, ErrorSummary, FieldError, Glyph, Notice, Skeleton, SkeletonShape, Tone};
use leptos::either::Either;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// The content once it is there; while it reloads, the old content stays. It stays as well, with what was typed into it, when reloading
/// fails for a reason that may pass; the error stands above it then.
pub fn loaded<T, V>(resource: Resource<AppResult<T>>, view: impl Fn(T) -> V + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| view! { <Skeleton shape=SkeletonShape::Rows count=5 /> }>
            <Kept resource view=Arc::new(view) flows=false/>
        </Transition>
    }
}

/// The same for content that is drawn once: what is loaded later flows into it, so that rows keep their place, their fields and the focus.
pub fn followed<T, V>(
    resource: Resource<AppResult<T>>,
    view: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
{
    let drawn = StoredValue::new(None::<RwSignal<T>>);
    Effect::new(move |_| {
        let Some(Ok(news)) = resource.get() else { return };
        if let Some(now) = drawn.get_value()
            && now.try_with_untracked(|now| *now != news) == Some(true)
        {
            now.set(news);
        }
    });
    let view = move |first: T| {
        let now = RwSignal::new(first);
        drawn.set_value(Some(now));
        view(now.into())
    };
    view! {
        <Transition fallback=|| view! { <Skeleton shape=SkeletonShape::Rows count=5 /> }>
            <Kept resource view=Arc::new(view) flows=true/>
        </Transition>
    }
}

#[component]
fn Kept<T, V, F>(
    resource: Resource<AppResult<T>>,
    view: Arc<F>,
    /// Whether newer content flows into what is drawn.
    flows: bool,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
{
    let standing = Memo::new(move |before: Option<&Standing>| {
        let news = resource.with(|value| value.as_ref().map(|value| value.as_ref().err().cloned()));
        Standing::after(before.cloned().unwrap_or_default(), news, flows)
    });
    let drawn = Memo::new(move |_| standing.with(|standing| standing.drawn));
    view! {
        {move || standing.with(|standing| standing.error.clone()).map(|error| view! { <Meanwhile error again=move || resource.refetch()/> })}
        {move || {
            let view = view.clone();
            let show = move |value| match value {
                Ok(value) => Either::Left(view(value)),
                Err(error) => Either::Right(view! { <ErrorView error /> }),
            };
            // Drawn anew when there is something new to draw, and not whenever something was tried. At once then: were the next load waited for,
            // what stands there would take clicks and words and do nothing with them.
            match (drawn.get() > 0).then(|| resource.get_untracked()).flatten() {
                Some(value) => Either::Left(untrack(|| show(value))),
                None => Either::Right(Suspend::new(ScopedFuture::new_untracked(async move { show(resource.await) }))),
            }
        }}
    }
}

/// How it stands with a page's content.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    /// How often something else was to be drawn than what the page came with.
    drawn: u32,
    /// None before the first answer; then whether there is content.
    content: Option<bool>,
    /// Why the content is not the newest.
    error: Option<AppError>,
}

impl Standing {
    /// `news` is none while nothing has been loaded, and then the error, if there is one. What flows needs not be drawn again.
    fn after(self, news: Option<Option<AppError>>, flows: bool) -> Standing {
        let Some(error) = news else { return self };
        if self.content == Some(true) && error.as_ref().is_some_and(may_pass) {
            return Standing { error, ..self };
        }
        let there = flows && self.content == Some(true) && error.is_none();
        Standing {
            drawn: self.drawn + u32::from(self.content.is_some() && !there),
            content: Some(error.is_none()),
            error: None,
        }
    }
}

/// Whether the error says nothing about what is already on the page.
fn may_pass(error: &AppError) -> bool {
    matches!(
        error.kind,
        ErrorKind::SignIn | ErrorKind::TooMany | ErrorKind::Unavailable | ErrorKind::Internal
    )
}

/// What went wrong while the page keeps showing what it had.
#[component]
fn Meanwhile(error: AppError, again: impl Fn() + Send + Sync + 'static) -> impl IntoView {
    let signed_out = error.kind == ErrorKind::SignIn;
    let address = sign_in_address();
    let title = format!("{}: {}", error.kind.title(), error.message);
    view! {
        <Notice tone=Tone::Late urgent=true icon=Glyph::Warning title>
            <p>"Below is what was here before."</p>
            <div class="row">
                // In another tab: what was typed stays on this one.
                {signed_out.then(|| view! { <a href=address rel="external" target="_blank">"Sign in in another tab"</a> })}
                <Button on_click=move |_| again()>"Try again"</Button>
            </div>
        </Notice>
    }
}

/// How often an action has changed something: what a page reloads on. A failure changes nothing, unless somebody else was faster.
pub fn changes<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Memo::new(move |before: Option<&usize>| {
        let tried = action.version().get();
        let changed = action.value().with(|value| match value {
            Some(Ok(_)) => true,
            Some(Err(error)) => error.kind == ErrorKind::Conflict,
            None => false,
        });
        if changed {
            tried
        } else {
            before.copied().unwrap_or_default()
        }
    })
}

/// An error in place of a page's content. Without a session it leads to the sign-in page and back.
#[component]
pub fn ErrorView(error: AppError) -> impl IntoView {
    if error.kind == ErrorKind::SignIn {
        let target = sign_in_address();
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
        _ => here(),
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

/// This page, as the address says it.
fn here() -> String {
    let here = use_location();
    let (path, search) = (here.pathname.get_untracked(), here.search.get_untracked());
    let mark = if search.is_empty() || search.starts_with('?') {
        ""
    } else {
        "?"
    };
    format!("{path}{mark}{search}")
}

/// Where one signs in and comes back to this page.
pub fn sign_in_address() -> String {
    format!("/sign-in?next={}", encode(&here()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_stays_when_reloading_fails_for_a_while() {
        let away = || Some(Some(AppError::unavailable("away")));
        let gone = || Some(Some(AppError::not_found("The course")));
        let first = Standing::default().after(None, false).after(Some(None), false);
        assert_eq!((first.drawn, first.content, &first.error), (0, Some(true), &None));
        let failed = first.clone().after(away(), false);
        assert_eq!((failed.drawn, failed.content), (0, Some(true)));
        assert!(failed.error.is_some());
        let back = failed.after(Some(None), false);
        assert_eq!((back.drawn, back.content, &back.error), (1, Some(true), &None));
        // What is gone is not shown any longer, and what never was there cannot stay.
        let left = back.after(gone(), false);
        assert_eq!((left.drawn, left.content), (2, Some(false)));
        let never = Standing::default().after(away(), false);
        assert_eq!((never.drawn, never.content, &never.error), (0, Some(false), &None));
        assert_eq!(never.after(Some(None), false).drawn, 1);
    }

    #[test]
    fn what_flows_is_drawn_once() {
        let news = || Some(None);
        let first = Standing::default().after(news(), true);
        let second = first.clone().after(news(), true);
        assert_eq!((first.drawn, second.drawn), (0, 0));
        assert_eq!(first.clone().after(news(), false).drawn, 1);
        // After something else stood there it is drawn again.
        let gone = second.after(Some(Some(AppError::not_found("The course"))), true);
        assert_eq!(gone.drawn, 1);
        assert_eq!(gone.after(news(), true).drawn, 2);
    }

    #[test]
    fn an_address_travels_whole() {
        assert_eq!(
            encode("/a/b?question=1&state=sample"),
            "/a/b%3Fquestion%3D1%26state%3Dsample"
        );
    }
}

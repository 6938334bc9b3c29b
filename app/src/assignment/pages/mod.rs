//! The pages on which staff write an assignment.

mod edit;
mod new;

pub use edit::EditAssignmentPage;
pub use new::NewAssignmentPage;

use crate::error::{AppError, AppResult};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use std::str::FromStr;

/// The id in the page's address; `what` begins the error when it is none: `The assignment`.
pub(crate) fn id_in_path<T>(name: &'static str, what: &'static str) -> Memo<AppResult<T>>
where
    T: FromStr + Clone + PartialEq + Send + Sync + 'static,
{
    let params = use_params_map();
    Memo::new(move |_| {
        params
            .with(|params| params.get(name))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| AppError::not_found(what))
    })
}

/// One value of the query, such as `saved` in `?done=saved`.
pub(crate) fn in_query(name: &'static str) -> Signal<Option<String>> {
    let query = use_query_map();
    Signal::derive(move || query.with(|query| query.get(name)))
}

/// Loads by an id that may be none; then the page has the status that goes with the error.
pub(crate) async fn load<I, T, F>(id: AppResult<I>, fetch: impl FnOnce(I) -> F) -> AppResult<T>
where
    F: Future<Output = AppResult<T>>,
{
    match id {
        Ok(id) => fetch(id).await,
        Err(error) => {
            #[cfg(feature = "ssr")]
            crate::platform::http::set_status(&error);
            Err(error)
        }
    }
}

/// The error of an action's last run, if it failed.
pub(crate) fn failure<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: leptos::server_fn::ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned())))
}

/// Counts an action's successes, for resources that should then load again. A failure loads nothing and so loses nothing.
pub(crate) fn successes<S>(action: ServerAction<S>) -> Memo<u32>
where
    S: leptos::server_fn::ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let (value, version) = (action.value(), action.version());
    Memo::new(move |before: Option<&u32>| {
        version.track();
        let before = before.copied().unwrap_or(0);
        before + u32::from(value.with(|value| matches!(value, Some(Ok(_)))))
    })
}

//! What a form's last try said, with and without script.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The error of the action's last run.
pub fn failure<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|last| last.as_ref().and_then(|result| result.as_ref().err().cloned())))
}

/// What is wrong with one field.
pub fn wrong(failure: Signal<Option<AppError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || failure.with(|error| error.as_ref().and_then(|error| error.for_field(field))))
}

/// Counts the action's successes, so that a list is read again after one, and a form is left alone after a failure.
pub fn done<S>(action: ServerAction<S>) -> Signal<u32>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let (value, version) = (action.value(), action.version());
    // Each run counts once, however often its parts are looked at.
    let counted = Memo::new(move |before: Option<&(usize, u32)>| {
        let (run, number) = before.copied().unwrap_or_default();
        let now = version.get();
        let went_well = value.with(|last| matches!(last, Some(Ok(_))));
        if now != run && went_well {
            (now, number + 1)
        } else {
            (run, number)
        }
    });
    Signal::derive(move || counted.get().1)
}

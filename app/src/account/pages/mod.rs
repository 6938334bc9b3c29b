//! Signing in, registering, and the profile.

mod forgot;
mod profile;
mod register;
mod sign_in;
mod verify;

pub use forgot::{ForgotPasswordPage, ResetPasswordPage};
pub use profile::ProfilePage;
pub use register::RegisterPage;
pub use sign_in::SignInPage;
pub use verify::VerifyEmailPage;

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// The error with which a plain form of `F` came back, if it did.
pub(crate) fn came_back<F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static>() -> Signal<Option<AppError>>
where
    F::Output: Send + Sync + 'static,
{
    let action = ServerAction::<F>::new();
    Signal::derive(move || {
        action
            .value()
            .with(|last| last.as_ref().and_then(|result| result.as_ref().err().cloned()))
    })
}

/// The `next` of the address: where to go afterwards.
fn next() -> Option<String> {
    use_query_map().with_untracked(|query| query.get("next"))
}

//! The sign-in page.

use super::{came_back, next};
use crate::account::api::SignIn;
use crate::error::ErrorKind;
use crate::shell::{FormError, viewer};
use crate::ui::{Button, FormActions, InputKind, Notice, PageHeader, TextField, Tone, Variant};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn SignInPage() -> impl IntoView {
    let error = came_back::<SignIn>();
    let viewer = viewer();
    let address = SharedValue::new(typed_before).into_inner();
    let changed = use_query_map().with_untracked(|query| query.get("changed").is_some());
    // The only conflict signing in knows: the address must be confirmed first.
    let unconfirmed = move || {
        let waits = error.get().is_some_and(|error| error.kind == ErrorKind::Conflict);
        waits.then(|| view! { <p><a href="/verify-email" rel="external">"Confirm your address"</a></p> })
    };
    let register = viewer.self_registration.then(|| {
        view! { <p class="muted">"New here? " <a href="/register" rel="external">"Create an account"</a> "."</p> }
    });
    view! {
        <Title text="Sign in" />
        <div class="measure stack">
            <PageHeader title="Sign in" lead=viewer.institution.clone() />
            {changed.then(|| view! { <Notice tone=Tone::Right title="Your password is changed">"Sign in with the new one."</Notice> })}
            <FormError error />
            <form method="post" action="/rpc/account/sign_in" class="stack">
                {next().map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <TextField name="email" label="E-mail" kind=InputKind::Email value=address required=true autocomplete="username" />
                <TextField name="password" label="Password" kind=InputKind::Password required=true autocomplete="current-password" />
                <FormActions>
                    <Button variant=Variant::Primary>"Sign in"</Button>
                </FormActions>
            </form>
            <p class="muted"><a href="/forgot-password" rel="external">"Forgotten password?"</a></p>
            {unconfirmed}
            {register}
        </div>
    }
}

/// The address of a try that failed, so that only the password has to be typed again.
#[cfg(feature = "ssr")]
fn typed_before() -> String {
    crate::account::typed::take().unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn typed_before() -> String {
    String::new()
}

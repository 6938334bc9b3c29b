//! The sign-in page.

use super::{came_back, next};
use crate::account::api::SignIn;
use crate::shell::{FormError, viewer};
use crate::ui::{Button, FormActions, InputKind, PageHeader, TextField, Variant};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn SignInPage() -> impl IntoView {
    let error = came_back::<SignIn>();
    let viewer = viewer();
    let register = viewer.self_registration.then(|| {
        view! { <p class="muted">"New here? " <a href="/register" rel="external">"Create an account"</a> "."</p> }
    });
    view! {
        <Title text="Sign in" />
        <div class="measure stack">
            <PageHeader title="Sign in" lead=viewer.institution.clone() />
            <FormError error />
            <form method="post" action="/rpc/account/sign_in" class="stack">
                {next().map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <TextField name="email" label="E-mail" kind=InputKind::Email required=true autocomplete="username" />
                <TextField name="password" label="Password" kind=InputKind::Password required=true autocomplete="current-password" />
                <FormActions>
                    <Button variant=Variant::Primary>"Sign in"</Button>
                </FormActions>
            </form>
            {register}
        </div>
    }
}

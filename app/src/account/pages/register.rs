//! The registration page: anyone may become a student here, unless the institution says otherwise.

use super::{came_back, next};
use crate::account::api::Register;
use crate::shell::{FormError, viewer};
use crate::ui::{Button, FormActions, InputKind, Notice, PageHeader, TextField, Tone, Variant};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn RegisterPage() -> impl IntoView {
    let error = came_back::<Register>();
    let of = move |field: &'static str| {
        Signal::derive(move || error.get().and_then(|e| e.for_field(field)).unwrap_or_default())
    };
    let form = move || {
        view! {
            <FormError error />
            <form method="post" action="/rpc/account/register" class="stack">
                {next().map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <TextField name="name" label="Name" required=true autocomplete="name" error=of("name") />
                <TextField name="email" label="E-mail" kind=InputKind::Email required=true autocomplete="username" error=of("email") />
                <TextField
                    name="password"
                    label="Password"
                    kind=InputKind::Password
                    hint="At least 10 characters. A few unrelated words work well."
                    required=true
                    autocomplete="new-password"
                    error=of("password")
                />
                <FormActions>
                    <Button variant=Variant::Primary>"Create account"</Button>
                </FormActions>
            </form>
            <p class="muted">"You already have an account? " <a href="/sign-in" rel="external">"Sign in"</a> "."</p>
        }
    };
    let closed = || {
        view! {
            <Notice tone=Tone::Neutral title="Accounts are made by your institution">
                "Ask your teacher or your administrator, then " <a href="/sign-in">"sign in"</a> "."
            </Notice>
        }
    };
    view! {
        <Title text="Create an account" />
        <div class="measure stack">
            <PageHeader title="Create an account" lead="Students join with their school e-mail. Your teacher then adds you to the course." />
            {if viewer().self_registration { form().into_any() } else { closed().into_any() }}
        </div>
    }
}

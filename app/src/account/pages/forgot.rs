//! Back in by mail: asking for a new password, and choosing it.

use super::came_back;
use crate::account::api::{ForgotPassword, ResetPassword};
use crate::shell::{FormError, viewer};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let error = came_back::<ForgotPassword>();
    let wrong = Signal::derive(move || error.get().and_then(|e| e.for_field("email")).unwrap_or_default());
    let sent = use_query_map().with_untracked(|query| query.get("sent").is_some());
    let content = if !viewer().mail {
        view! {
            <Notice tone=Tone::Neutral icon=Glyph::Info title="This installation sends no mail">
                "Ask your teacher or your administrator for a new password."
            </Notice>
        }
        .into_any()
    } else if sent {
        view! {
            <Notice tone=Tone::Right icon=Glyph::Mail title="Look into your mail">
                "If there is an account with this address, a link is on its way. It works once, for an hour. Look into the spam folder, too."
            </Notice>
            <p class="muted"><a href="/forgot-password" rel="external">"Nothing arrived? Ask again"</a></p>
        }
        .into_any()
    } else {
        view! {
            <FormError error/>
            <form method="post" action="/rpc/account/forgot_password" class="stack">
                <TextField name="email" label="E-mail" kind=InputKind::Email required=true autocomplete="username" error=wrong/>
                <FormActions><Button variant=Variant::Primary>"Send me a link"</Button></FormActions>
            </form>
        }
        .into_any()
    };
    view! {
        <Title text="Forgotten password"/>
        <div class="measure stack">
            <PageHeader title="Forgotten password" lead="We send you a link with which you choose a new one."/>
            {content}
            <p class="muted"><a href="/sign-in" rel="external">"Back to sign in"</a></p>
        </div>
    }
}

#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let error = came_back::<ResetPassword>();
    let wrong = Signal::derive(move || error.get().and_then(|e| e.for_field("password")).unwrap_or_default());
    let token = use_query_map()
        .with_untracked(|query| query.get("token"))
        .unwrap_or_default();
    let content = if token.is_empty() {
        view! { <p>"This link is incomplete. Open it again from the mail, or " <a href="/forgot-password" rel="external">"ask for a new one"</a> "."</p> }.into_any()
    } else {
        view! {
            <FormError error/>
            <form method="post" action="/rpc/account/reset_password" class="stack">
                <input type="hidden" name="token" value=token/>
                <TextField
                    name="password" label="New password" kind=InputKind::Password required=true autocomplete="new-password" error=wrong
                    hint="At least 10 characters. A few unrelated words work well."
                />
                <FormActions><Button variant=Variant::Primary>"Set new password"</Button></FormActions>
            </form>
            <p class="muted">"The link has ended? " <a href="/forgot-password" rel="external">"Ask for a new one"</a> "."</p>
        }
        .into_any()
    };
    view! {
        <Title text="New password"/>
        <div class="measure stack">
            <PageHeader title="New password" lead="You are then signed out everywhere and sign in with it."/>
            {content}
        </div>
    }
}

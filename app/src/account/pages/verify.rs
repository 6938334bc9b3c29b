//! `/verify-email`: confirming an address. Opening the link changes nothing, because mail programs open links by themselves; the button does.

use super::came_back;
use crate::account::api::{ResendVerification, VerifyEmail};
use crate::shell::{FormError, viewer};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let (error, again) = (came_back::<VerifyEmail>(), came_back::<ResendVerification>());
    let wrong = Signal::derive(move || again.get().and_then(|e| e.for_field("email")).unwrap_or_default());
    let viewer = viewer();
    let address = viewer.user.as_ref().map(|user| user.email.clone()).unwrap_or_default();
    let signed_in = viewer.user.is_some();
    let resend = move || {
        view! {
            <FormError error=again/>
            <form method="post" action="/rpc/account/resend_verification" class="stack">
                <TextField name="email" label="E-mail" kind=InputKind::Email value=address required=true autocomplete="username" error=wrong/>
                <FormActions><Button>"Send the link again"</Button></FormActions>
            </form>
        }
    };
    let content = match (query.get("done"), query.get("token"), query.get("sent")) {
        (Some(_), ..) => view! {
            <Notice tone=Tone::Right title="Your address is confirmed">"Thank you."</Notice>
            {if signed_in {
                view! { <p><a href="/" rel="external">"To your first page"</a></p> }.into_any()
            } else {
                view! { <p><a href="/sign-in" rel="external">"Sign in"</a></p> }.into_any()
            }}
        }
        .into_any(),
        (None, Some(token), _) => view! {
            <FormError error/>
            <form method="post" action="/rpc/account/verify_email" class="stack">
                <input type="hidden" name="token" value=token/>
                <FormActions><Button variant=Variant::Primary icon=Glyph::Check>"Confirm my address"</Button></FormActions>
            </form>
            <p class="muted">"The link has ended? " <a href="/verify-email" rel="external">"Ask for a new one"</a> "."</p>
        }
        .into_any(),
        (None, None, Some(_)) => view! {
            <Notice tone=Tone::Right icon=Glyph::Mail title="Look into your mail">
                "If the address waits to be confirmed, a link is on its way. It works for two days. Look into the spam folder, too."
            </Notice>
            <p class="muted"><a href="/verify-email" rel="external">"Nothing arrived? Ask again"</a></p>
        }
        .into_any(),
        (None, None, None) => resend().into_any(),
    };
    view! {
        <Title text="Confirm your address"/>
        <div class="measure stack">
            <PageHeader title="Confirm your address" lead="So that receipts and a forgotten password reach you and nobody else."/>
            {content}
        </div>
    }
}

//! Server functions about the own account. Forms here are plain HTML forms: signing in and out changes who looks at the
//! page, so the whole page is loaded anew, with and without JavaScript.

use crate::account::model;
use crate::error::AppResult;
use crate::ids::TokenId;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "account/sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let signed_in = super::service::sign_in(&ctx, email.clone(), password).await;
        if signed_in.is_err() {
            super::typed::keep(&ctx, &email);
        }
        signed_in
    })
    .await?;
    leptos_axum::redirect(&local(next));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "account/register")]
pub async fn register(email: String, name: String, password: String, next: Option<String>) -> AppResult<()> {
    let registered =
        crate::platform::run(|ctx| async move { super::service::register(&ctx, email, name, password).await }).await?;
    leptos_axum::redirect(&match registered {
        super::service::Registered::SignedIn => local(next),
        super::service::Registered::MustConfirm => "/verify-email?sent=yes".into(),
    });
    Ok(())
}

/// Sends a link for a new password, if there is such an account; says the same if there is none.
#[server(prefix = "/rpc", endpoint = "account/forgot_password")]
pub async fn forgot_password(email: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::recovery::forgot(&ctx, email).await }).await?;
    leptos_axum::redirect("/forgot-password?sent=yes");
    Ok(())
}

/// Sets a new password with the link's token.
#[server(prefix = "/rpc", endpoint = "account/reset_password")]
pub async fn reset_password(token: String, password: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::recovery::reset(&ctx, token, password).await }).await?;
    leptos_axum::redirect("/sign-in?changed=password");
    Ok(())
}

/// Confirms an address with the link's token.
#[server(prefix = "/rpc", endpoint = "account/verify_email")]
pub async fn verify_email(token: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::recovery::verify(&ctx, token).await }).await?;
    leptos_axum::redirect("/verify-email?done=yes");
    Ok(())
}

/// Sends the link that confirms an address again; says the same if there is nothing to confirm.
#[server(prefix = "/rpc", endpoint = "account/resend_verification")]
pub async fn resend_verification(email: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::recovery::resend(&ctx, email).await }).await?;
    leptos_axum::redirect("/verify-email?sent=yes");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "account/sign_out")]
pub async fn sign_out() -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::sign_out(&ctx).await }).await?;
    leptos_axum::redirect("/");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "account/profile")]
pub async fn read_profile() -> AppResult<model::Profile> {
    crate::platform::run(|ctx| async move { super::service::profile(&ctx).await }).await
}

#[server(prefix = "/rpc", endpoint = "account/rename")]
pub async fn rename(name: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::rename(&ctx, name).await }).await?;
    leptos_axum::redirect("/profile");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "account/change_password")]
pub async fn change_password(current: String, new: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::change_password(&ctx, current, new).await }).await?;
    leptos_axum::redirect("/profile?changed=password");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "account/revoke_session")]
pub async fn revoke_session(handle: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::sessions::revoke(&ctx, handle).await }).await?;
    leptos_axum::redirect("/profile");
    Ok(())
}

/// Makes a token and returns its text, this once.
#[server(prefix = "/rpc", endpoint = "account/create_token")]
pub async fn create_token(name: String, scopes: Option<Vec<String>>, days: i64) -> AppResult<String> {
    crate::platform::run(|ctx| async move { super::tokens::create(&ctx, name, scopes.unwrap_or_default(), days).await })
        .await
}

#[server(prefix = "/rpc", endpoint = "account/revoke_token")]
pub async fn revoke_token(id: TokenId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::tokens::revoke(&ctx, id).await }).await?;
    leptos_axum::redirect("/profile");
    Ok(())
}

/// Only paths of our own: a sign-in link must not lead elsewhere.
#[cfg(feature = "ssr")]
fn local(next: Option<String>) -> String {
    next.filter(|path| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains(char::is_control)
    })
    .unwrap_or_else(|| "/".into())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #[test]
    fn a_sign_in_link_stays_here() {
        let next = |text: &str| super::local(Some(text.into()));
        assert_eq!(next("/courses?x=1"), "/courses?x=1");
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\nb",
        ] {
            assert_eq!(next(evil), "/", "{evil}");
        }
    }
}

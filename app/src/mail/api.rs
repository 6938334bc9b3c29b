//! Server functions about notifications, preferences, and the outbox.

use crate::error::AppResult;
use crate::ids::{MailId, NotificationId};
use crate::mail::model::{Notes, Outbox, Preferences};
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "mail/notes")]
pub async fn read_notes(before: Option<NotificationId>) -> AppResult<Notes> {
    crate::platform::run(|ctx| async move { super::service::notes(&ctx, before).await }).await
}

/// One notification, or all of them.
#[server(prefix = "/rpc", endpoint = "mail/mark_read")]
pub async fn mark_read(note: Option<NotificationId>) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::mark_read(&ctx, note).await }).await?;
    leptos_axum::redirect("/notifications");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "mail/preferences")]
pub async fn read_preferences() -> AppResult<Preferences> {
    crate::platform::run(|ctx| async move { super::service::preferences(&ctx).await }).await
}

/// `mail` and `app` hold the codes of the kinds that are ticked.
#[server(prefix = "/rpc", endpoint = "mail/save_preferences")]
pub async fn save_preferences(
    mail: Option<Vec<String>>,
    app: Option<Vec<String>>,
    quiet_from: String,
    quiet_until: String,
    time_zone: String,
) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let wanted = super::service::Wanted {
            mail: mail.unwrap_or_default(),
            app: app.unwrap_or_default(),
            quiet_from,
            quiet_until,
            time_zone,
        };
        super::service::save_preferences(&ctx, wanted).await
    })
    .await?;
    leptos_axum::redirect("/notifications/settings?saved=yes");
    Ok(())
}

/// The outbox for administrators; `state` may be empty.
#[server(prefix = "/rpc", endpoint = "mail/outbox")]
pub async fn read_outbox(state: String, before: Option<MailId>) -> AppResult<Outbox> {
    crate::platform::run(|ctx| async move { super::service::outbox(&ctx, &state, before).await }).await
}

#[server(prefix = "/rpc", endpoint = "mail/retry")]
pub async fn retry_mail(mail: MailId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::retry(&ctx, mail).await }).await?;
    leptos_axum::redirect("/admin/mail");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "mail/cancel")]
pub async fn cancel_mail(mail: MailId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::cancel(&ctx, mail).await }).await?;
    leptos_axum::redirect("/admin/mail");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "mail/test")]
pub async fn send_test(to: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::test(&ctx, &to).await }).await?;
    leptos_axum::redirect("/admin/mail?test=posted");
    Ok(())
}

//! Server functions of the administrator's page about maintenance.

use crate::error::AppResult;
use crate::maintenance::model::Overview;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "maintenance/overview")]
pub async fn read_maintenance() -> AppResult<Overview> {
    crate::platform::run(|ctx| async move { super::service::overview(&ctx).await }).await
}

/// `from` and `until` are values of `datetime-local` inputs or empty: now, and nobody knows.
#[server(prefix = "/rpc", endpoint = "maintenance/plan")]
pub async fn plan_maintenance(message: String, from: String, until: String, tell: Option<String>) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        ctx.admin()?;
        let read = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => ctx
                .parse_input(text)
                .map(Some)
                .ok_or_else(|| crate::error::AppError::field(field, "Enter a date and a time.")),
        };
        let plan = super::service::Plan {
            message,
            from: read("from", &from)?,
            until: read("until", &until)?,
            tell: tell.is_some(),
        };
        super::service::plan(&ctx, plan).await
    })
    .await?;
    leptos_axum::redirect("/admin/maintenance");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "maintenance/end")]
pub async fn end_maintenance() -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::end(&ctx).await }).await?;
    leptos_axum::redirect("/admin/maintenance");
    Ok(())
}

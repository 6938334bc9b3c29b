//! Server functions of the page of models.

use super::model::Registry;
use crate::error::AppResult;
use crate::ids::ModelId;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "model/registry")]
pub async fn read_registry() -> AppResult<Registry> {
    crate::platform::run(|ctx| async move { super::service::registry(&ctx).await }).await
}

#[server(prefix = "/rpc", endpoint = "model/activate")]
pub async fn activate_model(model: ModelId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::activate(&ctx, model).await }).await?;
    leptos_axum::redirect("/admin/models");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "model/roll_back")]
pub async fn roll_back_model(active: ModelId, before: ModelId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::roll_back(&ctx, active, before).await }).await?;
    leptos_axum::redirect("/admin/models");
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "model/trial")]
pub async fn try_model(model: ModelId, answers: u32) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::trials::ask(&ctx, model, answers).await }).await?;
    leptos_axum::redirect("/admin/models#trials");
    Ok(())
}

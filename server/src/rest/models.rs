//! Grading models, for administrators.

use super::support::{Body, Id, Who};
use app::error::AppResult;
use app::grader_model::model::Registry;
use app::grader_model::{service, trials};
use app::ids::ModelId;
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(registry))
        .routes(routes!(activate))
        .routes(routes!(roll_back))
        .routes(routes!(attempt))
}

#[derive(Debug, Deserialize, ToSchema)]
struct Ask {
    /// Stored answers to look at, 1–2000.
    answers: u32,
}

/// Both as `GET /admin/models` shows them.
#[derive(Debug, Deserialize, ToSchema)]
struct RollBack {
    /// The model that is active.
    active: ModelId,
    /// The one to go back to: `before`.
    before: ModelId,
}

/// Models, the workers that use them, and trials
#[utoipa::path(get, path = "/admin/models", tag = "Administration", responses((status = 200, body = Registry)))]
async fn registry(Who(ctx): Who) -> AppResult<Json<Registry>> {
    service::registry(&ctx).await.map(Json)
}

/// Have every worker grade with this model from now on
#[utoipa::path(post, path = "/admin/models/{model}/activate", tag = "Administration", params(("model" = ModelId, Path)), responses((status = 204)))]
async fn activate(Who(ctx): Who, Id(model): Id<ModelId>) -> AppResult<StatusCode> {
    service::activate(&ctx, model).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Go back to the model that was active before; 409 when another one has become active meanwhile
#[utoipa::path(post, path = "/admin/models/roll-back", tag = "Administration", request_body = RollBack, responses((status = 204)))]
async fn roll_back(Who(ctx): Who, Body(shown): Body<RollBack>) -> AppResult<StatusCode> {
    service::roll_back(&ctx, shown.active, shown.before).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a model on stored answers in the shadow of the active one
#[utoipa::path(post, path = "/admin/models/{model}/trials", tag = "Administration", params(("model" = ModelId, Path)), request_body = Ask, responses((status = 202)))]
async fn attempt(Who(ctx): Who, Id(model): Id<ModelId>, Body(to): Body<Ask>) -> AppResult<StatusCode> {
    trials::ask(&ctx, model, to.answers).await?;
    Ok(StatusCode::ACCEPTED)
}

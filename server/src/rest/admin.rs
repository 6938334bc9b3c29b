//! The system and its audit log, for administrators.

use super::support::{Body, Params, Who};
use app::admin::model::{AuditPage, System};
use app::admin::service;
use app::error::AppResult;
use app::ids::WorkId;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(system))
        .routes(routes!(audit))
        .routes(routes!(retry))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The `next` of the page before.
    before: Option<i64>,
    /// Also check that the whole log is unbroken.
    #[serde(default)]
    verify: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Retry {
    /// One piece of given-up work; all of it when left out.
    work: Option<WorkId>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Retried {
    pieces: u64,
}

/// Every part of the system at a glance
#[utoipa::path(get, path = "/admin/system", tag = "Administration", responses((status = 200, body = System)))]
async fn system(Who(ctx): Who) -> AppResult<Json<System>> {
    service::system(&ctx).await.map(Json)
}

/// The audit log, newest first
#[utoipa::path(get, path = "/admin/audit", tag = "Administration", params(Which), responses((status = 200, body = AuditPage)))]
async fn audit(Who(ctx): Who, Params(which): Params<Which>) -> AppResult<Json<AuditPage>> {
    service::audit_page(&ctx, which.before, which.verify).await.map(Json)
}

/// Put given-up grading work back into the queue
#[utoipa::path(post, path = "/admin/work/retry", tag = "Administration", request_body = Retry, responses((status = 200, body = Retried)))]
async fn retry(Who(ctx): Who, Body(which): Body<Retry>) -> AppResult<Json<Retried>> {
    let pieces = service::retry(&ctx, which.work).await?;
    Ok(Json(Retried { pieces }))
}

//! Grading of a whole assignment: how far it is, and publishing.

use super::support::{Body, Id, Who};
use app::error::AppResult;
use app::grade::model::{Progress, Publishing};
use app::grade::service;
use app::ids::AssignmentId;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(progress))
        .routes(routes!(standing))
        .routes(routes!(publish))
        .routes(routes!(unpublish))
        .routes(routes!(start))
        .routes(routes!(pause))
}

#[derive(Debug, Deserialize, ToSchema)]
struct Publish {
    /// Let the machine's suggestions count for answers nobody has reviewed.
    #[serde(default)]
    even_if_unreviewed: bool,
}

/// How many answers it was about.
#[derive(Debug, Serialize, ToSchema)]
struct Moved {
    answers: u64,
}

/// How far grading is, per question
#[utoipa::path(get, path = "/assignments/{assignment}/progress", tag = "Grades", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Progress)))]
async fn progress(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Progress>> {
    service::progress(&ctx, assignment).await.map(Json)
}

/// What publishing would do now
#[utoipa::path(get, path = "/assignments/{assignment}/grades", tag = "Grades", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Publishing)))]
async fn standing(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Publishing>> {
    service::publishing(&ctx, assignment).await.map(Json)
}

/// Show all students of the assignment their grades
#[utoipa::path(post, path = "/assignments/{assignment}/grades/publish", tag = "Grades", params(("assignment" = AssignmentId, Path)), request_body = Publish, responses((status = 200, body = Publishing)))]
async fn publish(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Body(how): Body<Publish>,
) -> AppResult<Json<Publishing>> {
    service::publish(&ctx, assignment, how.even_if_unreviewed)
        .await
        .map(Json)
}

/// Hide the grades from students again
#[utoipa::path(post, path = "/assignments/{assignment}/grades/unpublish", tag = "Grades", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Publishing)))]
async fn unpublish(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Publishing>> {
    service::unpublish(&ctx, assignment).await.map(Json)
}

/// Let the machine begin with what is held back
#[utoipa::path(post, path = "/assignments/{assignment}/grading/start", tag = "Grades", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Moved)))]
async fn start(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Moved>> {
    let answers = service::start(&ctx, assignment).await?;
    Ok(Json(Moved { answers }))
}

/// Hold back what is not graded yet
#[utoipa::path(post, path = "/assignments/{assignment}/grading/pause", tag = "Grades", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Moved)))]
async fn pause(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Moved>> {
    let answers = service::pause(&ctx, assignment).await?;
    Ok(Json(Moved { answers }))
}

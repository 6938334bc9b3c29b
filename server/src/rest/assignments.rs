//! Assignments.

use super::support::{Body, Id, Made, Params, Who, made};
use app::assignment::content::AssignmentContent;
use app::assignment::service;
use app::assignment::view::{AssignmentSummary, StaffAssignment};
use app::course::policy::{self, Duty};
use app::error::AppResult;
use app::ids::{AssignmentId, CourseId};
use app::submission::model::Overview;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(publish))
        .routes(routes!(unpublish))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// The version that was read: then a change in the meantime is not overwritten.
    version: Option<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Changed {
    version: i32,
}

/// An assignment as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "as", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "one is made for each request, and sent at once"
)]
enum Assignment {
    /// Dates and points, and how far one is.
    Student(Overview),
    /// Everything, with keys.
    Staff(StaffAssignment),
}

/// The assignments of a course
#[utoipa::path(get, path = "/courses/{course}/assignments", tag = "Assignments", params(("course" = CourseId, Path)), responses((status = 200, body = Vec<AssignmentSummary>)))]
async fn list(Who(ctx): Who, Id(course): Id<CourseId>) -> AppResult<Json<Vec<AssignmentSummary>>> {
    service::list(&ctx, course).await.map(Json)
}

/// Make an assignment; it is a draft until it is published
#[utoipa::path(post, path = "/courses/{course}/assignments", tag = "Assignments", params(("course" = CourseId, Path)), request_body = AssignmentContent, responses((status = 201, body = Made)))]
async fn create(
    Who(ctx): Who,
    Id(course): Id<CourseId>,
    Body(content): Body<AssignmentContent>,
) -> AppResult<Response> {
    service::create(&ctx, course, content)
        .await
        .map(|id| made("assignments", id))
}

/// An assignment: for staff with its questions and keys, for students with what they may see
#[utoipa::path(get, path = "/assignments/{assignment}", tag = "Assignments", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Assignment)))]
async fn get(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Assignment>> {
    let (_, role) = policy::assignment(&ctx, assignment, Duty::See).await?;
    Ok(Json(if role.is_staff() {
        Assignment::Staff(service::get_for_staff(&ctx, assignment).await?)
    } else {
        Assignment::Student(app::submission::service::overview(&ctx, assignment).await?)
    }))
}

/// Change title, instructions, dates and late rule
#[utoipa::path(put, path = "/assignments/{assignment}", tag = "Assignments", params(("assignment" = AssignmentId, Path), Seen), request_body = AssignmentContent, responses((status = 200, body = Changed)))]
async fn update(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Params(seen): Params<Seen>,
    Body(content): Body<AssignmentContent>,
) -> AppResult<Json<Changed>> {
    let version = service::update(&ctx, assignment, seen.version, content).await?;
    Ok(Json(Changed { version }))
}

/// Remove an assignment that nobody has begun to answer
#[utoipa::path(delete, path = "/assignments/{assignment}", tag = "Assignments", params(("assignment" = AssignmentId, Path), Seen), responses((status = 204)))]
async fn delete(Who(ctx): Who, Id(assignment): Id<AssignmentId>, Params(seen): Params<Seen>) -> AppResult<StatusCode> {
    service::delete(&ctx, assignment, seen.version)
        .await
        .map(|_| StatusCode::NO_CONTENT)
}

/// Let the students of the course see it and answer
#[utoipa::path(post, path = "/assignments/{assignment}/publish", tag = "Assignments", params(("assignment" = AssignmentId, Path), Seen), responses((status = 204)))]
async fn publish(Who(ctx): Who, Id(assignment): Id<AssignmentId>, Params(seen): Params<Seen>) -> AppResult<StatusCode> {
    service::publish(&ctx, assignment, seen.version)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// Make it a draft again, while nobody has begun to answer
#[utoipa::path(post, path = "/assignments/{assignment}/unpublish", tag = "Assignments", params(("assignment" = AssignmentId, Path), Seen), responses((status = 204)))]
async fn unpublish(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Params(seen): Params<Seen>,
) -> AppResult<StatusCode> {
    service::unpublish(&ctx, assignment, seen.version)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

//! Questions with their keys, for staff.

use super::support::{Body, Id, Made, Params, Who, made};
use app::error::AppResult;
use app::ids::{AssignmentId, QuestionId};
use app::question::content::QuestionContent;
use app::question::model::Question;
use app::question::service::{self, Direction};
use app::question::view::{QuestionEditor, QuestionSaved};
use app::time::Timestamp;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, update, remove))
        .routes(routes!(shift))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// The `seen` that was read: then a change in the meantime is not overwritten.
    seen: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    Up,
    Down,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Move {
    direction: Way,
}

/// The questions of an assignment with their keys
#[utoipa::path(get, path = "/assignments/{assignment}/questions", tag = "Questions", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Vec<Question>)))]
async fn list(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Vec<Question>>> {
    service::list(&ctx, assignment).await.map(Json)
}

/// Add a question at the end of a draft
#[utoipa::path(post, path = "/assignments/{assignment}/questions", tag = "Questions", params(("assignment" = AssignmentId, Path)), request_body = QuestionContent, responses((status = 201, body = Made)))]
async fn add(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Body(content): Body<QuestionContent>,
) -> AppResult<Response> {
    service::add_with(&ctx, assignment, content)
        .await
        .map(|id| made("questions", id))
}

/// One question with its key
#[utoipa::path(get, path = "/questions/{question}", tag = "Questions", params(("question" = QuestionId, Path)), responses((status = 200, body = QuestionEditor)))]
async fn get(Who(ctx): Who, Id(question): Id<QuestionId>) -> AppResult<Json<QuestionEditor>> {
    service::editor(&ctx, question).await.map(Json)
}

/// Change text, points and key; answers the key judges differently are graded again
#[utoipa::path(put, path = "/questions/{question}", tag = "Questions", params(("question" = QuestionId, Path), Seen), request_body = QuestionContent, responses((status = 200, body = QuestionSaved)))]
async fn update(
    Who(ctx): Who,
    Id(question): Id<QuestionId>,
    Params(seen): Params<Seen>,
    Body(content): Body<QuestionContent>,
) -> AppResult<Json<QuestionSaved>> {
    service::update(&ctx, question, seen.seen, content).await.map(Json)
}

/// Remove a question from a draft
#[utoipa::path(delete, path = "/questions/{question}", tag = "Questions", params(("question" = QuestionId, Path)), responses((status = 204)))]
async fn remove(Who(ctx): Who, Id(question): Id<QuestionId>) -> AppResult<StatusCode> {
    service::remove(&ctx, question).await.map(|_| StatusCode::NO_CONTENT)
}

/// Move a question of a draft one place
#[utoipa::path(post, path = "/questions/{question}/move", tag = "Questions", params(("question" = QuestionId, Path)), request_body = Move, responses((status = 204)))]
async fn shift(Who(ctx): Who, Id(question): Id<QuestionId>, Body(to): Body<Move>) -> AppResult<StatusCode> {
    let direction = match to.direction {
        Way::Up => Direction::Up,
        Way::Down => Direction::Down,
    };
    service::move_(&ctx, question, direction)
        .await
        .map(|_| StatusCode::NO_CONTENT)
}

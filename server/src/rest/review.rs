//! The review queue, and decisions about single answers.

use super::support::{Body, Id, Params, Who};
use app::error::{AppError, AppResult};
use app::grade::model::{Cursor, Decided, Queue, QueueFilter, ReviewItem, ReviewState};
use app::grade::service;
use app::ids::{AssignmentId, GradeId, QuestionId};
use app::points::Points;
use app::question::model::Question;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(queue))
        .routes(routes!(get))
        .routes(routes!(decide, clear))
        .routes(routes!(accept))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `waiting`, unless something else is asked for.
    state: Option<ReviewState>,
    question: Option<QuestionId>,
    /// Only the random sample by which the risk dial is audited, without suggestions.
    sample: Option<bool>,
    /// The cursor of the last answer before, as `order.grade`.
    after: Option<String>,
    /// 1–50
    limit: Option<u32>,
}

/// An answer to review, with its question.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewEntry {
    item: ReviewItem,
    question: Question,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Decide {
    /// The version that was read: a decision only counts if nobody decided in between.
    version: i32,
    points: Points,
    #[serde(default)]
    comment: String,
    /// Whether it was graded from the random sample, without seeing the suggestion: only then it counts for the audit of the risk dial.
    #[serde(default)]
    blind: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Accept {
    version: i32,
    /// The suggestion that was read, in hundredths; when it has changed since, nothing is accepted.
    #[serde(default)]
    suggested: Option<Points>,
    #[serde(default)]
    comment: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Seen {
    version: i32,
}

/// Answers to review, the least certain first and the sample by lot, without names
#[utoipa::path(get, path = "/assignments/{assignment}/review", tag = "Review", params(("assignment" = AssignmentId, Path), Which), responses((status = 200, body = Queue)))]
async fn queue(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Params(which): Params<Which>,
) -> AppResult<Json<Queue>> {
    let filter = QueueFilter {
        question: which.question,
        state: which.state.unwrap_or(ReviewState::Waiting),
        sample: which.sample.unwrap_or(false),
    };
    let damaged = |error: app::grade::model::CursorError| AppError::field("after", error.to_string());
    let after = which
        .after
        .map(|text| text.parse::<Cursor>().map_err(damaged))
        .transpose()?;
    let most = which.limit.unwrap_or(50);
    if !(1..=50).contains(&most) {
        return Err(AppError::field("limit", "The limit lies between 1 and 50."));
    }
    service::queue(&ctx, assignment, filter, after, most).await.map(Json)
}

/// One answer with its suggestion and decision
#[utoipa::path(get, path = "/grades/{grade}", tag = "Review", params(("grade" = GradeId, Path)), responses((status = 200, body = ReviewEntry)))]
async fn get(Who(ctx): Who, Id(grade): Id<GradeId>) -> AppResult<Json<ReviewEntry>> {
    let (item, question) = service::review_item(&ctx, grade).await?;
    Ok(Json(ReviewEntry { item, question }))
}

/// Give an answer these points
#[utoipa::path(post, path = "/grades/{grade}/decision", tag = "Review", params(("grade" = GradeId, Path)), request_body = Decide, responses((status = 200, body = Decided)))]
async fn decide(Who(ctx): Who, Id(grade): Id<GradeId>, Body(to): Body<Decide>) -> AppResult<Json<Decided>> {
    if to.blind {
        service::decide_blind(&ctx, grade, to.version, to.points, to.comment).await
    } else {
        service::decide(&ctx, grade, to.version, to.points, to.comment).await
    }
    .map(Json)
}

/// Take the decision back; the suggestion stands again
#[utoipa::path(delete, path = "/grades/{grade}/decision", tag = "Review", params(("grade" = GradeId, Path), Seen), responses((status = 200, body = Decided)))]
async fn clear(Who(ctx): Who, Id(grade): Id<GradeId>, Params(seen): Params<Seen>) -> AppResult<Json<Decided>> {
    service::clear(&ctx, grade, seen.version).await.map(Json)
}

/// Take the machine's suggestion over as one's own decision
#[utoipa::path(post, path = "/grades/{grade}/accept", tag = "Review", params(("grade" = GradeId, Path)), request_body = Accept, responses((status = 200, body = Decided)))]
async fn accept(Who(ctx): Who, Id(grade): Id<GradeId>, Body(seen): Body<Accept>) -> AppResult<Json<Decided>> {
    service::accept(&ctx, grade, seen.version, seen.suggested, seen.comment)
        .await
        .map(Json)
}

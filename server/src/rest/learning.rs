//! The risk dial, answer groups, and the consistency radar.

use super::support::{Body, Id, Params, Who};
use app::error::{AppError, AppResult};
use app::grade::model::{Dial, GroupDecided, Groups, Radar};
use app::grade::service::{self, GroupVerdict};
use app::ids::{AssignmentId, GradeId, GroupActId, QuestionId};
use app::points::Points;
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(dial, set_dial, undo_dial))
        .routes(routes!(groups))
        .routes(routes!(decide_group))
        .routes(routes!(split_group))
        .routes(routes!(merge_groups))
        .routes(routes!(undo_group_act))
        .routes(routes!(radar))
}

#[derive(Debug, Deserialize, ToSchema)]
struct Turn {
    /// Wanted agreement of accepted suggestions with teachers, in thousandths, as offered by the dial.
    target: i32,
    /// How many answers you expect to be accepted; when it would be another number, nothing is changed.
    #[serde(default)]
    accepted: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    question: Option<QuestionId>,
    /// The group whose answers are listed.
    group: Option<GradeId>,
    /// The cursor of the last group before, as `answers.group`.
    after: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct GroupDecision {
    group: GradeId,
    points: Points,
    #[serde(default)]
    comment: String,
    /// From the group as it was read: when its undecided answers are others now, nothing is decided.
    #[serde(default)]
    seen: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Split {
    /// Answers that shall stand alone.
    grades: Vec<GradeId>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Merge {
    from: GradeId,
    into: GradeId,
}

/// The risk dial: what each setting would accept, and how the promise was kept so far
#[utoipa::path(get, path = "/assignments/{assignment}/dial", tag = "Review", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Dial)))]
async fn dial(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Dial>> {
    service::dial(&ctx, assignment).await.map(Json)
}

/// Turn the risk dial
#[utoipa::path(put, path = "/assignments/{assignment}/dial", tag = "Review", params(("assignment" = AssignmentId, Path)), request_body = Turn, responses((status = 200, body = Dial)))]
async fn set_dial(Who(ctx): Who, Id(assignment): Id<AssignmentId>, Body(to): Body<Turn>) -> AppResult<Json<Dial>> {
    service::set_dial(&ctx, assignment, to.target, to.accepted)
        .await
        .map(Json)
}

/// Take the last setting of the risk dial back
#[utoipa::path(delete, path = "/assignments/{assignment}/dial", tag = "Review", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Dial)))]
async fn undo_dial(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Dial>> {
    service::undo_dial(&ctx, assignment).await.map(Json)
}

/// Answers that say the same, the largest groups first
#[utoipa::path(get, path = "/assignments/{assignment}/groups", tag = "Review", params(("assignment" = AssignmentId, Path), Which), responses((status = 200, body = Groups)))]
async fn groups(
    Who(ctx): Who,
    Id(assignment): Id<AssignmentId>,
    Params(which): Params<Which>,
) -> AppResult<Json<Groups>> {
    let damaged = |error: app::grade::model::CursorError| AppError::field("after", error.to_string());
    let after = which.after.map(|text| text.parse().map_err(damaged)).transpose()?;
    service::groups(&ctx, assignment, which.question, which.group, after)
        .await
        .map(Json)
}

/// Give every undecided answer of a group these points
#[utoipa::path(post, path = "/questions/{question}/groups/decision", tag = "Review", params(("question" = QuestionId, Path)), request_body = GroupDecision, responses((status = 200, body = GroupDecided)))]
async fn decide_group(
    Who(ctx): Who,
    Id(question): Id<QuestionId>,
    Body(to): Body<GroupDecision>,
) -> AppResult<Json<GroupDecided>> {
    let verdict = GroupVerdict {
        points: to.points,
        comment: to.comment,
        seen: to.seen,
    };
    service::decide_group(&ctx, question, to.group, verdict).await.map(Json)
}

/// Take answers out of their groups
#[utoipa::path(post, path = "/questions/{question}/groups/split", tag = "Review", params(("question" = QuestionId, Path)), request_body = Split, responses((status = 200, body = GroupDecided)))]
async fn split_group(
    Who(ctx): Who,
    Id(question): Id<QuestionId>,
    Body(to): Body<Split>,
) -> AppResult<Json<GroupDecided>> {
    service::split(&ctx, question, to.grades).await.map(Json)
}

/// Put all answers of one group into another
#[utoipa::path(post, path = "/questions/{question}/groups/merge", tag = "Review", params(("question" = QuestionId, Path)), request_body = Merge, responses((status = 200, body = GroupDecided)))]
async fn merge_groups(
    Who(ctx): Who,
    Id(question): Id<QuestionId>,
    Body(to): Body<Merge>,
) -> AppResult<Json<GroupDecided>> {
    service::merge(&ctx, question, to.from, to.into).await.map(Json)
}

/// Undo what was done with a group
#[utoipa::path(post, path = "/group-acts/{act}/undo", tag = "Review", params(("act" = GroupActId, Path)), responses((status = 200, body = GroupDecided)))]
async fn undo_group_act(Who(ctx): Who, Id(act): Id<GroupActId>) -> AppResult<Json<GroupDecided>> {
    service::undo_group_act(&ctx, act).await.map(Json)
}

/// Where answers that say the same have different points, and how graders compare with the suggestions
#[utoipa::path(get, path = "/assignments/{assignment}/consistency", tag = "Review", params(("assignment" = AssignmentId, Path)), responses((status = 200, body = Radar)))]
async fn radar(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Json<Radar>> {
    service::radar(&ctx, assignment).await.map(Json)
}

//! A student's submission, from the start to the receipt.

use super::support::{Anyone, Body, Id, Made, Who, made};
use app::error::AppResult;
use app::ids::{AssignmentId, SubmissionId};
use app::submission::model::{Change, Receipt, Saved, Sheet, Verdict};
use app::submission::service;
use app::time::Timestamp;
use axum::Json;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(get))
        .routes(routes!(save))
        .routes(routes!(submit))
        .routes(routes!(receipt))
        .routes(routes!(verify))
}

/// Changes of answers, each with an id made by the client: the same id is never applied twice.
#[derive(Debug, Deserialize, ToSchema)]
struct Changes {
    changes: Vec<Change>,
    /// The client's clock at sending, when its clock may be wrong: then only the age of a change counts.
    sent_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct ReceiptText {
    /// A receipt as it was given, whatever stands around it.
    text: String,
}

/// Start answering, or find what was started
#[utoipa::path(post, path = "/assignments/{assignment}/submission", tag = "Submissions", params(("assignment" = AssignmentId, Path)), responses((status = 201, body = Made)))]
async fn start(Who(ctx): Who, Id(assignment): Id<AssignmentId>) -> AppResult<Response> {
    service::start(&ctx, assignment).await.map(|id| made("submissions", id))
}

/// A submission with its questions and answers
#[utoipa::path(get, path = "/submissions/{submission}", tag = "Submissions", params(("submission" = SubmissionId, Path)), responses((status = 200, body = Sheet)))]
async fn get(Who(ctx): Who, Id(submission): Id<SubmissionId>) -> AppResult<Json<Sheet>> {
    service::open(&ctx, submission).await.map(Json)
}

/// Save changes; what is acknowledged is on disk
#[utoipa::path(post, path = "/submissions/{submission}/changes", tag = "Submissions", params(("submission" = SubmissionId, Path)), request_body = Changes, responses((status = 200, body = Saved)))]
async fn save(Who(ctx): Who, Id(submission): Id<SubmissionId>, Body(sent): Body<Changes>) -> AppResult<Json<Saved>> {
    let now = ctx.now();
    let by_our_clock = |change: Change| match sent.sent_at {
        Some(at) => change.by_our_clock(at, now),
        None => change,
    };
    service::save(&ctx, submission, sent.changes.into_iter().map(by_our_clock).collect())
        .await
        .map(Json)
}

/// Submit; a second time gives the same receipt
#[utoipa::path(post, path = "/submissions/{submission}/submit", tag = "Submissions", params(("submission" = SubmissionId, Path)), responses((status = 200, body = Receipt)))]
async fn submit(Who(ctx): Who, Id(submission): Id<SubmissionId>) -> AppResult<Json<Receipt>> {
    service::submit(&ctx, submission).await.map(Json)
}

/// The signed receipt
#[utoipa::path(get, path = "/submissions/{submission}/receipt", tag = "Submissions", params(("submission" = SubmissionId, Path)), responses((status = 200, body = Receipt)))]
async fn receipt(Who(ctx): Who, Id(submission): Id<SubmissionId>) -> AppResult<Json<Receipt>> {
    service::receipt(&ctx, submission).await.map(Json)
}

/// Check a receipt; open to everyone
#[utoipa::path(post, path = "/receipts/verify", tag = "Submissions", security(()), request_body = ReceiptText, responses((status = 200, body = Verdict)))]
async fn verify(Anyone(ctx): Anyone, Body(receipt): Body<ReceiptText>) -> AppResult<Json<Verdict>> {
    service::verify(&ctx, &receipt.text).await.map(Json)
}

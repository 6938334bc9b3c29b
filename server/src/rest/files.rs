//! Files attached to answers. Bytes travel between the client and the object store, past this API.

use super::support::{Body, Id, Who, created};
use app::error::AppResult;
use app::file::model::{Attachment, Upload};
use app::file::service;
use app::ids::{FileId, QuestionId, SubmissionId};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(get, remove))
        .routes(routes!(finish))
        .routes(routes!(content))
}

/// A file to be sent.
#[derive(Debug, Deserialize, ToSchema)]
struct Announced {
    question: QuestionId,
    name: String,
    media_type: String,
    /// In bytes, exactly.
    size: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Sent {
    /// SHA-256 of what was sent, hex.
    sha256: Option<String>,
}

/// The files of a submission
#[utoipa::path(get, path = "/submissions/{submission}/files", tag = "Files", params(("submission" = SubmissionId, Path)), responses((status = 200, body = Vec<Attachment>)))]
async fn list(Who(ctx): Who, Id(submission): Id<SubmissionId>) -> AppResult<Json<Vec<Attachment>>> {
    service::list(&ctx, submission).await.map(Json)
}

/// Announce a file; the answer says where to PUT its bytes
#[utoipa::path(post, path = "/submissions/{submission}/files", tag = "Files", params(("submission" = SubmissionId, Path)), request_body = Announced, responses((status = 201, body = Upload)))]
async fn begin(Who(ctx): Who, Id(submission): Id<SubmissionId>, Body(file): Body<Announced>) -> AppResult<Response> {
    let upload = service::begin_upload(&ctx, submission, file.question, file.name, file.media_type, file.size).await?;
    Ok(created(&format!("/api/v1/files/{}", upload.file), upload))
}

/// Have a sent file checked and read; then it can be given as an answer
#[utoipa::path(post, path = "/files/{file}/finish", tag = "Files", params(("file" = FileId, Path)), request_body = Sent, responses((status = 200, body = Attachment)))]
async fn finish(Who(ctx): Who, Id(file): Id<FileId>, Body(sent): Body<Sent>) -> AppResult<Json<Attachment>> {
    service::finish_upload(&ctx, file, sent.sha256).await.map(Json)
}

/// What is known about a file, with the beginning of its text
#[utoipa::path(get, path = "/files/{file}", tag = "Files", params(("file" = FileId, Path)), responses((status = 200, body = Attachment)))]
async fn get(Who(ctx): Who, Id(file): Id<FileId>) -> AppResult<Json<Attachment>> {
    service::get(&ctx, file).await.map(Json)
}

/// The bytes: leads to an address in the object store that is good for five minutes
#[utoipa::path(get, path = "/files/{file}/content", tag = "Files", params(("file" = FileId, Path)), responses((status = 307, description = "The address is in `Location`.")))]
async fn content(Who(ctx): Who, Id(file): Id<FileId>) -> AppResult<Redirect> {
    service::download(&ctx, file)
        .await
        .map(|address| Redirect::temporary(&address))
}

/// Take a file off its answer
#[utoipa::path(delete, path = "/files/{file}", tag = "Files", params(("file" = FileId, Path)), responses((status = 204)))]
async fn remove(Who(ctx): Who, Id(file): Id<FileId>) -> AppResult<StatusCode> {
    service::remove(&ctx, file).await.map(|()| StatusCode::NO_CONTENT)
}

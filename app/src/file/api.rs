//! Server functions for attaching a file.

use crate::error::AppResult;
use crate::file::model::{Attachment, Sheet, Upload};
use crate::ids::{FileId, QuestionId, SubmissionId};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Announces a file: where to send it.
#[server(prefix = "/rpc", endpoint = "file/begin", input = Json)]
pub async fn begin_upload(
    submission: SubmissionId,
    question: QuestionId,
    name: String,
    media_type: String,
    size: i64,
) -> AppResult<Upload> {
    crate::platform::run(|ctx| async move {
        super::service::begin_upload(&ctx, submission, question, name, media_type, size).await
    })
    .await
}

/// Has a sent file checked and read.
#[server(prefix = "/rpc", endpoint = "file/finish", input = Json)]
pub async fn finish_upload(file: FileId, sha256: Option<String>) -> AppResult<Attachment> {
    crate::platform::run(|ctx| async move { super::service::finish_upload(&ctx, file, sha256).await }).await
}

/// Takes a file off its answer.
#[server(prefix = "/rpc", endpoint = "file/remove", input = Json)]
pub async fn remove_file(file: FileId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::remove(&ctx, file).await }).await
}

/// The same from a plain form.
#[server(prefix = "/rpc", endpoint = "file/remove_form")]
pub async fn remove_file_form(file: FileId, submission: SubmissionId, question: QuestionId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::remove(&ctx, file).await }).await?;
    leptos_axum::redirect(&super::pages::attach_path(submission, question));
    Ok(())
}

/// The files of a submission.
#[server(prefix = "/rpc", endpoint = "file/list")]
pub async fn files(submission: SubmissionId) -> AppResult<Vec<Attachment>> {
    crate::platform::run(|ctx| async move { super::service::list(&ctx, submission).await }).await
}

/// What the page for attaching without script shows.
#[server(prefix = "/rpc", endpoint = "file/sheet")]
pub async fn attach_sheet(submission: SubmissionId, question: QuestionId) -> AppResult<Sheet> {
    crate::platform::run(|ctx| async move { super::service::sheet(&ctx, submission, question).await }).await
}

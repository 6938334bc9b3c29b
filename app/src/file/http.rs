//! Files by plain HTTP: upload by a form without script, download, and the text alone.

use crate::error::{AppError, AppResult, ErrorKind};
use crate::file::model::size_text;
use crate::file::pages::{Hitch, attach_path};
use crate::file::service;
use crate::ids::{FileId, QuestionId, SubmissionId};
use crate::platform::{AppState, Ctx};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, Extension, Path};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header;

/// To be merged at the root; expects the request's `Ctx` among its extensions.
pub fn router() -> axum::Router<AppState> {
    axum::Router::new()
        .route("/files/upload", post(upload).layer(DefaultBodyLimit::disable()))
        .route("/files/{file}", get(download))
        .route("/files/{file}/text", get(text))
}

async fn upload(Extension(ctx): Extension<Ctx>, form: Multipart) -> Response {
    if let Err(error) = ctx.actor() {
        return error.into_response();
    }
    let form = match Form::read(form, ctx.state.limits.file_bytes).await {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let back = attach_path(form.submission, form.question);
    let hitch = match take(&ctx, form).await {
        Ok(()) => return Redirect::to(&back).into_response(),
        Err(error) => match error.kind {
            ErrorKind::TooLarge => Hitch::TooLarge,
            ErrorKind::Invalid => Hitch::Unfit,
            ErrorKind::Conflict => Hitch::Closed,
            ErrorKind::TooMany => Hitch::TooMany,
            ErrorKind::Unavailable => Hitch::Unavailable,
            _ => return error.into_response(),
        },
    };
    // The browser is led back to the page, so the status does not tell that anything failed.
    ctx.state.counters.failed_upload();
    Redirect::to(&format!("{back}?hitch={}", hitch.name())).into_response()
}

async fn take(ctx: &Ctx, form: Form) -> AppResult<()> {
    let (name, media_type, bytes) = form.file?;
    let attachment =
        service::upload_through(ctx, form.submission, form.question, name, media_type, bytes.into()).await?;
    // A file that was not taken stands on the page with its reason.
    if attachment.is_ready() {
        service::attach_to_answer(ctx, &attachment).await
    } else {
        Ok(())
    }
}

struct Form {
    submission: SubmissionId,
    question: QuestionId,
    file: AppResult<(String, String, Vec<u8>)>,
}

impl Form {
    async fn read(mut form: Multipart, most: i64) -> AppResult<Form> {
        let damaged = || AppError::invalid("The form was incomplete or damaged. Reload the page and try again.");
        let (mut submission, mut question, mut file) = (None, None, None);
        while let Some(field) = form.next_field().await.map_err(|_| damaged())? {
            match field.name() {
                Some("submission") => submission = short(field).await.and_then(|text| text.parse().ok()),
                Some("question") => question = short(field).await.and_then(|text| text.parse().ok()),
                Some("file") => {
                    let name = field.file_name().unwrap_or_default().to_owned();
                    let media_type = field.content_type().unwrap_or_default().to_owned();
                    file = Some(whole(field, most).await.map(|bytes| (name, media_type, bytes)));
                    // What follows a file that is too large is not read either.
                    if matches!(&file, Some(Err(_))) {
                        break;
                    }
                }
                _ => {}
            }
        }
        let (Some(submission), Some(question)) = (submission, question) else {
            return Err(damaged());
        };
        Ok(Form {
            submission,
            question,
            file: file.unwrap_or_else(|| Err(AppError::field("file", "Choose a file first."))),
        })
    }
}

async fn short(mut field: Field<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 200 {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

async fn whole(mut field: Field<'_>, most: i64) -> AppResult<Vec<u8>> {
    let broken = |_| AppError::conflict("The file did not arrive whole. Attach it again.");
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > most {
            let words = format!(
                "The file is too large: at most {} are taken. Attach a smaller one.",
                size_text(most as i64)
            );
            return Err(AppError::new(ErrorKind::TooLarge, words));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn download(Extension(ctx): Extension<Ctx>, Path(file): Path<FileId>) -> Response {
    match service::download(&ctx, file).await {
        Ok(address) => ([(header::CACHE_CONTROL, "no-store")], Redirect::temporary(&address)).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn text(Extension(ctx): Extension<Ctx>, Path(file): Path<FileId>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    match service::read_text(&ctx, file).await {
        Ok(text) => (headers, text).into_response(),
        Err(error) => error.into_response(),
    }
}

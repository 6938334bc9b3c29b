//! Registering a head by a form with a file, with and without script.

use super::model::LARGEST_HEAD;
use super::service;
use crate::error::{AppError, AppResult};
use crate::platform::{AppState, Ctx};
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

/// To be merged at the root; expects the request's `Ctx` among its extensions.
pub fn router() -> axum::Router<AppState> {
    axum::Router::new().route(
        "/admin/models/register",
        post(register).layer(DefaultBodyLimit::max(LARGEST_HEAD + 1_000_000)),
    )
}

async fn register(Extension(ctx): Extension<Ctx>, form: Multipart) -> Response {
    match take(&ctx, form).await {
        Ok(()) => Redirect::to("/admin/models").into_response(),
        Err(error) => {
            let Some(hitch) = hitch(&error) else {
                return error.into_response();
            };
            Redirect::to(&format!("/admin/models?hitch={hitch}")).into_response()
        }
    }
}

async fn take(ctx: &Ctx, mut form: Multipart) -> AppResult<()> {
    ctx.admin()?;
    let damaged = |_| AppError::invalid("The form was incomplete, damaged, or too large.");
    let (mut head, mut report) = (Vec::new(), None);
    while let Some(field) = form.next_field().await.map_err(damaged)? {
        match field.name() {
            Some("head") => head = field.bytes().await.map_err(damaged)?.to_vec(),
            Some("report") => report = Some(field.text().await.map_err(damaged)?),
            _ => {}
        }
    }
    service::register(ctx, head, report).await?;
    Ok(())
}

/// What the page says about it; none for errors that have a page of their own.
fn hitch(error: &AppError) -> Option<&'static str> {
    use crate::error::ErrorKind::{Conflict, Invalid, TooLarge};
    match error.kind {
        Conflict => Some("known"),
        Invalid if error.fields.iter().any(|field| field.field == "report") => Some("report"),
        Invalid | TooLarge => Some("head"),
        _ => None,
    }
}

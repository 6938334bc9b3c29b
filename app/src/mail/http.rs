//! The door that mail programs use to unsubscribe with one click (RFC 8058), and browsers without script too.

use crate::error::AppResult;
use crate::mail::service;
use crate::platform::{AppState, Ctx};
use ::http::{HeaderMap, StatusCode, header};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Extension, Router};
use serde::Deserialize;

pub fn router() -> Router<AppState> {
    Router::new().route("/unsubscribe", post(unsubscribe))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    user: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    key: String,
}

/// Everything stands in the address; the body (`List-Unsubscribe=One-Click`) says nothing more.
async fn unsubscribe(
    Extension(ctx): Extension<Ctx>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let kind = service::unsubscribe(&ctx, &asked.user, &asked.kind, &asked.key).await?;
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Ok(if accepts.contains("text/html") {
        Redirect::to(&format!("/unsubscribe?done={}", kind.code())).into_response()
    } else {
        StatusCode::OK.into_response()
    })
}

//! Taking requests apart. What does not fit is refused in problem+json, with the place where it does not.

use super::problem::problem;
use app::error::{AppError, FieldError};
use app::platform::Ctx;
use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// Who asks, signed in. It comes first in every handler, so that nobody learns what exists without saying who they are.
pub struct Who(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        let ctx = context(parts)?;
        ctx.actor()?;
        Ok(Who(ctx))
    }
}

/// Anyone at all.
pub struct Anyone(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Anyone {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        context(parts).map(Anyone)
    }
}

fn context(parts: &Parts) -> Result<Ctx, AppError> {
    parts
        .extensions
        .get::<Ctx>()
        .cloned()
        .ok_or_else(|| AppError::internal("an API route is outside the context layer"))
}

/// An id in the path. What is no id names nothing, so it is not found.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let missing = || AppError::not_found("What this address names");
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| missing())?;
        text.parse().map(Id).map_err(|_| missing())
    }
}

/// What stands after the question mark.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Params(params)),
            Err(error) => Err(problem(
                StatusCode::BAD_REQUEST,
                format!("The query is not understood: {}.", error.body_text()),
                Vec::new(),
            )),
        }
    }
}

/// A body of JSON. Fields nobody reads are refused: they are mostly misspelt ones.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            let words = "Send JSON, with the header Content-Type: application/json.";
            return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, words, Vec::new()));
        }
        let bytes: Bytes = request.extract().await.map_err(unread)?;
        read(&bytes).map(Body)
    }
}

fn unread(error: BytesRejection) -> Response {
    match error.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::new(
            app::error::ErrorKind::TooLarge,
            "What was sent is too large. Send it in smaller pieces.",
        )
        .into_response(),
        _ => problem(StatusCode::BAD_REQUEST, "The body did not arrive whole.", Vec::new()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Response> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let mut unknown = Vec::new();
    let mut note = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let found = serde_path_to_error::deserialize(serde_ignored::Deserializer::new(&mut source, &mut note));
    let value: T = found.map_err(|error| misfit(error.path().to_string(), error.inner()))?;
    source.end().map_err(|error| misfit(String::new(), &error))?;
    if unknown.is_empty() {
        return Ok(value);
    }
    let errors = unknown.into_iter().take(20).map(|field| FieldError {
        field,
        message: "This field is not known here.".into(),
    });
    Err(problem(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Some fields are not known here. Nothing was changed.",
        errors.collect(),
    ))
}

fn misfit(path: String, error: &serde_json::Error) -> Response {
    match error.classify() {
        serde_json::error::Category::Data => {
            let message = without_place(error);
            let errors = if path == "." || path.is_empty() {
                Vec::new()
            } else {
                vec![FieldError {
                    field: path,
                    message: message.clone(),
                }]
            };
            problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("The JSON does not fit: {message}."),
                errors,
            )
        }
        // Where it stops being JSON, and never what stood there.
        _ => problem(
            StatusCode::BAD_REQUEST,
            format!(
                "This is not valid JSON: see line {}, column {}.",
                error.line(),
                error.column()
            ),
            Vec::new(),
        ),
    }
}

/// The message without `at line 1 column 2`, and without what was sent, which may be private.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let chars: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    chars
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Two {
        name: String,
        #[serde(default)]
        size: u32,
    }

    fn status(text: &str) -> u16 {
        read::<Two>(text.as_bytes()).map_or_else(|response| response.status().as_u16(), |_| 200)
    }

    #[test]
    fn a_body_fits_or_is_told_why_not() {
        assert_eq!(status(r#"{"name":"a","size":2}"#), 200);
        assert_eq!(status(r#"{"name":"a","seize":2}"#), 422);
        assert_eq!(status(r#"{"name":7}"#), 422);
        assert_eq!(status(r#"{"name":"a""#), 400);
        assert_eq!(status(r#"{"name":"a"} {}"#), 400);
        assert_eq!(status(r#"{"name":"a","name":"b"}"#), 422);
        assert_eq!(status(&"[".repeat(100_000)), 422);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<Two>(&bytes);
        }
    }
}

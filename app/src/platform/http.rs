//! Errors as HTTP: the status of a page or server function, and problem+json for programs.

use crate::error::{AppError, ErrorKind, FieldError};
use ::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::Serialize;

/// The status of the running page or server function follows the error. Not so for a form sent without script: it is answered by a
/// redirect back to its page, and that page shows the error.
pub fn set_status(error: &AppError) {
    if let Some(response) = use_context::<ResponseOptions>()
        && !is_plain_form()
    {
        response.set_status(status(error.kind));
    }
}

/// Whether this is a form sent without script.
pub fn is_plain_form() -> bool {
    use_context::<::http::request::Parts>().is_some_and(|parts| {
        let accepts = parts
            .headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .unwrap_or_default();
        parts.method == ::http::Method::POST && accepts.contains("text/html")
    })
}

pub fn status(kind: ErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// RFC 9457.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let problem = Problem {
            r#type: "about:blank".into(),
            title: self.kind.title().into(),
            status: self.kind.status(),
            detail: self.message,
            errors: self.fields,
            incident: self.incident,
        };
        let mut response = (status(self.kind), axum::Json(problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

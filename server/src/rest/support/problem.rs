//! Trouble that has no kind of its own in `AppError`, told in the same form.

use app::error::FieldError;
use app::platform::http::Problem;
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// An answer in problem+json.
pub fn problem(status: StatusCode, detail: impl Into<String>, errors: Vec<FieldError>) -> Response {
    let problem = Problem {
        r#type: "about:blank".into(),
        title: status.canonical_reason().unwrap_or("Problem").into(),
        status: status.as_u16(),
        detail: detail.into(),
        errors,
        incident: None,
    };
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// There is nothing at this address.
pub async fn no_such_route(uri: Uri) -> Response {
    let path: String = uri.path().chars().take(200).collect();
    problem(
        StatusCode::NOT_FOUND,
        format!("There is nothing at {path}. What there is, is listed at /api/openapi.json."),
        Vec::new(),
    )
}

/// There is something at this address, but not for this method.
pub async fn method_not_allowed(method: Method) -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not possible here. What is, is listed at /api/openapi.json."),
        Vec::new(),
    )
}

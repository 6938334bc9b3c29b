//! What all handlers share.

mod extract;
pub mod idempotency;
mod page;
mod problem;
pub mod scopes;

pub use extract::{Anyone, Body, Id, Params, Who};
pub use page::limit;
pub use problem::{method_not_allowed, no_such_route};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// `201 Created`, with the address of what was made.
pub fn created(place: &str, made: impl Serialize) -> Response {
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    if let Ok(value) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// The id of what was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Made {
    #[schema(format = Uuid)]
    pub id: String,
}

/// `201 Created` with an id; `noun` is the collection it is found in.
pub fn made(noun: &str, id: impl std::fmt::Display) -> Response {
    created(&format!("/api/v1/{noun}/{id}"), Made { id: id.to_string() })
}

//! The REST API: everything in the main job, for programs, under `/api/v1`.
//!
//! One file per noun; a handler takes a request apart, calls the same service as the pages, and puts the answer together. What surrounds
//! the handlers is in `support`: scopes of tokens, `Idempotency-Key`, and problem+json for whatever goes wrong.
//!
//! Routes are only ever added with `routes!`, which adds them to the description at `/api/openapi.json` in the same breath. The page
//! `/api/docs` lists them for people.

mod admin;
mod assignments;
mod courses;
mod describe;
mod docs;
mod files;
mod grades;
mod learning;
mod me;
mod models;
mod people;
mod questions;
mod results;
mod review;
mod submissions;
mod support;
mod users;

use axum::middleware::from_fn;
use axum::routing::{any, get};
use axum::{Json, Router};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Every route under `/api`.
pub fn router() -> Router {
    let (routes, description) = parts();
    let description = std::sync::Arc::new(description);
    let page = docs::page(&description);
    routes
        .method_not_allowed_fallback(support::method_not_allowed)
        .layer(from_fn(support::idempotency::once))
        .layer(from_fn(support::scopes::check))
        .route(
            "/api/openapi.json",
            get(move || async move { Json(description.as_ref().clone()) }),
        )
        .route("/api/docs", get(move || async move { page }))
        .route("/api/v1/{*rest}", any(support::no_such_route))
}

/// The description of every route.
pub fn openapi() -> OpenApi {
    parts().1
}

fn parts() -> (Router, OpenApi) {
    let v1 = OpenApiRouter::new()
        .merge(me::router())
        .merge(courses::router())
        .merge(people::router())
        .merge(assignments::router())
        .merge(questions::router())
        .merge(submissions::router())
        .merge(files::router())
        .merge(review::router())
        .merge(grades::router())
        .merge(learning::router())
        .merge(results::router())
        .merge(users::router())
        .merge(admin::router())
        .merge(models::router());
    let (routes, mut description) = OpenApiRouter::with_openapi(describe::frame())
        .nest("/api/v1", v1)
        .split_for_parts();
    describe::finish(&mut description);
    (routes, description)
}

//! The built browser side: hashed files, kept for ever by browsers, sent in the smallest variant they take.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

pub fn router(root: &Path) -> Router {
    let files = |folder: &str| ServeDir::new(root.join(folder)).precompressed_br().precompressed_gzip();
    let hashed = Router::new()
        .nest_service("/pkg", files("pkg"))
        .layer(from_fn(for_ever));
    let fonts = Router::new()
        .nest_service("/fonts", files("fonts"))
        .layer(from_fn(for_ever));
    let named = Router::new()
        .route_service("/favicon.svg", ServeFile::new(root.join("favicon.svg")))
        .route_service("/robots.txt", ServeFile::new(root.join("robots.txt")))
        .layer(from_fn(for_a_day));
    hashed.merge(fonts).merge(named)
}

async fn for_ever(request: Request, next: Next) -> Response {
    cached(next.run(request).await, "public, max-age=31536000, immutable")
}

async fn for_a_day(request: Request, next: Next) -> Response {
    cached(next.run(request).await, "public, max-age=86400")
}

fn cached(mut response: Response, how: &'static str) -> Response {
    if response.status().is_success() {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    }
    response
}

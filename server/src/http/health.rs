//! Is it alive, can it serve, and in numbers: `/health`, `/health/ready`, `/metrics`, and their aliases under `/api`.

use crate::boot::{Life, Parts};
use crate::metrics::Metrics;
use app::platform::AppState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

#[derive(Clone)]
struct Watched {
    state: AppState,
    metrics: Metrics,
    life: Life,
}

pub fn router(parts: &Parts) -> Router {
    let watched = Watched {
        state: parts.state.clone(),
        metrics: parts.metrics.clone(),
        life: parts.life.clone(),
    };
    Router::new()
        .route("/health", get(alive))
        .route("/api/health", get(alive))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/api/metrics", get(metrics))
        .with_state(watched)
}

async fn alive() -> impl IntoResponse {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

async fn ready(State(watched): State<Watched>) -> impl IntoResponse {
    if watched.life.leaving.is_cancelled() {
        let body = json!({ "status": "stopping", "parts": [] });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(body));
    }
    let health = app::admin::health::health(&watched.state).await;
    let ready = health.is_ready();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "status": if ready { "ready" } else { "unavailable" }, "parts": health.parts })),
    )
}

async fn metrics(State(watched): State<Watched>) -> impl IntoResponse {
    let text = watched.metrics.scrape(&watched.state).await;
    (
        [(
            header::CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
}

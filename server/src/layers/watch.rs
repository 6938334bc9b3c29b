//! One line in the log and one count in the metrics for every request, under an incident id that the answer carries. Behind a trusted
//! proxy the id is the proxy's, so that its log and ours speak of the same request.

use crate::metrics::{Metrics, PageLabels, RequestLabels, RouteLabels};
use app::platform::incident;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// What the layer needs to know.
#[derive(Clone)]
pub struct Watch {
    pub metrics: Metrics,
    /// Take the incident id from `X-Request-Id`.
    pub trust_proxy: bool,
}

pub async fn requests(State(watch): State<Watch>, request: Request, next: Next) -> Response {
    let Watch { metrics, trust_proxy } = watch;
    let given = request
        .headers()
        .get("x-request-id")
        .filter(|_| trust_proxy)
        .and_then(|id| incident::from_proxy(id.to_str().ok()?));
    let id = given.unwrap_or_else(incident::generate);
    let method = request.method().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", incident = %id, %method, %route);
    let began = Instant::now();
    let mut response = incident::scope(id.clone(), next.run(request))
        .instrument(span.clone())
        .await;
    let (elapsed, status) = (began.elapsed(), response.status().as_u16());
    // The query may hold what people typed; the log gets the pattern of the route alone.
    span.in_scope(|| match status {
        500.. => tracing::error!(status, duration_ms = elapsed.as_millis() as u64, "answered"),
        400.. => tracing::info!(status, duration_ms = elapsed.as_millis() as u64, "answered"),
        _ => tracing::debug!(status, duration_ms = elapsed.as_millis() as u64, "answered"),
    });
    metrics
        .durations
        .get_or_create(&RouteLabels {
            method: method.clone(),
            route: route.clone(),
        })
        .observe(elapsed.as_secs_f64());
    let html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
    if status == 200 && method == "GET" && response.headers().get(header::CONTENT_TYPE).is_some_and(html) {
        metrics
            .page_views
            .get_or_create(&PageLabels { page: route.clone() })
            .inc();
    }
    metrics
        .requests
        .get_or_create(&RequestLabels { method, route, status })
        .inc();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-incident-id", value);
    }
    response
}

//! Every route of the server in one screen, and the layers around them.

mod events;
pub use events::Hub;
mod health;
mod site;

use crate::boot::Parts;
use crate::layers::{announce, ctx, maintenance, origin, panics, security, unread, watch};
use app::platform::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::sync::LazyLock;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as SessionTime;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Forms and JSON; files go straight to the object store.
const BODY_BYTES: usize = 4 * 1024 * 1024;

/// The whole server.
pub fn router(parts: &Parts) -> Router {
    let state = parts.state.clone();
    let uploads = state.limits.file_bytes as usize + 1024 * 1024;
    let sessions = SessionManagerLayer::new(parts.sessions.clone())
        .with_name("session")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(parts.config.server.secure_cookies)
        .with_expiry(Expiry::OnInactivity(SessionTime::hours(
            parts.config.sessions.idle_hours,
        )));
    let compressed = SizeAbove::new(512).and(NotForContentType::new("text/event-stream"));
    // With a person: pages, server functions, REST, streams, downloads.
    let rooms = app::file::http::router()
        .layer(DefaultBodyLimit::max(uploads))
        .merge(app::course::http::router())
        .merge(app::admin::http::router())
        .merge(app::mail::http::router())
        .merge(app::grader_model::http::router());
    let personal = pages(&state)
        .merge(rooms.with_state(state.clone()))
        .merge(crate::rest::router())
        .route("/assignments/{assignment}/progress", get(events::progress))
        .route(
            "/courses/{course}/gradebook.csv",
            get(app::grade::export::gradebook_csv),
        )
        .layer(axum::Extension(parts.hub.clone()))
        .layer(axum::Extension(parts.life.clone()))
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(announce::announce))
        .layer(from_fn_with_state(state.clone(), maintenance::gate))
        .layer(from_fn_with_state(context(parts), ctx::attach))
        .layer(sessions)
        .layer(from_fn(origin::check))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(parts.config.limits.request_seconds),
        ));
    // Without: health, numbers, files of the site, the embedded object store.
    let mut open = health::router(parts).merge(site::router(&parts.config.server.site_root));
    if let Some(storage) = state.blobs.router() {
        open = open.merge(storage.layer(DefaultBodyLimit::max(uploads)));
    }
    let all = personal.merge(open).with_state(());
    all.layer(from_fn(unread::read))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(watched(parts), watch::requests))
}

/// For programs alone: `/api`, `/health` and `/metrics` on a listener of their own.
pub fn api_router(parts: &Parts) -> Router {
    let api = crate::rest::router()
        .layer(axum::Extension(parts.hub.clone()))
        .layer(axum::Extension(parts.life.clone()))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(parts.state.clone(), maintenance::gate))
        .layer(from_fn_with_state(context(parts), ctx::attach));
    api.merge(health::router(parts))
        .layer(from_fn(unread::read))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(watched(parts), watch::requests))
}

/// Health and numbers alone, for a process that only works.
pub fn watch_router(parts: &Parts) -> Router {
    health::router(parts).layer(from_fn(security::headers))
}

fn watched(parts: &Parts) -> watch::Watch {
    watch::Watch {
        metrics: parts.metrics.clone(),
        trust_proxy: parts.config.server.trust_proxy,
    }
}

fn context(parts: &Parts) -> ctx::Settings {
    ctx::Settings {
        state: parts.state.clone(),
        trust_proxy: parts.config.server.trust_proxy,
        session_life: parts.config.sessions.days * app::time::Timestamp::DAY,
    }
}

/// The addresses of the pages, listed once a process: before its first server answers, and never again. While they are listed, no page of
/// this process gets its data (Leptos has one switch for all), and one that asks for some in that moment waits for ever.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::shell::App));
    ROUTES.clone()
}

/// The pages and the server functions behind them.
fn pages(state: &AppState) -> Router {
    let options = state.leptos.clone();
    let provide = {
        let state = state.clone();
        move || leptos::prelude::provide_context(state.clone())
    };
    Router::new()
        .leptos_routes_with_context(state, page_routes(), provide.clone(), {
            let options = options.clone();
            move || app::shell::document(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(
            provide,
            app::shell::document,
        ))
        .with_state(state.clone())
}

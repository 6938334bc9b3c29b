//! Read-only while there is maintenance: one gate before every door that changes something.
//!
//! Open stay: everything that only looks (`GET`, and the server functions in `LOOKING`), what students type (`TYPING`: the journal takes it, so
//! nothing is lost), signing in and out, and maintenance itself. Everything else, also a door that is new and stands in no list, answers
//! 503 with `Retry-After`: a page for browsers without script, the error for our own pages, problem+json for programs.

use app::error::AppError;
use app::maintenance::model::Window;
use app::platform::AppState;
use app::time::{Moment, Timestamp};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Server functions that look and change nothing; our pages call them with POST.
pub const LOOKING: &[&str] = &[
    "account/profile",
    "admin/audit",
    "admin/handed_over",
    "admin/settings",
    "admin/system",
    "admin/user",
    "admin/users",
    "assignment/for_staff",
    "assignment/list",
    "assignment/overview",
    "assignment/place",
    "course/handed_over",
    "course/import_page",
    "course/mine",
    "course/overview",
    "course/people",
    "course/settings",
    "dashboard/home",
    "file/list",
    "file/sheet",
    "grade/cockpit",
    "grade/desk",
    "grade/gradebook",
    "grade/item",
    "grade/queue",
    "grade/result",
    "mail/notes",
    "mail/outbox",
    "mail/preferences",
    "maintenance/overview",
    "question/for_edit",
    "submission/assignment",
    "submission/receipt",
    "submission/sheet",
    "submission/verify",
    "tour/mine",
];
/// What students type.
pub const TYPING: &[&str] = &["submission/save", "submission/save_form"];
/// Getting in and out, and out of maintenance.
pub const KEEPING: &[&str] = &[
    "account/sign_in",
    "account/sign_out",
    "admin/save_settings",
    "maintenance/end",
    "maintenance/plan",
];

pub async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let now = state.clock.now();
    // Also for requests that only look: the dates they show reckon with the windows that were read last.
    let active = match state.maintenance.active(&state.db, now).await {
        Ok(active) => active,
        Err(error) => {
            // The database will say the same to the request itself.
            tracing::warn!(%error, "maintenance cannot be looked up");
            None
        }
    };
    match active {
        Some(window) if !is_open(&request) => refuse(&state, &request, &window, now),
        _ => next.run(request).await,
    }
}

fn is_open(request: &Request) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let path = request.uri().path();
    if let Some(name) = path.strip_prefix("/rpc/") {
        return [LOOKING, TYPING, KEEPING].iter().any(|list| list.contains(&name));
    }
    // The same doors in the API: saving, checking a receipt.
    let typed = path.starts_with("/api/v1/submissions/") && path.ends_with("/changes");
    typed || path == "/api/v1/receipts/verify"
}

fn refuse(state: &AppState, request: &Request, window: &Window, now: Timestamp) -> Response {
    let offset = state
        .institution
        .seen()
        .map_or(0, |institution| institution.offset_minutes(now));
    let until = window.planned_end_at.filter(|until| *until > now);
    let seconds = until.map_or(300, |until| ((until.0 - now.0) / Timestamp::SECOND).clamp(30, 3600));
    let when = until.map_or_else(String::new, |at| {
        let at = Moment {
            at,
            offset_minutes: offset,
        };
        format!(" until about {} ({})", at.day_time(), at.zone())
    });
    let path = request.uri().path();
    let submits =
        path == "/rpc/submission/submit" || (path.starts_with("/api/v1/submissions/") && path.ends_with("/submit"));
    let rest = if submits {
        "You cannot submit right now. Everything you typed is saved, and you can go on typing. If the deadline falls into this time, it moves: \
         you get the lost time back. Submit when the maintenance is over."
    } else {
        "Nothing was changed. You can read everything, and what you type into answers is saved. Try again when the maintenance is over."
    };
    let message = format!("There is maintenance{when}. {} {rest}", window.message).replace("  ", " ");
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut response = if accepts.contains("text/html") {
        page(&message)
    } else if path.starts_with("/rpc/") {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            axum::Json(AppError::unavailable(message)),
        )
            .into_response()
    } else {
        AppError::unavailable(message).into_response()
    };
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

const STYLE: &str = "body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1d2026;background:#faf9f6}\
h1{font-size:1.5rem;line-height:1.25}@media(prefers-color-scheme:dark){body{color:#e8e6e1;background:#16181c}}";

/// For browsers without script. Its style is allowed by its hash.
fn page(message: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Maintenance · Auto-Grader</title><style>{STYLE}</style></head>\
         <body><main><h1>Changes are paused</h1><p>{}</p><p>Go back in your browser: what you entered is still in the form.</p></main></body></html>",
        app::mail::template::escape(message)
    );
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    );
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html(html)).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn every_server_function_that_is_listed_exists() {
        let known: Vec<String> = leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path.trim_start_matches("/rpc/").to_owned())
            .collect();
        for name in [LOOKING, TYPING, KEEPING].concat() {
            assert!(
                known.iter().any(|path| path == name),
                "{name} is no server function any more"
            );
        }
    }

    #[test]
    fn typing_is_open_and_submitting_is_not() {
        let open = |method: &str, path: &str| {
            is_open(&Request::builder().method(method).uri(path).body(Body::empty()).unwrap())
        };
        assert!(
            open("GET", "/courses")
                && open("POST", "/rpc/submission/save")
                && open("POST", "/api/v1/submissions/1/changes")
        );
        assert!(open("POST", "/rpc/account/sign_out") && open("POST", "/rpc/maintenance/end"));
        for shut in [
            "/rpc/submission/submit",
            "/api/v1/submissions/1/submit",
            "/rpc/a/door/nobody/knows",
            "/files/upload",
            "/unsubscribe",
        ] {
            assert!(!open("POST", shut), "{shut}");
        }
        assert!(!open("DELETE", "/api/v1/files/1"));
    }
}

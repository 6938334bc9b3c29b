//! What a token may do: `read` looks, `write` changes, `admin` is needed besides for what administrators do. People who are signed in
//! with a browser may use all of their rights.

use app::error::AppError;
use app::platform::Ctx;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub async fn check(request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Ctx>().and_then(|ctx| ctx.actor.clone());
    // Checking a receipt changes nothing, though its text is sent as a body.
    let looks = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.uri().path() == "/api/v1/receipts/verify";
    let administers = request.uri().path().starts_with("/api/v1/admin/");
    let needed = [
        Some(if looks { "read" } else { "write" }),
        administers.then_some("admin"),
    ];
    let missing = actor.and_then(|actor| needed.into_iter().flatten().find(|scope| !actor.has_scope(scope)));
    match missing {
        None => next.run(request).await,
        Some(scope) => AppError::forbidden(format!(
            "This token lacks the scope “{scope}”. Make one in your profile that has it."
        ))
        .into_response(),
    }
}

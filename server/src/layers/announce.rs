//! What the frame around every page says besides the page itself: maintenance, unseen notifications, an address to be confirmed.
//! Looked up for pages alone, not for server functions, files or programs.

use app::account::recovery;
use app::mail::service;
use app::maintenance::cache::announcement;
use app::platform::Ctx;
use app::shell::Announcements;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;

pub async fn announce(mut request: Request, next: Next) -> Response {
    if let Some(ctx) = request.extensions().get::<Ctx>().filter(|_| is_page(&request)).cloned() {
        let found = look(&ctx).await;
        request.extensions_mut().insert(found);
    }
    next.run(request).await
}

fn is_page(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    // A client that says nothing is answered like a browser.
    let html = accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"));
    let path = request.uri().path();
    request.method() == Method::GET && html && !path.starts_with("/api/") && !path.ends_with("/progress")
}

/// What cannot be found out is left out: the page itself is worth more.
async fn look(ctx: &Ctx) -> Announcements {
    let mut found = Announcements {
        maintenance: announcement(ctx, &ctx.state.maintenance.seen()),
        mail: ctx.state.mail.enabled,
        ..Announcements::default()
    };
    if let Some(actor) = &ctx.actor {
        found.unread = service::unread(ctx.db(), actor.id).await.unwrap_or_default();
        found.unverified = ctx.state.mail.enabled && recovery::is_unverified(ctx, actor.id).await.unwrap_or_default();
    }
    found
}

//! Who asks: finds the session or bearer token, and puts the `Ctx` into the request for everyone behind.

use app::account;
use app::error::{AppError, AppResult};
use app::ids::UserId;
use app::platform::ctx::{Client, Via};
use app::platform::sessions::key;
use app::platform::{Actor, AppState, Ctx};
use app::time::Timestamp;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use tower_sessions::Session;

/// What this layer needs besides the application's state.
#[derive(Clone)]
pub struct Settings {
    pub state: AppState,
    pub trust_proxy: bool,
    /// The longest a session lives, in microseconds.
    pub session_life: i64,
}

/// How often a session's last use is written down.
const SEEN_EVERY: i64 = 5 * Timestamp::MINUTE;
const SEEN_AT: &str = "seen_at";
/// A cookie of a few seconds that says: this browser has just changed something, so show it what the primary knows. In a cookie, because
/// the next request may meet another process. Programs with a token keep no cookies and always read from the primary.
const WROTE: &str = "wrote";

fn has_written(headers: &HeaderMap) -> bool {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .any(|pair| pair.trim().starts_with("wrote="))
}

pub async fn attach(State(settings): State<Settings>, mut request: Request, next: Next) -> Response {
    // The body is not shared between threads, so nothing borrows the request while waiting.
    let session = request.extensions().get::<Session>().cloned();
    let bearer = bearer(request.headers()).map(str::to_owned);
    let client = client(&settings, &request);
    let changes = settings.state.db.has_replicas() && bearer.is_none() && !request.method().is_safe();
    let fresh = bearer.is_some() || !request.method().is_safe() || has_written(request.headers());
    match context(&settings, session, bearer, client)
        .await
        .and_then(|ctx| reaches(&request, ctx))
    {
        Ok(ctx) => {
            request.extensions_mut().insert(Ctx { fresh, ..ctx });
            let mut response = next.run(request).await;
            if changes {
                let seconds = settings.state.db.settled_after();
                if let Ok(cookie) = format!("{WROTE}=1; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax").parse() {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
            }
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn context(
    settings: &Settings,
    session: Option<Session>,
    bearer: Option<String>,
    client: Client,
) -> AppResult<Ctx> {
    let state = settings.state.clone();
    let now = state.clock.now();
    let actor = match bearer.as_deref() {
        Some(secret) => {
            let refused = || {
                AppError::new(
                    app::error::ErrorKind::SignIn,
                    "The token is not known, or it has ended.",
                )
            };
            Some(
                account::tokens::authenticate(state.db.read(), secret, now)
                    .await?
                    .ok_or_else(refused)?,
            )
        }
        None => match &session {
            Some(session) => from_session(settings, session, now).await?,
            None => None,
        },
    };
    let institution = state.institution.get(&state.db, now).await?;
    Ok(Ctx {
        state,
        actor: actor.map(Arc::new),
        session,
        client: Arc::new(client),
        institution,
        fresh: true,
    })
}

/// Tokens are for the API, which asks for their scopes; elsewhere there are only two things a program may want to look at.
fn reaches(request: &Request, ctx: Ctx) -> AppResult<Ctx> {
    let Some(actor) = ctx
        .actor
        .as_ref()
        .filter(|actor| matches!(actor.via, Via::Token { .. }))
    else {
        return Ok(ctx);
    };
    let path = request.uri().path();
    let looks = request.method() == Method::GET
        && (path.ends_with("/progress") || path.ends_with("/gradebook.csv"))
        && actor.has_scope("read");
    if path.starts_with("/api/") || looks {
        Ok(ctx)
    } else {
        Err(AppError::forbidden(
            "Tokens are for the API below /api/v1. Use that, or sign in with a browser.",
        ))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
        .map(str::trim)
}

async fn from_session(settings: &Settings, session: &Session, now: Timestamp) -> AppResult<Option<Actor>> {
    let unavailable = |error| {
        tracing::error!(%error, "sessions cannot be read");
        AppError::unavailable("Signing in is not possible right now. Try again in a moment.")
    };
    let Some(id) = session
        .get::<String>(key::USER)
        .await
        .map_err(unavailable)?
        .and_then(|id| id.parse::<UserId>().ok())
    else {
        return Ok(None);
    };
    let began = session
        .get::<i64>(key::SIGNED_IN_AT)
        .await
        .map_err(unavailable)?
        .unwrap_or_default();
    let user = account::store::by_id(settings.state.db.read(), id).await?;
    let Some(user) = user.filter(|user| user.deactivated_at.is_none() && now.0 - began < settings.session_life) else {
        session.flush().await.map_err(unavailable)?;
        return Ok(None);
    };
    let seen = session.get::<i64>(SEEN_AT).await.map_err(unavailable)?.unwrap_or(began);
    if now.0 - seen > SEEN_EVERY {
        // A changed session is saved, which also moves its idle end.
        session.insert(SEEN_AT, now.0).await.map_err(unavailable)?;
    }
    Ok(Some(Actor::from_user(&user, Via::Session)))
}

fn client(settings: &Settings, request: &Request) -> Client {
    let text = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let forwarded = |name| if settings.trust_proxy { text(name) } else { "" };
    let peer = || {
        request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_string())
            .unwrap_or_default()
    };
    // The proxy appends the address it saw, so the last one is the one to believe.
    let address = forwarded("x-forwarded-for")
        .rsplit(',')
        .map(str::trim)
        .find(|a| !a.is_empty())
        .map_or_else(peer, str::to_owned);
    let scheme = if forwarded("x-forwarded-proto") == "https" {
        "https"
    } else {
        "http"
    };
    let host = text("host");
    Client {
        address: address.chars().take(64).collect(),
        user_agent: text("user-agent").chars().take(300).collect(),
        origin: if host.is_empty() {
            String::new()
        } else {
            format!("{scheme}://{host}")
        },
    }
}

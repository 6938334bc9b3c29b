//! `Idempotency-Key`: a POST that is sent again with the same key is done once and answered twice.
//!
//! The key is claimed before the work, so that two at once cannot both do it. An answer is kept for a day, without passwords. Our own
//! failures are not kept: the request may be tried again. A process that dies between the work and keeping its answer leaves the claim;
//! then it is not known whether the work was done, and the client is told so rather than the work done twice.

use super::problem::problem;
use app::entity::idempotency_key as table;
use app::error::{AppError, AppResult};
use app::platform::{Ctx, db};
use app::time::Timestamp;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use sha2::{Digest, Sha256};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Stands for the status while the first request is being answered.
const UNDER_WAY: i32 = 0;
const KEPT_FOR: i64 = Timestamp::DAY;
const BODY_BYTES: usize = 4 * 1024 * 1024;

pub async fn once(request: Request, next: Next) -> Response {
    let ctx = request
        .extensions()
        .get::<Ctx>()
        .cloned()
        .filter(|ctx| ctx.actor.is_some());
    let (true, Some(key), Some(ctx)) = (
        *request.method() == Method::POST,
        request.headers().get(&KEY).cloned(),
        ctx,
    ) else {
        return next.run(request).await;
    };
    match with_key(ctx, key, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn with_key(ctx: Ctx, key: HeaderValue, request: Request, next: Next) -> AppResult<Response> {
    let Some(key) = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())) else {
        return Ok(problem(
            StatusCode::BAD_REQUEST,
            "An Idempotency-Key has 1 to 255 printable ASCII characters.",
            Vec::new(),
        ));
    };
    // One person's keys are nobody else's.
    let id = digest([ctx.actor()?.id.to_string().as_bytes(), key.as_bytes()]);
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return Err(AppError::new(
            app::error::ErrorKind::TooLarge,
            "What was sent is too large. Send it in smaller pieces.",
        ));
    };
    let target = parts
        .uri
        .path_and_query()
        .map_or(parts.uri.path(), |target| target.as_str());
    let hash = digest([target.as_bytes(), &body]);
    if let Some(answer) = claim(&ctx, &id, &hash).await? {
        return Ok(answer);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(&ctx, &id, response).await
}

/// Claims the key; an answer instead, when it was used before.
async fn claim(ctx: &Ctx, id: &str, hash: &str) -> AppResult<Option<Response>> {
    let now = ctx.now();
    if let Some(row) = table::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .filter(|row| row.created_at > now.plus(-KEPT_FOR))
    {
        return Ok(Some(replay(row, hash, now)));
    }
    let row = table::Model {
        id: id.to_owned(),
        request_hash: hash.to_owned(),
        status: UNDER_WAY,
        body: String::new(),
        created_at: now,
    };
    let tx = ctx.state.db.begin().await?;
    table::Entity::delete_many()
        .filter(table::Column::CreatedAt.lte(now.plus(-KEPT_FOR)))
        .exec(&*tx)
        .await?;
    match table::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&*tx)
        .await
    {
        Ok(_) => tx.commit().await.map(|()| None).map_err(AppError::from),
        Err(error) if db::is_duplicate(&error) => Ok(Some(busy())),
        Err(error) => Err(error.into()),
    }
}

fn replay(row: table::Model, hash: &str, now: Timestamp) -> Response {
    if row.request_hash != hash {
        let words =
            "This Idempotency-Key was used for another request. Use a new key for a new request; nothing was changed.";
        return AppError::conflict(words).into_response();
    }
    let Ok(status) = u16::try_from(row.status)
        .map_err(drop)
        .and_then(|status| StatusCode::from_u16(status).map_err(drop))
    else {
        return if now.0 - row.created_at.0 < 2 * Timestamp::MINUTE {
            busy()
        } else {
            cut_off()
        };
    };
    // The kind and the place were kept in the first line.
    let (head, body) = row.body.split_once('\n').unwrap_or_default();
    let (kind, place) = head.split_once(' ').unwrap_or((head, ""));
    let mut response = (status, body.to_owned()).into_response();
    let headers = response.headers_mut();
    for (name, text) in [
        (header::CONTENT_TYPE, kind),
        (header::LOCATION, place),
        (REPLAYED, "true"),
    ] {
        if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(text)) {
            headers.insert(name, value);
        }
    }
    response
}

fn busy() -> Response {
    let mut response = AppError::conflict(
        "The first request with this Idempotency-Key is still being answered. Ask again in a moment.",
    )
    .into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn cut_off() -> Response {
    AppError::conflict("The first request with this Idempotency-Key was cut off. Look whether it was done; if not, send it with a new key.").into_response()
}

async fn keep(ctx: &Ctx, id: &str, response: Response) -> AppResult<Response> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(AppError::internal)?;
    let tx = ctx.state.db.begin().await?;
    if parts.status.is_server_error() {
        table::Entity::delete_by_id(id).exec(&*tx).await?;
    } else {
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
                .unwrap_or_default()
        };
        let head = format!(
            "{} {}",
            text(header::CONTENT_TYPE).replace(' ', ""),
            text(header::LOCATION)
        );
        let change = table::ActiveModel {
            id: Set(id.to_owned()),
            status: Set(i32::from(parts.status.as_u16())),
            body: Set(format!("{head}\n{}", without_passwords(&body))),
            ..Default::default()
        };
        change.update(&*tx).await?;
    }
    tx.commit().await?;
    Ok(Response::from_parts(without_length(parts), Body::from(body)))
}

fn without_length(mut parts: axum::http::response::Parts) -> axum::http::response::Parts {
    let headers: &mut HeaderMap = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    parts
}

/// A one-time password is told once and stored nowhere, so a second answer goes without.
fn without_passwords(body: &[u8]) -> String {
    fn blank(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => map.iter_mut().for_each(|(name, value)| match name.as_str() {
                "password" => *value = serde_json::Value::Null,
                _ => blank(value),
            }),
            serde_json::Value::Array(list) => list.iter_mut().for_each(blank),
            _ => {}
        }
    }
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(mut value) => {
            blank(&mut value);
            value.to_string()
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

fn digest<const N: usize>(parts: [&[u8]; N]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_answer_holds_no_password() {
        let kept = without_passwords(br#"{"id":"1","accounts":[{"email":"a@b.c","password":"abcd-efgh"}]}"#);
        assert!(!kept.contains("abcd-efgh") && kept.contains("a@b.c"));
        assert_eq!(without_passwords(b""), "");
    }

    #[test]
    fn parts_of_a_digest_do_not_run_together() {
        assert_ne!(digest([b"ab", b"c"]), digest([b"a", b"bc"]));
    }
}

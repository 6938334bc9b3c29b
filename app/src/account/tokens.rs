//! API tokens: made in the profile, shown once, stored as a hash, limited to scopes.

use crate::account::model::{SCOPES, TokenInfo};
use crate::account::store;
use crate::audit::store::{Act, record};
use crate::entity::api_token;
use crate::error::{AppError, AppResult};
use crate::ids::TokenId;
use crate::platform::{Actor, Ctx, ctx::Via};
use crate::time::Timestamp;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use sha2::{Digest, Sha256};

pub async fn list(ctx: &Ctx) -> AppResult<Vec<TokenInfo>> {
    let rows = store::tokens(ctx.db(), ctx.actor()?.id).await?;
    Ok(rows.into_iter().map(|row| info(ctx, row)).collect())
}

/// A new token; the text is returned this once.
pub async fn create(ctx: &Ctx, name: String, scopes: Vec<String>, days: i64) -> AppResult<String> {
    let actor = ctx.actor()?;
    if !matches!(actor.via, Via::Session | Via::System) {
        return Err(AppError::forbidden(
            "A token cannot make tokens. Sign in with a browser.",
        ));
    }
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(AppError::field(
            "name",
            "Give the token a name of at most 100 characters, such as the program that uses it.",
        ));
    }
    let known = |scope: &String| SCOPES.iter().any(|(id, _)| id == scope);
    if scopes.is_empty() || !scopes.iter().all(known) {
        return Err(AppError::field("scopes", "Choose what the token may do."));
    }
    if scopes.iter().any(|s| s == "admin") && !actor.is_admin {
        return Err(AppError::field(
            "scopes",
            "Only administrators can make tokens that administer.",
        ));
    }
    if !(1..=365).contains(&days) {
        return Err(AppError::field("days", "A token lives between 1 and 365 days."));
    }
    let secret = format!("ag_{}", hex::encode(rand::random::<[u8; 24]>()));
    let now = ctx.now();
    let row = api_token::Model {
        id: TokenId::new(),
        user_id: actor.id,
        name,
        hash: hash(&secret),
        prefix: secret[..10].to_owned(),
        scopes: scopes.join(" "),
        created_at: now,
        last_used_at: None,
        expires_at: Some(now.plus(days * Timestamp::DAY)),
        revoked_at: None,
    };
    let tx = ctx.state.db.begin().await?;
    let detail = json!({ "name": row.name, "scopes": row.scopes });
    let id = row.id.to_string();
    row.into_active_model().reset_all().insert(&*tx).await?;
    record(
        ctx,
        &*tx,
        Act {
            action: "token.create",
            target_kind: "token",
            target_id: id,
            detail,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

pub async fn revoke(ctx: &Ctx, id: TokenId) -> AppResult<()> {
    let actor = ctx.actor()?;
    let missing = || AppError::not_found("The token");
    let row = api_token::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .filter(|row| row.user_id == actor.id)
        .ok_or_else(missing)?;
    let tx = ctx.state.db.begin().await?;
    let mut row = row.into_active_model();
    row.revoked_at = Set(Some(ctx.now()));
    row.update(&*tx).await?;
    record(
        ctx,
        &*tx,
        Act {
            action: "token.revoke",
            target_kind: "token",
            target_id: id.to_string(),
            detail: json!({}),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Who a bearer token speaks for.
pub async fn authenticate(
    db: &impl sea_orm::ConnectionTrait,
    secret: &str,
    now: Timestamp,
) -> AppResult<Option<Actor>> {
    let Some(token) = store::token_by_hash(db, &hash(secret)).await? else {
        return Ok(None);
    };
    if token.expires_at.is_some_and(|at| at <= now) {
        return Ok(None);
    }
    // Once a minute is exact enough, and saves a write for every request.
    if token.last_used_at.is_none_or(|at| now.0 - at.0 > Timestamp::MINUTE) {
        store::touch_token(db, &token, now).await?;
    }
    let user = store::by_id(db, token.user_id)
        .await?
        .filter(|user| user.deactivated_at.is_none());
    let scopes = token.scopes.split_whitespace().map(str::to_owned).collect();
    Ok(user.map(|user| Actor::from_user(&user, Via::Token { id: token.id, scopes })))
}

fn info(ctx: &Ctx, row: api_token::Model) -> TokenInfo {
    TokenInfo {
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: ctx.moment(row.created_at),
        last_used_at: row.last_used_at.map(|at| ctx.moment(at)),
        expires_at: row.expires_at.map(|at| ctx.moment(at)),
    }
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

//! The sessions of one person: begin, list, revoke.

use crate::account::model::SessionInfo;
use crate::account::store;
use crate::entity::{session, user};
use crate::error::{AppError, AppResult};
use crate::platform::Ctx;
use crate::platform::sessions::key;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

/// Signs `user` in: the session gets a new id, so that an id planted before is worth nothing.
pub async fn begin(ctx: &Ctx, user: &user::Model) -> AppResult<()> {
    let session = ctx
        .session
        .as_ref()
        .ok_or_else(|| AppError::internal("no session layer"))?;
    session.cycle_id().await.map_err(AppError::internal)?;
    session
        .insert(key::USER, user.id.to_string())
        .await
        .map_err(AppError::internal)?;
    session
        .insert(key::SIGNED_IN_AT, ctx.now().0)
        .await
        .map_err(AppError::internal)?;
    session
        .insert(key::USER_AGENT, &ctx.client.user_agent)
        .await
        .map_err(AppError::internal)?;
    session
        .insert(key::ADDRESS, &ctx.client.address)
        .await
        .map_err(AppError::internal)?;
    session.save().await.map_err(AppError::internal)
}

pub async fn list(ctx: &Ctx) -> AppResult<Vec<SessionInfo>> {
    let current = ctx.session.as_ref().and_then(|s| s.id()).map(|id| id.to_string());
    let rows = store::sessions(ctx.db(), ctx.actor()?.id, ctx.now()).await?;
    Ok(rows.into_iter().map(|row| info(ctx, row, current.as_deref())).collect())
}

/// Ends one of the own sessions, named by its handle.
pub async fn revoke(ctx: &Ctx, wanted: String) -> AppResult<()> {
    let rows = store::sessions(ctx.db(), ctx.actor()?.id, ctx.now()).await?;
    let row = rows
        .into_iter()
        .find(|row| handle(&row.id) == wanted)
        .ok_or_else(|| AppError::not_found("The session"))?;
    session::Entity::delete_by_id(row.id).exec(ctx.db()).await?;
    ctx.state.cache.end_sessions(ctx.actor()?.id).await;
    Ok(())
}

fn info(ctx: &Ctx, row: session::Model, current: Option<&str>) -> SessionInfo {
    SessionInfo {
        handle: handle(&row.id),
        browser: browser(&row.user_agent),
        address: row.address,
        created_at: ctx.moment(row.created_at),
        last_seen_at: ctx.moment(row.last_seen_at),
        current: current == Some(row.id.as_str()),
    }
}

fn handle(id: &str) -> String {
    hex::encode(&Sha256::digest(id)[..8])
}

/// `Firefox on Windows`, as far as the user agent tells.
fn browser(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let program = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.into(),
        (None, None) => "Unknown browser".into(),
    }
}

//! Limits on tries, counted together by all processes: in the shared memory (Redis) where there is one, else, and while it is away, in the
//! database.

use crate::entity::attempt;
use crate::error::{AppError, AppResult, ErrorKind};
use crate::platform::Ctx;
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// How many of something are allowed within a window.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub most: i32,
    pub window: i64,
}

/// Guesses at one account's password from one address. Other addresses are counted apart, so that nobody can lock out somebody else.
pub const SIGN_IN: Limit = Limit {
    name: "sign-in",
    most: 10,
    window: 15 * Timestamp::MINUTE,
};
/// Guesses at one account's password from anywhere: a slow down for spread-out attacks, with room for the owner.
pub const SIGN_IN_ANYWHERE: Limit = Limit {
    name: "sign-in-any",
    most: 100,
    window: 15 * Timestamp::MINUTE,
};
/// New accounts from one address: room for a lecture hall.
pub const REGISTER: Limit = Limit {
    name: "register",
    most: 300,
    window: Timestamp::HOUR,
};
/// Changes by one signed-in person.
pub const WRITE: Limit = Limit {
    name: "write",
    most: 1200,
    window: 5 * Timestamp::MINUTE,
};

/// Mails that one address or one administrator asks for.
pub const MAIL: Limit = Limit {
    name: "mail",
    most: 5,
    window: Timestamp::HOUR,
};

/// Counts one try of `who`; an error once there were too many.
pub async fn count(ctx: &Ctx, limit: Limit, who: &str) -> AppResult<()> {
    let now = ctx.now();
    let window_start = Timestamp(now.0 - now.0.rem_euclid(limit.window));
    let id = key(limit, who);
    if let Some(cache) = &ctx.state.cache.0
        && let Ok(used) = cache
            .count(&shared(limit, who, window_start), limit.window / Timestamp::SECOND)
            .await
    {
        return if used > i64::from(limit.most) {
            Err(too_many(ctx, limit, window_start))
        } else {
            Ok(())
        };
    }
    let row = attempt::Entity::find_by_id(id.clone()).one(ctx.db()).await?;
    let used = row
        .filter(|row| row.window_started_at == window_start)
        .map_or(0, |row| row.used);
    if used >= limit.most {
        return Err(too_many(ctx, limit, window_start));
    }
    let fresh = attempt::ActiveModel {
        id: Set(id),
        used: Set(1),
        window_started_at: Set(window_start),
    };
    let bump = if used == 0 {
        Expr::val(1)
    } else {
        Expr::col(attempt::Column::Used).add(1)
    };
    let on_conflict = OnConflict::column(attempt::Column::Id)
        .value(attempt::Column::Used, bump)
        .value(attempt::Column::WindowStartedAt, window_start)
        .to_owned();
    attempt::Entity::insert(fresh)
        .on_conflict(on_conflict)
        .exec_without_returning(ctx.db())
        .await?;
    Ok(())
}

/// Forgets the tries of `who`, after a success.
pub async fn forget(ctx: &Ctx, limit: Limit, who: &str) -> AppResult<()> {
    if let Some(cache) = &ctx.state.cache.0 {
        let now = ctx.now();
        let window_start = Timestamp(now.0 - now.0.rem_euclid(limit.window));
        // Away: then the count ends with its window.
        let _ = cache.forget(&shared(limit, who, window_start)).await;
    }
    attempt::Entity::delete_by_id(key(limit, who)).exec(ctx.db()).await?;
    Ok(())
}

fn too_many(ctx: &Ctx, limit: Limit, window_start: Timestamp) -> AppError {
    ctx.state.counters.refused(limit.name);
    let minutes = (window_start.plus(limit.window).0 - ctx.now().0) / Timestamp::MINUTE + 1;
    AppError::new(
        ErrorKind::TooMany,
        format!("Too many tries. Please wait {minutes} minutes and try again."),
    )
}

/// In the shared memory each window has a count of its own, which goes by itself.
fn shared(limit: Limit, who: &str, window_start: Timestamp) -> String {
    format!("limit:{}:{}", key(limit, who), window_start.0 / Timestamp::SECOND)
}

fn key(limit: Limit, who: &str) -> String {
    use sha2::{Digest, Sha256};
    format!("{}:{}", limit.name, &hex::encode(Sha256::digest(who.as_bytes()))[..40])
}

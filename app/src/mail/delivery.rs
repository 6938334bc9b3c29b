//! From the outbox to the SMTP server: the states of a mail, seen from the database.
//!
//! ```text
//! waiting ──claim──▶ claimed ──begin──▶ sending ──▶ sent
//!    ▲                  │                  ├──▶ waiting   the server said "later" (4xx)
//!    └─ lease ran out ──┘                  ├──▶ failed    the server said "never" (5xx), or three days of tries are over
//!                                          └──▶ unsure    nobody can know
//! ```
//! A sender greets the server, names sender and recipient and gets leave to send (354) while the mail is merely `claimed`: dying there costs
//! nothing, the lease runs out and another sender takes over. Only then `begin` marks it `sending`, and only whoever holds the lease
//! can. What is left is the time between handing over the last byte and storing the server's answer: SMTP has no way to ask
//! afterwards whether a mail was taken. A mail whose sender died or lost its connection there becomes `unsure`: it is **not**
//! sent again by itself, so nothing is sent twice. It is counted and shown to administrators, who may send it again (with the
//! same `Message-ID`, by which mail programs recognise the second copy). What it told also stands in the app.

use crate::entity::{mail_outbox, quiet_hours};
use crate::error::AppResult;
use crate::ids::MailId;
use crate::mail::model::Kind;
use crate::mail::quiet;
use crate::platform::Ctx;
use crate::time::Timestamp;
use mail_outbox::Column;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany};

/// States as stored.
pub mod state {
    pub const WAITING: &str = "waiting";
    pub const CLAIMED: &str = "claimed";
    pub const SENDING: &str = "sending";
    pub const SENT: &str = "sent";
    pub const FAILED: &str = "failed";
    pub const UNSURE: &str = "unsure";
    pub const CANCELLED: &str = "cancelled";
    pub const EXPIRED: &str = "expired";
    /// All of them, in the order in which they are shown.
    pub const ALL: [&str; 8] = [WAITING, CLAIMED, SENDING, UNSURE, FAILED, SENT, CANCELLED, EXPIRED];
}

/// How long a mail is tried before it is given up, as mail servers do.
pub const PATIENCE: i64 = 3 * Timestamp::DAY;
/// How long what is done with is kept for administrators to look at.
const KEPT: i64 = 30 * Timestamp::DAY;

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// Not taken; try again later.
    Later(String),
    /// Refused for good.
    Never(String),
    /// The connection ended after the last byte and before the answer.
    Unsure(String),
}

/// Claims up to `most` due mails for `attempt`, which no other claim may ever use. Also settles what senders that died left behind:
/// mails they had not begun to send are due again, the others become `unsure`. How many became unsure is the second part.
pub async fn claim(ctx: &Ctx, attempt: &str, most: u64, lease: i64) -> AppResult<(Vec<mail_outbox::Model>, u64)> {
    let now = ctx.now();
    let due = Condition::any()
        .add(
            Condition::all()
                .add(Column::State.eq(state::WAITING))
                .add(Column::NotBefore.lte(now)),
        )
        .add(
            Condition::all()
                .add(Column::State.is_in([state::CLAIMED, state::SENDING]))
                .add(Column::LeaseUntil.lt(now)),
        );
    // A question first, so that an idle sender disturbs nobody.
    if mail_outbox::Entity::find().filter(due).one(ctx.db()).await?.is_none() {
        return Ok((Vec::new(), 0));
    }
    let tx = ctx.state.db.begin().await?;
    let unsure = settle(&*tx, now).await?;
    let query = mail_outbox::Entity::find()
        .filter(Column::State.eq(state::WAITING))
        .filter(Column::NotBefore.lte(now))
        .order_by_asc(Column::NotBefore)
        .order_by_asc(Column::Id)
        .limit(most);
    let query = if ctx.state.db.has_row_locks() {
        query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
    } else {
        query
    };
    let rows = query.all(&*tx).await?;
    if !rows.is_empty() {
        mail_outbox::Entity::update_many()
            .col_expr(Column::State, Expr::value(state::CLAIMED))
            .col_expr(Column::ClaimedBy, Expr::value(attempt))
            .col_expr(Column::LeaseUntil, Expr::value(now.plus(lease).0))
            .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&*tx)
            .await?;
    }
    tx.commit().await?;
    Ok((rows, unsure))
}

/// What was left behind, and what came too late.
async fn settle(tx: &impl ConnectionTrait, now: Timestamp) -> AppResult<u64> {
    mail_outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value(state::WAITING))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .filter(Column::State.eq(state::CLAIMED))
        .filter(Column::LeaseUntil.lt(now))
        .exec(tx)
        .await?;
    let why = "The sender ended while the mail was being handed over; it may have arrived.";
    let unsure = wiped(mail_outbox::Entity::update_many())
        .col_expr(Column::State, Expr::value(state::UNSURE))
        .col_expr(Column::Problem, Expr::value(why))
        .col_expr(Column::FinishedAt, Expr::value(now.0))
        .filter(Column::State.eq(state::SENDING))
        .filter(Column::LeaseUntil.lt(now))
        .exec(tx)
        .await?;
    wiped(mail_outbox::Entity::update_many())
        .col_expr(Column::State, Expr::value(state::EXPIRED))
        .col_expr(Column::FinishedAt, Expr::value(now.0))
        .filter(Column::State.eq(state::WAITING))
        .filter(Column::ExpiresAt.lt(now))
        .exec(tx)
        .await?;
    Ok(unsure.rows_affected)
}

/// Takes secrets out of what is not sent again by itself.
fn wiped(update: UpdateMany<mail_outbox::Entity>) -> UpdateMany<mail_outbox::Entity> {
    let secret: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_secret())
        .map(Kind::code)
        .collect();
    let keep = |column: Column| {
        Expr::case(Column::Kind.is_in(secret.clone()), Expr::value(""))
            .finally(Expr::col(column))
            .into()
    };
    update
        .col_expr(Column::Text, keep(Column::Text))
        .col_expr(Column::Html, keep(Column::Html))
}

/// Marks the mail as being handed over, right before its first byte; `false` when the lease is lost: then it must not be sent.
pub async fn begin(ctx: &Ctx, id: MailId, attempt: &str, lease: i64) -> AppResult<bool> {
    let now = ctx.now();
    let changed = mail_outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value(state::SENDING))
        .col_expr(Column::SendingAt, Expr::value(now.0))
        .col_expr(Column::LeaseUntil, Expr::value(now.plus(lease).0))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(state::CLAIMED))
        .filter(Column::ClaimedBy.eq(attempt))
        .filter(Column::LeaseUntil.gt(now))
        .exec(ctx.db())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Stores what became of a mail that `attempt` holds. What is stored: a `Later` after three days is a `Never`.
pub async fn settle_one(ctx: &Ctx, row: &mail_outbox::Model, attempt: &str, outcome: Outcome) -> AppResult<Outcome> {
    let now = ctx.now();
    let outcome = match outcome {
        Outcome::Later(why) if now.0 - row.created_at.0 > PATIENCE => {
            Outcome::Never(format!("Given up after three days of tries. The last one: {why}"))
        }
        other => other,
    };
    let update = mail_outbox::Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .filter(Column::Id.eq(row.id))
        .filter(Column::ClaimedBy.eq(attempt))
        .filter(Column::State.is_in([state::CLAIMED, state::SENDING]));
    let ended = |update: UpdateMany<mail_outbox::Entity>, name: &str, why: Option<&str>| {
        update
            .col_expr(Column::State, Expr::value(name))
            .col_expr(Column::Problem, Expr::value(why))
            .col_expr(Column::FinishedAt, Expr::value(now.0))
    };
    let update = match &outcome {
        Outcome::Sent => ended(wiped(update), state::SENT, None),
        Outcome::Never(why) => ended(wiped(update), state::FAILED, Some(why)),
        Outcome::Unsure(why) => ended(wiped(update), state::UNSURE, Some(why)),
        Outcome::Later(why) => update
            .col_expr(Column::State, Expr::value(state::WAITING))
            .col_expr(Column::Problem, Expr::value(why.as_str()))
            .col_expr(Column::NotBefore, Expr::value(next_try(ctx, row).await?.0)),
    };
    update.exec(ctx.db()).await?;
    Ok(outcome)
}

/// Hands back what `attempt` has claimed and not begun.
pub async fn release(ctx: &Ctx, attempt: &str) -> AppResult<u64> {
    let mine = Condition::all()
        .add(Column::State.eq(state::CLAIMED))
        .add(Column::ClaimedBy.eq(attempt));
    // Looked for first, without a lock: mostly nothing is left, and changing by state would lock what other senders change by id.
    let left = mail_outbox::Entity::find().filter(mine.clone()).one(ctx.db()).await?;
    if left.is_none() {
        return Ok(0);
    }
    let released = mail_outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value(state::WAITING))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .filter(mine)
        .exec(ctx.db())
        .await?;
    Ok(released.rows_affected)
}

/// The next try: 10 s, doubling to an hour, a quarter more or less, and never in quiet hours when it can wait.
async fn next_try(ctx: &Ctx, row: &mail_outbox::Model) -> AppResult<Timestamp> {
    let at = ctx.now().plus(backoff(row.attempts, rand::random_range(0.75..1.25)));
    let urgent = Kind::from_code(&row.kind).is_none_or(Kind::is_urgent);
    let Some(user) = row.user_id.filter(|_| !urgent) else {
        return Ok(at);
    };
    let hours = quiet_hours::Entity::find_by_id(user).one(ctx.db()).await?;
    Ok(hours
        .and_then(|hours| quiet::end(&hours, &ctx.institution, at))
        .unwrap_or(at))
}

fn backoff(attempts: i32, jitter: f64) -> i64 {
    let doubled: i64 = (10 * Timestamp::SECOND) << attempts.clamp(0, 12);
    (std::cmp::min(doubled, Timestamp::HOUR) as f64 * jitter) as i64
}

/// Forgets mails, notifications and links that nobody needs any more. How many rows went.
pub async fn prune(ctx: &Ctx) -> AppResult<u64> {
    use crate::entity::{notification, one_time_link};
    let now = ctx.now();
    let over = [
        state::SENT,
        state::FAILED,
        state::UNSURE,
        state::CANCELLED,
        state::EXPIRED,
    ];
    let mails = mail_outbox::Entity::delete_many()
        .filter(Column::State.is_in(over))
        .filter(Column::CreatedAt.lt(now.plus(-KEPT)))
        .exec(ctx.db())
        .await?;
    let notes = notification::Entity::delete_many()
        .filter(notification::Column::CreatedAt.lt(now.plus(-6 * KEPT)))
        .exec(ctx.db())
        .await?;
    let links = one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::ExpiresAt.lt(now.plus(-KEPT)))
        .exec(ctx.db())
        .await?;
    Ok(mails.rows_affected + notes.rows_affected + links.rows_affected)
}

/// How much waits, and since when the oldest that is due does.
pub async fn waiting(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<(u64, Option<Timestamp>)> {
    use sea_orm::PaginatorTrait;
    let open =
        || mail_outbox::Entity::find().filter(Column::State.is_in([state::WAITING, state::CLAIMED, state::SENDING]));
    let number = open().count(db).await?;
    let oldest = open()
        .filter(
            Condition::any()
                .add(Column::NotBefore.lte(now))
                .add(Column::Attempts.gt(0)),
        )
        .order_by_asc(Column::CreatedAt)
        .one(db)
        .await?;
    Ok((number, oldest.map(|row| row.created_at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_apart_and_stay_within_the_hour() {
        assert_eq!(backoff(0, 1.0), 10 * Timestamp::SECOND);
        assert_eq!(backoff(3, 1.0), 80 * Timestamp::SECOND);
        assert_eq!(backoff(30, 1.0), Timestamp::HOUR);
        assert!(backoff(30, 1.25) <= 75 * Timestamp::MINUTE);
        assert!(backoff(0, 0.75) >= 7 * Timestamp::SECOND);
    }
}

//! Getting back in, and proving that an address is one's own: by one-time links in mails.
//!
//! A link holds 32 random bytes; the database holds their hash. It works once and ends by itself; a newer link of the same purpose
//! ends the older ones. Asking for one is answered the same, and as fast, whether or not there is such an account.

use crate::account::{model, store};
use crate::audit::store::{Act, record};
use crate::entity::{email_verification, one_time_link, user};
use crate::error::{AppError, AppResult};
use crate::ids::{LinkId, UserId};
use crate::mail::{Mail, Message, To, enqueue};
use crate::platform::{Ctx, limits, password};
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;
use sha2::{Digest, Sha256};

const RESET: &str = "reset";
const CONFIRM: &str = "confirm";
const RESET_LIVES: i64 = Timestamp::HOUR;
const CONFIRM_LIVES: i64 = 2 * Timestamp::DAY;

/// Asks for a new password. The answer never tells whether there is such an account.
pub async fn forgot(ctx: &Ctx, email: String) -> AppResult<()> {
    let email = asked(ctx, &email).await?;
    in_background(post_reset(ctx.clone(), email));
    Ok(())
}

/// Sends the mail that confirms an address again, if it is still to be confirmed.
pub async fn resend(ctx: &Ctx, email: String) -> AppResult<()> {
    let email = asked(ctx, &email).await?;
    in_background(post_confirmation(ctx.clone(), email));
    Ok(())
}

/// What both have in common: mail must be on, the address must look like one, and there is a limit for it and for where it comes from.
async fn asked(ctx: &Ctx, email: &str) -> AppResult<String> {
    if !ctx.state.mail.enabled {
        return Err(AppError::conflict(
            "This installation sends no mail. Ask your teacher or your administrator for a new password.",
        ));
    }
    let email = model::email(email).map_err(|why| AppError::field("email", why))?;
    limits::count(ctx, limits::REGISTER, &format!("mail {}", ctx.client.address)).await?;
    limits::count(ctx, limits::MAIL, &email).await?;
    Ok(email)
}

/// Lets the answer go first, so that the time it takes tells nothing.
fn in_background(work: impl Future<Output = AppResult<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = work.await {
            tracing::error!(%error, "a mail that was asked for could not be posted");
        }
    });
}

async fn post_reset(ctx: Ctx, email: String) -> AppResult<()> {
    let Some(user) = active(&ctx, &email).await? else {
        return Ok(());
    };
    let tx = ctx.state.db.begin().await?;
    let (id, token) = link(&ctx, &*tx, &user, RESET, RESET_LIVES).await?;
    let minutes = RESET_LIVES / Timestamp::MINUTE;
    let mut mail = Mail::new(
        To::User(user.id),
        Message::ResetPassword { token, minutes },
        format!("reset:{id}"),
    );
    mail.expires_at = Some(ctx.now().plus(RESET_LIVES));
    enqueue(&ctx, &*tx, mail).await?;
    audit(&ctx, &*tx, "user.ask_password", user.id).await?;
    tx.commit().await?;
    Ok(())
}

async fn post_confirmation(ctx: Ctx, email: String) -> AppResult<()> {
    let Some(user) = active(&ctx, &email).await? else {
        return Ok(());
    };
    if !is_unverified(&ctx, user.id).await? {
        return Ok(());
    }
    let tx = ctx.state.db.begin().await?;
    ask_to_confirm(&ctx, &*tx, &user).await?;
    tx.commit().await?;
    Ok(())
}

async fn active(ctx: &Ctx, email: &str) -> AppResult<Option<user::Model>> {
    let user = store::by_email(ctx.db(), email).await?;
    Ok(user.filter(|user| user.deactivated_at.is_none()))
}

async fn audit(ctx: &Ctx, tx: &impl ConnectionTrait, action: &str, user: UserId) -> AppResult<()> {
    let act = Act {
        action,
        target_kind: "user",
        target_id: user.to_string(),
        detail: json!({}),
    };
    record(ctx, tx, act).await
}

/// Sets a new password with a link; every session of the account ends.
pub async fn reset(ctx: &Ctx, token: String, new: String) -> AppResult<()> {
    limits::count(ctx, limits::REGISTER, &format!("link {}", ctx.client.address)).await?;
    let known = find(ctx, ctx.db(), &token, RESET).await?;
    let user = store::by_id(ctx.db(), known.user_id).await?;
    let user = user.filter(|user| user.deactivated_at.is_none()).ok_or_else(ended)?;
    model::password(&new, &user.email).map_err(|why| AppError::field("password", why))?;
    let hash = password::hash(new).await?;
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    use_up(ctx, &*tx, &token, RESET).await?;
    let (id, proven) = (user.id, user.email == known.email);
    let mut row = user.into_active_model();
    row.password_hash = Set(hash);
    row.password_changed_at = Set(now);
    row.must_change_password = Set(false);
    row.update(&*tx).await?;
    store::end_sessions(&*tx, id, None).await?;
    if proven {
        // Whoever read the mail owns the address.
        confirmed(&*tx, id, now).await?;
    }
    password_changed(ctx, &*tx, id).await?;
    audit(ctx, &*tx, "user.reset_password_by_mail", id).await?;
    tx.commit().await?;
    ctx.state.cache.end_sessions(id).await;
    Ok(())
}

/// Tells the owner that the password was changed; part of the change's transaction.
pub async fn password_changed(ctx: &Ctx, tx: &impl ConnectionTrait, user: UserId) -> AppResult<()> {
    let now = ctx.now();
    let message = Message::PasswordChanged {
        at: ctx.moment(now),
        address: ctx.client.address.clone(),
    };
    let key = format!("password:{user}:{}", now.0);
    enqueue(ctx, tx, Mail::new(To::User(user), message, key)).await
}

/// Confirms an address with a link. A second use says so kindly by succeeding again.
pub async fn verify(ctx: &Ctx, token: String) -> AppResult<()> {
    limits::count(ctx, limits::REGISTER, &format!("link {}", ctx.client.address)).await?;
    let tx = ctx.state.db.begin().await?;
    let known = one_time_link::Entity::find()
        .filter(one_time_link::Column::Hash.eq(hash(&token)))
        .filter(one_time_link::Column::Purpose.eq(CONFIRM))
        .one(&*tx)
        .await?
        .ok_or_else(ended)?;
    let state = email_verification::Entity::find_by_id(known.user_id).one(&*tx).await?;
    let state = state.filter(|state| state.email == known.email).ok_or_else(ended)?;
    if state.verified_at.is_some() {
        return Ok(());
    }
    use_up(ctx, &*tx, &token, CONFIRM).await?;
    confirmed(&*tx, known.user_id, ctx.now()).await?;
    audit(ctx, &*tx, "user.confirm_email", known.user_id).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins the confirmation of a fresh account's address; part of its registration's transaction.
pub async fn ask_to_confirm(ctx: &Ctx, tx: &impl ConnectionTrait, user: &user::Model) -> AppResult<()> {
    let (id, token) = link(ctx, tx, user, CONFIRM, CONFIRM_LIVES).await?;
    let row = email_verification::ActiveModel {
        user_id: Set(user.id),
        email: Set(user.email.clone()),
        requested_at: Set(ctx.now()),
        verified_at: Set(None),
    };
    let again = OnConflict::column(email_verification::Column::UserId)
        .update_columns([
            email_verification::Column::Email,
            email_verification::Column::RequestedAt,
        ])
        .to_owned();
    email_verification::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    let mut mail = Mail::new(
        To::User(user.id),
        Message::ConfirmAddress { token },
        format!("confirm:{id}"),
    );
    mail.expires_at = Some(ctx.now().plus(CONFIRM_LIVES));
    enqueue(ctx, tx, mail).await
}

/// Whether an address waits for its confirmation. Accounts made by administrators, or before there was mail, wait for nothing.
pub async fn is_unverified(ctx: &Ctx, user: UserId) -> AppResult<bool> {
    let row = email_verification::Entity::find_by_id(user).one(ctx.db()).await?;
    Ok(row.is_some_and(|row| row.verified_at.is_none()))
}

async fn confirmed(tx: &impl ConnectionTrait, user: UserId, now: Timestamp) -> AppResult<()> {
    email_verification::Entity::update_many()
        .col_expr(email_verification::Column::VerifiedAt, Expr::value(now.0))
        .filter(email_verification::Column::UserId.eq(user))
        .filter(email_verification::Column::VerifiedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// A new link; older ones of the same purpose end.
async fn link(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    purpose: &str,
    lives: i64,
) -> AppResult<(LinkId, String)> {
    let now = ctx.now();
    one_time_link::Entity::update_many()
        .col_expr(one_time_link::Column::UsedAt, Expr::value(now.0))
        .filter(one_time_link::Column::UserId.eq(user.id))
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let token = hex::encode(rand::random::<[u8; 32]>());
    let row = one_time_link::Model {
        id: LinkId::new(),
        user_id: user.id,
        purpose: purpose.to_owned(),
        hash: hash(&token),
        email: user.email.clone(),
        created_at: now,
        expires_at: now.plus(lives),
        used_at: None,
    };
    let id = row.id;
    one_time_link::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok((id, token))
}

async fn find(ctx: &Ctx, db: &impl ConnectionTrait, token: &str, purpose: &str) -> AppResult<one_time_link::Model> {
    let row = one_time_link::Entity::find()
        .filter(one_time_link::Column::Hash.eq(hash(token)))
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .filter(one_time_link::Column::ExpiresAt.gt(ctx.now()))
        .one(db)
        .await?;
    row.ok_or_else(ended)
}

/// Of two who use a link at once, one finds it used.
async fn use_up(ctx: &Ctx, tx: &impl ConnectionTrait, token: &str, purpose: &str) -> AppResult<()> {
    let now = ctx.now();
    let used = one_time_link::Entity::update_many()
        .col_expr(one_time_link::Column::UsedAt, Expr::value(now.0))
        .filter(one_time_link::Column::Hash.eq(hash(token)))
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    if used.rows_affected == 1 { Ok(()) } else { Err(ended()) }
}

fn ended() -> AppError {
    AppError::conflict("This link has been used or has ended. Nothing was changed; ask for a new one.")
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.trim()))
}

//! Registering, signing in and out, and the profile.

use crate::account::model::{self, Person, Profile};
use crate::account::{recovery, sessions, store, tokens};
use crate::audit::store::{Act, record};
use crate::entity::user;
use crate::error::{AppError, AppResult};
use crate::ids::UserId;
use crate::platform::sessions::key;
use crate::platform::{Actor, Ctx, db, limits, password};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel};
use serde_json::json;

/// An account to be made.
pub struct NewUser {
    pub email: String,
    pub name: String,
    /// Without one, a one-time password is made and returned.
    pub password: Option<String>,
    pub is_admin: bool,
}

/// A fresh account, and the one-time password if one was made.
pub struct Created {
    pub user: user::Model,
    pub one_time_password: Option<String>,
}

/// The hashing part of making an account: slow, so it comes before the transaction.
pub struct Prepared {
    row: user::Model,
    one_time_password: Option<String>,
}

/// Checks the fields and hashes the password.
pub async fn prepare_user(ctx: &Ctx, new: NewUser) -> AppResult<Prepared> {
    let (email, name) = (model::email(&new.email), model::name(&new.name));
    let strength = match (&new.password, &email) {
        (Some(password), Ok(email)) => model::password(password, email),
        _ => Ok(()),
    };
    let errors = model::collect([
        ("email", email.as_ref().map(drop).map_err(|e| *e)),
        ("name", name.as_ref().map(drop).map_err(|e| *e)),
        ("password", strength),
    ]);
    AppError::from_fields(errors)?;
    let one_time_password = new.password.is_none().then(one_time_password);
    let secret = new.password.or_else(|| one_time_password.clone()).unwrap_or_default();
    let now = ctx.now();
    let row = user::Model {
        id: UserId::new(),
        email: email.unwrap_or_default(),
        name: name.unwrap_or_default(),
        password_hash: password::hash(secret).await?,
        is_admin: new.is_admin,
        must_change_password: one_time_password.is_some(),
        created_at: now,
        password_changed_at: now,
        deactivated_at: None,
        last_sign_in_at: None,
    };
    Ok(Prepared { row, one_time_password })
}

/// The writing part, inside the caller's transaction.
pub async fn insert_user(ctx: &Ctx, tx: &impl ConnectionTrait, prepared: Prepared) -> AppResult<Created> {
    let taken = || AppError::field("email", "There is already an account with this e-mail address.");
    if store::by_email(tx, &prepared.row.email).await?.is_some() {
        return Err(taken());
    }
    let row = prepared.row.clone().into_active_model().reset_all();
    let user = row
        .insert(tx)
        .await
        .map_err(|e| if db::is_duplicate(&e) { taken() } else { e.into() })?;
    let detail = json!({ "email": user.email, "is_admin": user.is_admin });
    record(
        ctx,
        tx,
        Act {
            action: "user.create",
            target_kind: "user",
            target_id: user.id.to_string(),
            detail,
        },
    )
    .await?;
    Ok(Created {
        user,
        one_time_password: prepared.one_time_password,
    })
}

/// Makes an account in a transaction of its own.
pub async fn create_user(ctx: &Ctx, new: NewUser) -> AppResult<Created> {
    let prepared = prepare_user(ctx, new).await?;
    let tx = ctx.state.db.begin().await?;
    let created = insert_user(ctx, &*tx, prepared).await?;
    tx.commit().await?;
    Ok(created)
}

/// What follows a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    SignedIn,
    /// The address must be confirmed before the first sign-in.
    MustConfirm,
}

/// Registers a student and signs them in, unless their address must be confirmed first.
pub async fn register(ctx: &Ctx, email: String, name: String, password: String) -> AppResult<Registered> {
    if !ctx.institution.self_registration {
        return Err(AppError::forbidden(
            "Accounts are made by your institution. Ask your teacher.",
        ));
    }
    limits::count(ctx, limits::REGISTER, &ctx.client.address).await?;
    let new = NewUser {
        email,
        name,
        password: Some(password),
        is_admin: false,
    };
    let prepared = prepare_user(ctx, new).await?;
    let tx = ctx.state.db.begin().await?;
    let created = insert_user(ctx, &*tx, prepared).await?;
    if ctx.state.mail.enabled {
        recovery::ask_to_confirm(ctx, &*tx, &created.user).await?;
    }
    tx.commit().await?;
    if must_confirm(ctx) {
        return Ok(Registered::MustConfirm);
    }
    sessions::begin(ctx, &created.user).await?;
    Ok(Registered::SignedIn)
}

fn must_confirm(ctx: &Ctx) -> bool {
    ctx.institution.verified_email && ctx.state.mail.enabled
}

/// Signs in. The error never tells which part was wrong, nor whether the account exists.
pub async fn sign_in(ctx: &Ctx, email: String, password: String) -> AppResult<()> {
    let email = model::email(&email).unwrap_or_default();
    let from_here = format!("{email} {}", ctx.client.address);
    limits::count(ctx, limits::SIGN_IN, &from_here).await?;
    limits::count(ctx, limits::SIGN_IN_ANYWHERE, &email).await?;
    let user = store::by_email(ctx.db(), &email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let fits = password::verify(password, hash).await?;
    match user.filter(|user| fits && user.deactivated_at.is_none()) {
        Some(user) => {
            limits::forget(ctx, limits::SIGN_IN, &from_here).await?;
            if must_confirm(ctx) && recovery::is_unverified(ctx, user.id).await? {
                return Err(AppError::conflict(
                    "Confirm your e-mail address first: open the link in the mail we sent you. The page “Confirm your address” sends it again.",
                ));
            }
            store::touch_sign_in(ctx.db(), user.id, ctx.now()).await?;
            sessions::begin(ctx, &user).await
        }
        None => {
            ctx.state.counters.failed_sign_in();
            tracing::info!("sign-in refused");
            Err(AppError::invalid("The e-mail address or the password is not right."))
        }
    }
}

/// Ends the current session.
pub async fn sign_out(ctx: &Ctx) -> AppResult<()> {
    match &ctx.session {
        Some(session) => session.flush().await.map_err(AppError::internal),
        None => Ok(()),
    }
}

/// The signed-in person's profile.
pub async fn profile(ctx: &Ctx) -> AppResult<Profile> {
    Ok(Profile {
        person: person(ctx.actor()?),
        sessions: sessions::list(ctx).await?,
        tokens: tokens::list(ctx).await?,
    })
}

/// Changes the own name.
pub async fn rename(ctx: &Ctx, name: String) -> AppResult<()> {
    let actor = ctx.actor()?;
    let name = model::name(&name).map_err(|e| AppError::field("name", e))?;
    let user = store::by_id(ctx.db(), actor.id)
        .await?
        .ok_or_else(|| AppError::not_found("The account"))?;
    let tx = ctx.state.db.begin().await?;
    let detail = json!({ "from": user.name, "to": name });
    let mut row = user.into_active_model();
    row.name = Set(name);
    row.update(&*tx).await?;
    record(
        ctx,
        &*tx,
        Act {
            action: "user.rename",
            target_kind: "user",
            target_id: actor.id.to_string(),
            detail,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Changes the own password; every other session ends.
pub async fn change_password(ctx: &Ctx, current: String, new: String) -> AppResult<()> {
    let actor = ctx.actor()?;
    limits::count(ctx, limits::SIGN_IN, &actor.email).await?;
    let user = store::by_id(ctx.db(), actor.id)
        .await?
        .ok_or_else(|| AppError::not_found("The account"))?;
    if !password::verify(current.clone(), Some(user.password_hash.clone())).await? {
        return Err(AppError::field("current", "This is not your current password."));
    }
    model::password(&new, &user.email).map_err(|e| AppError::field("new", e))?;
    if new == current {
        return Err(AppError::field(
            "new",
            "The new password must differ from the current one.",
        ));
    }
    let hash = password::hash(new).await?;
    let tx = ctx.state.db.begin().await?;
    let mut row = user.into_active_model();
    row.password_hash = Set(hash);
    row.password_changed_at = Set(ctx.now());
    row.must_change_password = Set(false);
    row.update(&*tx).await?;
    let keep = ctx.session.as_ref().and_then(|s| s.id()).map(|id| id.to_string());
    store::end_sessions(&*tx, actor.id, keep.as_deref()).await?;
    let act = Act {
        action: "user.change_password",
        target_kind: "user",
        target_id: actor.id.to_string(),
        detail: json!({}),
    };
    record(ctx, &*tx, act).await?;
    recovery::password_changed(ctx, &*tx, actor.id).await?;
    tx.commit().await?;
    ctx.state.cache.end_sessions(actor.id).await;
    limits::forget(ctx, limits::SIGN_IN, &actor.email).await
}

/// The person behind an actor, for the wire.
pub fn person(actor: &Actor) -> Person {
    Person {
        id: actor.id,
        name: actor.name.clone(),
        email: actor.email.clone(),
        is_admin: actor.is_admin,
        must_change_password: actor.must_change_password,
    }
}

/// Readable over the telephone: no letters or digits that look alike.
pub fn one_time_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let group = || {
        (0..4)
            .map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]))
            .collect::<String>()
    };
    [group(), group(), group(), group()].join("-")
}

/// What the session holds about its user.
pub const SESSION_USER: &str = key::USER;

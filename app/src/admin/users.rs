//! What administrators do with accounts.

use crate::account;
use crate::admin::model::{Place, UserDetail, UserLine, UserQuery, Users};
use crate::admin::one_time::{self, Batch};
use crate::admin::store;
use crate::audit::store::{Act, record};
use crate::course::enrolling::one_time_account;
use crate::course::form::Person;
use crate::course::model::Role;
use crate::course::shape::NewAccount;
use crate::course::store::PAGE;
use crate::entity::{enrolment, user};
use crate::error::{AppError, AppResult};
use crate::ids::{EnrolmentId, UserId};
use crate::platform::{Ctx, password};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

/// A page of accounts.
pub async fn users(ctx: &Ctx, mut query: UserQuery) -> AppResult<Users> {
    ctx.admin()?;
    query.search = query.search.trim().chars().take(100).collect();
    let mut found = store::users(ctx.db(), &query).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let backwards = query.before.is_some();
    if backwards {
        found.reverse();
    }
    let (first, last) = (found.first().map(|user| user.id), found.last().map(|user| user.id));
    let teachers = store::teachers(ctx.db(), found.iter().map(|user| user.id).collect()).await?;
    Ok(Users {
        previous: first.filter(|_| if backwards { more } else { query.after.is_some() }),
        next: last.filter(|_| backwards || more),
        users: found
            .into_iter()
            .map(|user| line(ctx, teachers.contains(&user.id), user))
            .collect(),
        now: ctx.now(),
    })
}

/// One account with its places.
pub async fn user(ctx: &Ctx, id: UserId) -> AppResult<UserDetail> {
    let actor = ctx.admin()?;
    let row = find(ctx, id).await?;
    let places = crate::course::store::of_user(ctx.db(), id).await?;
    let teaches = places.iter().any(|(_, role)| *role == Role::Teacher);
    let place = |(course, role): (crate::entity::course::Model, Role)| Place {
        archived: course.archived_at.is_some(),
        course: course.id,
        code: course.code,
        title: course.title,
        term: course.term,
        role,
    };
    Ok(UserDetail {
        places: places.into_iter().map(place).collect(),
        must_change_password: row.must_change_password,
        password_changed: ctx.moment(row.password_changed_at),
        deactivated_at: row.deactivated_at.map(|at| ctx.moment(at)),
        sessions: store::live_sessions(ctx.db(), id, ctx.now()).await? as u32,
        tokens: store::live_tokens(ctx.db(), id).await? as u32,
        is_self: actor.id == id,
        user: line(ctx, teaches, row),
        now: ctx.now(),
    })
}

/// Where a new account begins.
#[derive(Clone, Debug)]
pub struct FirstPlace {
    /// The code of a course in use.
    pub course: String,
    pub role: Role,
}

/// Makes an account that opens with a one-time password.
pub async fn create_user(
    ctx: &Ctx,
    person: Person,
    is_admin: bool,
    place: Option<FirstPlace>,
) -> AppResult<(UserId, Batch, NewAccount)> {
    ctx.admin()?;
    let person = person.checked("email", "name")?;
    if person.name.is_empty() {
        return Err(AppError::field("name", "Enter a name."));
    }
    let place = match place {
        None => None,
        Some(FirstPlace { course, role }) => match store::course_by_code(ctx.db(), course.trim()).await?.as_slice() {
            [only] => Some((only.clone(), role)),
            [] => return Err(AppError::field("course", "No course in use has this code.")),
            _ => {
                return Err(AppError::field(
                    "course",
                    "Several courses have this code. Leave this empty and add the person on the course's page.",
                ));
            }
        },
    };
    let batch = Batch::new(ctx.now());
    let hash = password::hash(batch.password(&person.email)).await?;
    let account = user::Model {
        is_admin,
        ..batch.account(&person.email, &person.name, hash)
    };
    let (id, shown) = (account.id, one_time_account(&batch, &account));

    let tx = ctx.state.db.begin().await?;
    if account::store::by_email(&*tx, &person.email).await?.is_some() {
        return Err(AppError::field(
            "email",
            "There is already an account with this e-mail address.",
        ));
    }
    one_time::insert(&*tx, vec![account]).await?;
    record(
        ctx,
        &*tx,
        act(
            "user.create",
            id,
            json!({ "email": person.email, "is_admin": is_admin }),
        ),
    )
    .await?;
    if let Some((course, role)) = place {
        let row = enrolment::ActiveModel {
            id: Set(EnrolmentId::new()),
            course_id: Set(course.id),
            user_id: Set(id),
            role: Set(role),
            created_at: Set(batch.at),
        };
        enrolment::Entity::insert(row).exec_without_returning(&*tx).await?;
        let detail = json!({ "course": course.code, "people": [{ "user": id, "role": role, "new": true }] });
        record(
            ctx,
            &*tx,
            Act {
                action: "course.enrol",
                target_kind: "course",
                target_id: course.id.to_string(),
                detail,
            },
        )
        .await?;
    }
    tx.commit().await?;
    Ok((id, batch, shown))
}

/// Makes somebody an administrator, or an ordinary account again.
pub async fn set_admin(ctx: &Ctx, id: UserId, is_admin: bool) -> AppResult<()> {
    ctx.admin()?;
    let row = find(ctx, id).await?;
    if row.deactivated_at.is_some() && is_admin {
        return Err(AppError::conflict("This account is deactivated. Reactivate it first."));
    }
    let tx = ctx.state.db.begin().await?;
    if !is_admin {
        keep_an_admin(ctx, &tx, id).await?;
    }
    if row.is_admin != is_admin {
        let mut change = row.into_active_model();
        change.is_admin = Set(is_admin);
        change.update(&*tx).await?;
        record(
            ctx,
            &*tx,
            act(
                if is_admin {
                    "user.make_admin"
                } else {
                    "user.revoke_admin"
                },
                id,
                json!({}),
            ),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Shuts an account out at once; nothing it made is lost.
pub async fn deactivate(ctx: &Ctx, id: UserId) -> AppResult<()> {
    if ctx.admin()?.id == id {
        return Err(AppError::conflict("You cannot deactivate your own account."));
    }
    let row = find(ctx, id).await?;
    if row.deactivated_at.is_some() {
        return Err(AppError::conflict("This account is deactivated already."));
    }
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    if row.is_admin {
        keep_an_admin(ctx, &tx, id).await?;
    }
    let mut change = row.into_active_model();
    change.deactivated_at = Set(Some(now));
    change.update(&*tx).await?;
    let sessions = account::store::end_sessions(&*tx, id, None).await?;
    let tokens = store::revoke_tokens(&*tx, id, now).await?;
    record(
        ctx,
        &*tx,
        act("user.deactivate", id, json!({ "sessions": sessions, "tokens": tokens })),
    )
    .await?;
    tx.commit().await?;
    ctx.state.cache.end_sessions(id).await;
    Ok(())
}

/// Lets a deactivated account sign in again.
pub async fn reactivate(ctx: &Ctx, id: UserId) -> AppResult<()> {
    ctx.admin()?;
    let row = find(ctx, id).await?;
    if row.deactivated_at.is_none() {
        return Err(AppError::conflict("This account is not deactivated."));
    }
    let tx = ctx.state.db.begin().await?;
    let mut change = row.into_active_model();
    change.deactivated_at = Set(None);
    change.update(&*tx).await?;
    record(ctx, &*tx, act("user.reactivate", id, json!({}))).await?;
    tx.commit().await?;
    Ok(())
}

/// Replaces a password by a one-time password and ends every session.
pub async fn reset_password(ctx: &Ctx, id: UserId) -> AppResult<(Batch, NewAccount)> {
    if ctx.admin()?.id == id {
        return Err(AppError::conflict("Change your own password in your profile."));
    }
    let row = find(ctx, id).await?;
    let batch = Batch::new(ctx.now());
    let shown = one_time_account(&batch, &row);
    let hash = password::hash(shown.password.clone()).await?;
    let tx = ctx.state.db.begin().await?;
    let mut change = row.into_active_model();
    change.password_hash = Set(hash);
    change.must_change_password = Set(true);
    change.password_changed_at = Set(batch.at);
    change.update(&*tx).await?;
    let sessions = account::store::end_sessions(&*tx, id, None).await?;
    record(
        ctx,
        &*tx,
        act("user.reset_password", id, json!({ "sessions": sessions })),
    )
    .await?;
    tx.commit().await?;
    ctx.state.cache.end_sessions(id).await;
    Ok((batch, shown))
}

/// Signs somebody out everywhere.
pub async fn revoke_sessions(ctx: &Ctx, id: UserId) -> AppResult<()> {
    let own = ctx.admin()?.id == id;
    find(ctx, id).await?;
    let keep = ctx
        .session
        .as_ref()
        .filter(|_| own)
        .and_then(|session| session.id())
        .map(|id| id.to_string());
    let tx = ctx.state.db.begin().await?;
    let sessions = account::store::end_sessions(&*tx, id, keep.as_deref()).await?;
    record(
        ctx,
        &*tx,
        act("user.revoke_sessions", id, json!({ "sessions": sessions })),
    )
    .await?;
    tx.commit().await?;
    ctx.state.cache.end_sessions(id).await;
    Ok(())
}

/// The password a batch has just given to an account, if it is still to be used.
pub async fn handed_over(ctx: &Ctx, id: UserId, batch: &Batch) -> AppResult<Option<NewAccount>> {
    ctx.admin()?;
    let row = find(ctx, id).await?;
    let fresh = row.must_change_password && row.password_changed_at == batch.at;
    Ok(fresh.then(|| one_time_account(batch, &row)))
}

async fn find(ctx: &Ctx, id: UserId) -> AppResult<user::Model> {
    account::store::by_id(ctx.db(), id)
        .await?
        .ok_or_else(|| AppError::not_found("The account"))
}

async fn keep_an_admin(ctx: &Ctx, tx: &crate::platform::db::Tx, leaving: UserId) -> AppResult<()> {
    if store::other_admin(&**tx, leaving, ctx.state.db.has_row_locks()).await? {
        Ok(())
    } else {
        Err(AppError::conflict(
            "This is the last administrator. Make somebody else an administrator first.",
        ))
    }
}

fn line(ctx: &Ctx, teaches: bool, user: user::Model) -> UserLine {
    UserLine {
        id: user.id,
        name: user.name,
        email: user.email,
        is_admin: user.is_admin,
        teaches,
        deactivated: user.deactivated_at.is_some(),
        created: ctx.moment(user.created_at),
        last_sign_in: user.last_sign_in_at.map(|at| ctx.moment(at)),
    }
}

fn act(action: &str, id: UserId, detail: serde_json::Value) -> Act<'_> {
    Act {
        action,
        target_kind: "user",
        target_id: id.to_string(),
        detail,
    }
}

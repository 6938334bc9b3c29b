//! Notifications, preferences, and the administrator's view of the outbox. What other rooms tell people is here too, in one breath each.

use crate::audit::store::{Act, record};
use crate::entity::{assignment, course, mail_outbox, mail_preference, notification, quiet_hours, submission, user};
use crate::error::{AppError, AppResult};
use crate::ids::{MailId, NotificationId, UserId};
use crate::mail::delivery::{self, state};
use crate::mail::model::{Kind, Note, Notes, Outbox, Posted, Preferences, Wish, clock, minute};
use crate::mail::words::Message;
use crate::mail::{Mail, To, enqueue, enqueue_all};
use crate::platform::{Ctx, limits};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

const PAGE: u64 = 50;

// ---- what other rooms tell ------------------------------------------------------------------------------------------

/// The receipt of a submission, to its student.
pub async fn submission_received(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    row: &submission::Model,
    assignment: &assignment::Model,
) -> AppResult<()> {
    let course = course_name(tx, assignment).await?;
    let fingerprint = row.content_hash.clone().unwrap_or_default();
    let message = Message::SubmissionReceived {
        course,
        assignment: assignment.title.clone(),
        at: ctx.moment(row.submitted_at.unwrap_or_else(|| ctx.now())),
        late_percent: row.late_percent,
        fingerprint,
        receipt: format!("/submissions/{}/receipt", row.id),
    };
    enqueue(
        ctx,
        tx,
        Mail::new(To::User(row.user_id), message, format!("submitted:{}", row.id)),
    )
    .await
}

/// Published grades, to everyone who has submitted; to each once, however often they are hidden and published again.
pub async fn grades_published(ctx: &Ctx, tx: &impl ConnectionTrait, assignment: &assignment::Model) -> AppResult<()> {
    let course = course_name(tx, assignment).await?;
    let rows = submission::Entity::find()
        .filter(submission::Column::AssignmentId.eq(assignment.id))
        .filter(submission::Column::SubmittedAt.is_not_null())
        .all(tx)
        .await?;
    let mails = rows.into_iter().map(|row| {
        let message = Message::GradePublished {
            course: course.clone(),
            assignment: assignment.title.clone(),
            result: format!("/submissions/{}/result", row.id),
        };
        Mail::new(To::User(row.user_id), message, format!("graded:{}", row.id))
    });
    enqueue_all(ctx, tx, mails.collect()).await
}

/// The same to everyone with an account: maintenance, a return to an earlier version. `key` names the event.
pub async fn tell_everyone(ctx: &Ctx, tx: &impl ConnectionTrait, message: &Message, key: &str) -> AppResult<u64> {
    let ids: Vec<UserId> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::DeactivatedAt.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    let number = ids.len() as u64;
    let mails = ids
        .into_iter()
        .map(|id| Mail::new(To::User(id), message.clone(), format!("{key}:{id}")));
    enqueue_all(ctx, tx, mails.collect()).await?;
    Ok(number)
}

/// Tells everyone that the system runs an earlier version again. For the command line. How many people were told.
pub async fn rolled_back(ctx: &Ctx, message: &str, key: &str) -> AppResult<u64> {
    let tx = ctx.state.db.begin().await?;
    let message = Message::Rollback {
        message: message.trim().to_owned(),
    };
    let number = tell_everyone(ctx, &*tx, &message, &format!("rollback:{key}")).await?;
    let act = Act {
        action: "mail.rollback_notice",
        target_kind: "mail",
        target_id: key.chars().take(64).collect(),
        detail: json!({ "people": number }),
    };
    record(ctx, &*tx, act).await?;
    tx.commit().await?;
    Ok(number)
}

async fn course_name(tx: &impl ConnectionTrait, assignment: &assignment::Model) -> AppResult<String> {
    let row = course::Entity::find_by_id(assignment.course_id).one(tx).await?;
    Ok(row.map(|row| row.title).unwrap_or_default())
}

// ---- notifications --------------------------------------------------------------------------------------------------

/// How many notifications somebody has not seen.
pub async fn unread(db: &impl ConnectionTrait, user: UserId) -> AppResult<u32> {
    let number = notification::Entity::find()
        .filter(notification::Column::UserId.eq(user))
        .filter(notification::Column::ReadAt.is_null())
        .count(db)
        .await?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The own notifications, newest first.
pub async fn notes(ctx: &Ctx, before: Option<NotificationId>) -> AppResult<Notes> {
    let actor = ctx.actor()?;
    let mut query = notification::Entity::find()
        .filter(notification::Column::UserId.eq(actor.id))
        .order_by_desc(notification::Column::Id)
        .limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(notification::Column::Id.lt(before));
    }
    let mut rows = query.all(ctx.db()).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let before = rows.last().filter(|_| more).map(|row| row.id);
    let notes = rows.into_iter().map(|row| Note {
        id: row.id,
        title: row.title,
        body: row.body,
        link: row.link,
        at: ctx.moment(row.created_at),
        unread: row.read_at.is_none(),
    });
    Ok(Notes {
        notes: notes.collect(),
        unread: unread(ctx.db(), actor.id).await?,
        before,
        now: ctx.now(),
    })
}

/// Marks one of the own notifications as read, or all.
pub async fn mark_read(ctx: &Ctx, note: Option<NotificationId>) -> AppResult<()> {
    let actor = ctx.actor()?;
    let mut update = notification::Entity::update_many()
        .col_expr(notification::Column::ReadAt, Expr::value(ctx.now().0))
        .filter(notification::Column::UserId.eq(actor.id))
        .filter(notification::Column::ReadAt.is_null());
    if let Some(note) = note {
        update = update.filter(notification::Column::Id.eq(note));
    }
    update.exec(ctx.db()).await?;
    Ok(())
}

// ---- preferences ----------------------------------------------------------------------------------------------------

pub async fn preferences(ctx: &Ctx) -> AppResult<Preferences> {
    let actor = ctx.actor()?;
    let rows = mail_preference::Entity::find()
        .filter(mail_preference::Column::UserId.eq(actor.id))
        .all(ctx.db())
        .await?;
    let wish = |kind: Kind| {
        let row = rows.iter().find(|row| row.kind == kind.code());
        Wish {
            kind,
            mail: row.is_none_or(|row| row.mail),
            app: row.is_none_or(|row| row.app),
        }
    };
    let quiet = quiet_hours::Entity::find_by_id(actor.id).one(ctx.db()).await?;
    let clock_of =
        |pick: fn(&quiet_hours::Model) -> i32| quiet.as_ref().map(|row| clock(pick(row))).unwrap_or_default();
    Ok(Preferences {
        wishes: Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_optional())
            .map(wish)
            .collect(),
        quiet_from: clock_of(|row| row.from_minute),
        quiet_until: clock_of(|row| row.until_minute),
        time_zone: quiet.as_ref().map(|row| row.time_zone.clone()).unwrap_or_default(),
        institution_zone: ctx.institution.time_zone.clone(),
        time_zones: chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name().to_owned())
            .collect(),
        mail: ctx.state.mail.enabled,
    })
}

/// What a form of preferences holds: the codes of the kinds that are ticked.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub mail: Vec<String>,
    pub app: Vec<String>,
    pub quiet_from: String,
    pub quiet_until: String,
    pub time_zone: String,
}

pub async fn save_preferences(ctx: &Ctx, wanted: Wanted) -> AppResult<()> {
    let user = ctx.actor()?.id;
    let quiet = match (wanted.quiet_from.trim(), wanted.quiet_until.trim()) {
        ("", "") => None,
        (from, until) => {
            let read = |field, text| {
                minute(text)
                    .ok_or_else(|| AppError::field(field, "Enter a time such as 22:00, or leave both times empty."))
            };
            Some((read("quiet_from", from)?, read("quiet_until", until)?))
        }
    };
    let zone = wanted.time_zone.trim();
    if !zone.is_empty() && zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(AppError::field(
            "time_zone",
            "This is no time zone. Choose one of the list.",
        ));
    }
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_optional()) {
        let has = |list: &[String]| list.iter().any(|code| code == kind.code());
        wish(&*tx, user, kind, has(&wanted.mail), has(&wanted.app), now).await?;
    }
    quiet_hours::Entity::delete_by_id(user).exec(&*tx).await?;
    if let Some((from_minute, until_minute)) = quiet {
        let row = quiet_hours::ActiveModel {
            user_id: Set(user),
            from_minute: Set(from_minute),
            until_minute: Set(until_minute),
            time_zone: Set(zone.to_owned()),
            updated_at: Set(now),
        };
        quiet_hours::Entity::insert(row).exec_without_returning(&*tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn wish(
    tx: &impl ConnectionTrait,
    user: UserId,
    kind: Kind,
    mail: bool,
    app: bool,
    now: crate::time::Timestamp,
) -> AppResult<()> {
    use mail_preference::Column;
    let row = mail_preference::ActiveModel {
        id: Set(format!("{user}/{}", kind.code())),
        user_id: Set(user),
        kind: Set(kind.code().to_owned()),
        mail: Set(mail),
        app: Set(app),
        updated_at: Set(now),
    };
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::Mail, Column::App, Column::UpdatedAt])
        .to_owned();
    mail_preference::Entity::insert(row)
        .on_conflict(update)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The address that switches one kind of mail off, without signing in: it is signed.
pub fn unsubscribe_link(ctx: &Ctx, user: UserId, kind: Kind) -> String {
    let key = unsubscribe_key(ctx, user, kind);
    ctx.state
        .mail
        .link(&format!("/unsubscribe?user={user}&kind={}&key={key}", kind.code()))
}

fn unsubscribe_key(ctx: &Ctx, user: UserId, kind: Kind) -> String {
    ctx.state.signer.sign(&unsubscribe_text(user, kind))
}

fn unsubscribe_text(user: UserId, kind: Kind) -> String {
    format!("auto-grader unsubscribe\n{user}\n{}", kind.code())
}

/// Switches one kind of mail off for whoever holds the signed link. What it was.
pub async fn unsubscribe(ctx: &Ctx, user: &str, kind: &str, key: &str) -> AppResult<Kind> {
    let bad = || {
        AppError::invalid(
            "This link is incomplete. Open it again from the mail, or change your preferences in the app.",
        )
    };
    let user: UserId = user.parse().map_err(|_| bad())?;
    let kind = Kind::from_code(kind)
        .filter(|kind| kind.is_optional())
        .ok_or_else(bad)?;
    if !ctx.state.signer.verify(&unsubscribe_text(user, kind), key) {
        return Err(bad());
    }
    if user::Entity::find_by_id(user).one(ctx.db()).await?.is_none() {
        return Err(bad());
    }
    let id = format!("{user}/{}", kind.code());
    let app = mail_preference::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .is_none_or(|row| row.app);
    let tx = ctx.state.db.begin().await?;
    wish(&*tx, user, kind, false, app, ctx.now()).await?;
    tx.commit().await?;
    Ok(kind)
}

// ---- administration -------------------------------------------------------------------------------------------------

/// The outbox, newest first; `wanted` is a state, or empty for all.
pub async fn outbox(ctx: &Ctx, wanted: &str, before: Option<MailId>) -> AppResult<Outbox> {
    let actor = ctx.admin()?;
    use mail_outbox::Column;
    let mut query = mail_outbox::Entity::find().order_by_desc(Column::Id).limit(PAGE + 1);
    if state::ALL.contains(&wanted) {
        query = query.filter(Column::State.eq(wanted));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    let mut rows = query.all(ctx.db()).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let counted: Vec<(String, i64)> = mail_outbox::Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "n")
        .group_by(Column::State)
        .into_tuple()
        .all(ctx.db())
        .await?;
    let count = |name: &&str| {
        let n = counted.iter().find(|(state, _)| state == name).map_or(0, |(_, n)| *n);
        ((*name).to_owned(), u64::try_from(n).unwrap_or_default())
    };
    let settings = &ctx.state.mail;
    Ok(Outbox {
        before: rows.last().filter(|_| more).map(|row| row.id),
        mails: rows.into_iter().map(|row| posted(ctx, row)).collect(),
        counts: state::ALL.iter().map(count).collect(),
        sends: settings
            .enabled
            .then(|| format!("{} through {}", settings.from, settings.through)),
        own_address: actor.email.clone(),
    })
}

fn posted(ctx: &Ctx, row: mail_outbox::Model) -> Posted {
    let kind = Kind::from_code(&row.kind).map_or(row.kind.clone(), |kind| kind.title().to_owned());
    Posted {
        id: row.id,
        kind,
        recipient: row.recipient,
        subject: row.subject,
        next: (row.state == state::WAITING).then(|| ctx.moment(row.not_before)),
        state: row.state,
        attempts: row.attempts,
        problem: row.problem,
        created: ctx.moment(row.created_at),
        finished: row.finished_at.map(|at| ctx.moment(at)),
    }
}

/// Sends again at once what failed, was cancelled or may have been lost; also what waits for its next try.
pub async fn retry(ctx: &Ctx, id: MailId) -> AppResult<()> {
    ctx.admin()?;
    let row = find(ctx, id).await?;
    if row.text.is_empty() {
        return Err(AppError::conflict(
            "The link in this mail was secret and has been wiped, so it cannot be sent again. Ask the person to request a new one.",
        ));
    }
    let from = [state::FAILED, state::UNSURE, state::CANCELLED, state::WAITING];
    change(ctx, id, &from, state::WAITING, "mail.retry").await
}

/// Takes a mail back that has not been sent.
pub async fn cancel(ctx: &Ctx, id: MailId) -> AppResult<()> {
    ctx.admin()?;
    find(ctx, id).await?;
    change(ctx, id, &[state::WAITING], state::CANCELLED, "mail.cancel").await
}

async fn find(ctx: &Ctx, id: MailId) -> AppResult<mail_outbox::Model> {
    let row = mail_outbox::Entity::find_by_id(id).one(ctx.db()).await?;
    row.ok_or_else(|| AppError::not_found("The mail"))
}

async fn change(ctx: &Ctx, id: MailId, from: &[&str], to: &str, action: &str) -> AppResult<()> {
    use mail_outbox::Column;
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    let changed = mail_outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value(to))
        .col_expr(Column::NotBefore, Expr::value(now.0))
        .col_expr(
            Column::FinishedAt,
            Expr::value((to == state::CANCELLED).then_some(now.0)),
        )
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in(from.iter().copied()))
        .exec(&*tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::conflict(
            "This mail is being sent, or is done with. Reload the page to see its state.",
        ));
    }
    let act = Act {
        action,
        target_kind: "mail",
        target_id: id.to_string(),
        detail: json!({}),
    };
    record(ctx, &*tx, act).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a test mail into the outbox, for administrators.
pub async fn test(ctx: &Ctx, to: &str) -> AppResult<MailId> {
    let actor = ctx.admin()?;
    limits::count(ctx, limits::MAIL, &format!("test {}", actor.id)).await?;
    post_test(ctx, to).await
}

/// The same without asking who: for the command line.
pub async fn post_test(ctx: &Ctx, to: &str) -> AppResult<MailId> {
    let to = crate::account::model::email(to).map_err(|why| AppError::field("to", why))?;
    if !ctx.state.mail.enabled {
        return Err(AppError::conflict(
            "This installation sends no mail: SMTP_URL is not set. Nothing was sent.",
        ));
    }
    let key = format!("test:{}", MailId::new());
    let tx = ctx.state.db.begin().await?;
    enqueue(ctx, &*tx, Mail::new(To::Address(to), Message::Test, key.clone())).await?;
    let row = mail_outbox::Entity::find()
        .filter(mail_outbox::Column::DedupeKey.eq(key))
        .one(&*tx)
        .await?
        .ok_or_else(|| AppError::internal("the test mail is not in the outbox"))?;
    tx.commit().await?;
    Ok(row.id)
}

/// For health: what is wrong with sending, or a word on how it goes.
pub async fn health(state: &crate::platform::AppState) -> AppResult<String> {
    use crate::time::Timestamp;
    use mail_outbox::Column;
    if !state.mail.enabled {
        return Ok("This installation sends no mail.".into());
    }
    let now = state.clock.now();
    let (number, oldest) = delivery::waiting(state.db.read(), now).await?;
    let minutes = oldest.map_or(0, |oldest| (now.0 - oldest.0) / Timestamp::MINUTE);
    if minutes >= 15 {
        return Err(AppError::unavailable(format!(
            "{number} mails wait, the oldest for {minutes} minutes."
        )));
    }
    let lost = mail_outbox::Entity::find()
        .filter(Column::State.is_in([state::FAILED, state::UNSURE]))
        .filter(Column::FinishedAt.gt(now.plus(-Timestamp::DAY)))
        .count(state.db.read())
        .await?;
    Ok(match lost {
        0 => format!("{number} mails wait."),
        lost => format!("{number} mails wait; {lost} were not delivered in the last day."),
    })
}

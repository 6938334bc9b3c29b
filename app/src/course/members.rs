//! What staff do with the people of a course: see, enrol, import, change, remove.

use super::service::{act, open, shape};
use crate::admin::one_time::Batch;
use crate::audit::store::record;
use crate::course::enrolling::{self, Enrolled, one_time_account};
use crate::course::form::Person;
use crate::course::import::people::{self, Newcomer};
use crate::course::import::{Draft, Outcome, Preview};
use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::course::shape::{Member, NewAccount, People, PeopleQuery};
use crate::course::store;
use crate::entity::{course, enrolment};
use crate::error::{AppError, AppResult};
use crate::ids::{CourseId, UserId};
use crate::platform::Ctx;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

/// A page of the people in a course, for its staff.
pub async fn people(ctx: &Ctx, id: CourseId, mut query: PeopleQuery) -> AppResult<People> {
    let (row, role) = policy::course(ctx, id, Duty::Grade).await?;
    query.search = query.search.trim().chars().take(100).collect();
    let mut found = store::people(ctx.db(), id, &query).await?;
    let more = found.len() > store::PAGE as usize;
    found.truncate(store::PAGE as usize);
    let backwards = query.before.is_some();
    if backwards {
        found.reverse();
    }
    let first = found.first().map(|(row, _)| row.user_id);
    let last = found.last().map(|(row, _)| row.user_id);
    let heads = store::head_counts(ctx.db(), vec![id]).await?;
    let head = |role| heads.get(&(id, role)).copied().unwrap_or_default();
    let members = found.into_iter().map(|(row, user)| Member {
        user: user.id,
        name: user.name,
        email: user.email,
        role: row.role,
        since: ctx.moment(row.created_at),
        deactivated: user.deactivated_at.is_some(),
        last_sign_in: user.last_sign_in_at.map(|at| ctx.moment(at)),
    });
    Ok(People {
        course: shape(ctx, row, role),
        members: members.collect(),
        students: head(Role::Student),
        assistants: head(Role::Assistant),
        teachers: head(Role::Teacher),
        previous: first.filter(|_| if backwards { more } else { query.after.is_some() }),
        next: last.filter(|_| if backwards { true } else { more }),
        now: ctx.now(),
    })
}

/// Brings somebody in by address. Somebody unknown gets an account and a one-time password.
pub async fn enrol(ctx: &Ctx, id: CourseId, person: Person, role: Role) -> AppResult<Enrolled> {
    let row = open(ctx, id).await?;
    let person = person.checked("email", "name")?;
    let one = [Newcomer {
        line: 0,
        email: person.email,
        name: person.name,
        role,
    }];
    let plan = enrolling::plan(ctx, ctx.db(), &row, &one, "email").await?;
    if let Some(Outcome::Stays(role)) = plan.rows.first().map(|row| row.outcome) {
        return Err(AppError::field(
            "email",
            format!("{} is in this course already, as {role}.", one[0].email),
        ));
    }
    enrolling::enrol(ctx, &row, &one, "email", "course.enrol").await
}

/// What a table would do, line by line, without doing it.
pub async fn import_preview(ctx: &Ctx, id: CourseId, text: &str) -> AppResult<Preview> {
    let row = open(ctx, id).await?;
    preview(ctx, &row, text).await
}

async fn preview(ctx: &Ctx, row: &course::Model, text: &str) -> AppResult<Preview> {
    let reading = people::read(text, &row.code);
    let plan = enrolling::plan(ctx, ctx.db(), row, &reading.people, &reading.email_column).await?;
    Ok(plan.into_preview(row, reading.problems, reading.ignored))
}

/// Brings in everyone in a table, or nobody.
pub async fn import(ctx: &Ctx, id: CourseId, text: &str) -> AppResult<Enrolled> {
    let row = open(ctx, id).await?;
    let seen = preview(ctx, &row, text).await?;
    if !seen.problems.is_empty() {
        let wrong = seen.problems.iter().map(|problem| crate::error::FieldError {
            field: format!("line {}, {}", problem.line, problem.column)
                .trim_end_matches(", ")
                .to_owned(),
            message: problem.message.clone(),
        });
        let error = AppError::invalid("Nothing was imported: the table has mistakes.");
        return Err(AppError {
            fields: wrong.collect(),
            ..error
        });
    }
    let reading = people::read(text, &row.code);
    enrolling::enrol(ctx, &row, &reading.people, &reading.email_column, "course.import").await
}

/// The import page's form after it was sent. Only the preview; what is confirmed is imported elsewhere.
pub async fn import_draft(ctx: &Ctx, id: CourseId, text: String, error: Option<AppError>) -> Draft {
    match import_preview(ctx, id, &text).await {
        // The preview says it better, line by line.
        Ok(preview) if !preview.problems.is_empty() => Draft {
            text,
            preview: Some(preview),
            error: None,
        },
        Ok(preview) => Draft {
            text,
            preview: Some(preview),
            error,
        },
        Err(trouble) => Draft {
            text,
            preview: None,
            error: error.or(Some(trouble)),
        },
    }
}

/// Changes what somebody is in the course.
pub async fn change_role(ctx: &Ctx, id: CourseId, user: UserId, role: Role) -> AppResult<()> {
    let course = open(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let before = store::role_of(&*tx, id, user)
        .await?
        .ok_or_else(|| AppError::not_found("This person's place in the course"))?;
    if role == Role::Teacher && !ctx.actor()?.is_admin && !store::teaches(&*tx, user).await? {
        return Err(AppError::field(
            "role",
            "This person does not teach any course yet. Only an administrator can make somebody a teacher.",
        ));
    }
    if before == Role::Teacher && role != Role::Teacher {
        keep_a_teacher(&*tx, id, user).await?;
    }
    if before != role {
        store::set_role(&*tx, id, user, role).await?;
        let detail = json!({ "course": course.code, "user": user, "from": before, "to": role });
        record(ctx, &*tx, act("course.change_role", id, detail)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes somebody out of the course. What they handed in stays, and is there again if they come back.
pub async fn remove(ctx: &Ctx, id: CourseId, user: UserId) -> AppResult<()> {
    let course = open(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let before = store::role_of(&*tx, id, user)
        .await?
        .ok_or_else(|| AppError::not_found("This person's place in the course"))?;
    if before == Role::Teacher {
        keep_a_teacher(&*tx, id, user).await?;
    }
    enrolment::Entity::delete_many()
        .filter(enrolment::Column::CourseId.eq(id))
        .filter(enrolment::Column::UserId.eq(user))
        .exec(&*tx)
        .await?;
    let detail = json!({ "course": course.code, "user": user, "role": before });
    record(ctx, &*tx, act("course.remove", id, detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// The accounts a batch has just made in this course, with their passwords.
pub async fn handed_over(ctx: &Ctx, id: CourseId, batch: &Batch) -> AppResult<Vec<NewAccount>> {
    policy::course(ctx, id, Duty::Teach).await?;
    let users = store::just_made(ctx.db(), id, batch.at).await?;
    Ok(users.iter().map(|user| one_time_account(batch, user)).collect())
}

async fn keep_a_teacher(tx: &impl sea_orm::ConnectionTrait, id: CourseId, leaving: UserId) -> AppResult<()> {
    let others = store::active_teachers(tx, id).await?;
    if others.iter().any(|teacher| *teacher != leaving) {
        Ok(())
    } else {
        Err(AppError::conflict(
            "A course keeps at least one teacher. Make somebody else a teacher first.",
        ))
    }
}

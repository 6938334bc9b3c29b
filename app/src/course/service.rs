//! What people do with courses: make, change, archive. What they do with the people in them is in `members`.

pub use super::members::*;

use crate::audit::store::{Act, record};
use crate::course::enrolling::{self, Enrolled};
use crate::course::form::{CourseForm, Person};
use crate::course::import::people::Newcomer;
use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::course::shape::{AssignmentLine, Course, CourseCard, CourseList, Overview, Standing};
use crate::course::store;
use crate::entity::{assignment, course};
use crate::error::{AppError, AppResult};
use crate::ids::CourseId;
use crate::platform::{Ctx, limits};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

/// The actor's courses; for an administrator all courses, a page at a time.
pub async fn mine(ctx: &Ctx, archived: bool, after: Option<CourseId>) -> AppResult<CourseList> {
    let actor = ctx.actor()?;
    let own = store::of_user(ctx.db(), actor.id).await?;
    let may_create = actor.is_admin || own.iter().any(|(_, role)| *role == Role::Teacher);
    let roles: std::collections::HashMap<CourseId, Role> =
        own.iter().map(|(course, role)| (course.id, *role)).collect();
    let (mut rows, next) = if actor.is_admin {
        let mut rows = store::page(ctx.db(), archived, after).await?;
        let more = rows.len() > store::PAGE as usize;
        rows.truncate(store::PAGE as usize);
        let next = rows.last().filter(|_| more).map(|course| course.id);
        (rows, next)
    } else {
        (
            own.into_iter()
                .map(|(course, _)| course)
                .filter(|course| course.archived_at.is_some() == archived)
                .collect::<Vec<_>>(),
            None,
        )
    };
    if next.is_none() && after.is_none() {
        rows.sort_by(|a, b| (&b.term, &a.code).cmp(&(&a.term, &b.code)));
    }
    let ids: Vec<CourseId> = rows.iter().map(|course| course.id).collect();
    let heads = store::head_counts(ctx.db(), ids.clone()).await?;
    let all = store::assignment_counts(ctx.db(), ids.clone(), None).await?;
    let shown = store::assignment_counts(ctx.db(), ids, Some(ctx.now())).await?;
    let card = |course: course::Model| {
        let role = roles.get(&course.id).copied();
        let counts = if role == Some(Role::Student) { &shown } else { &all };
        CourseCard {
            students: heads.get(&(course.id, Role::Student)).copied().unwrap_or_default(),
            assignments: counts.get(&course.id).copied().unwrap_or_default(),
            archived: course.archived_at.is_some(),
            role,
            id: course.id,
            code: course.code,
            title: course.title,
            term: course.term,
        }
    };
    Ok(CourseList {
        courses: rows.into_iter().map(card).collect(),
        may_create,
        everywhere: actor.is_admin,
        next,
    })
}

/// A course with its assignments, as the actor may see them.
pub async fn get(ctx: &Ctx, id: CourseId) -> AppResult<Overview> {
    let (row, role) = policy::course(ctx, id, Duty::See).await?;
    let (db, now) = (ctx.db(), ctx.now());
    let mut rows = store::assignments(db, id).await?;
    rows.retain(|row| role.is_staff() || row.published_at.is_some_and(|at| at <= now));
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let questions = store::question_counts(db, ids.clone()).await?;
    let standings: std::collections::HashMap<_, _> = if role.is_staff() {
        let submitted = store::submitted_counts(db, ids.clone()).await?;
        let waiting = store::waiting_counts(db, ids.clone()).await?;
        let of = |counts: &std::collections::HashMap<_, u32>, id| counts.get(id).copied().unwrap_or_default();
        ids.iter()
            .map(|id| {
                (
                    *id,
                    Standing::Class {
                        submitted: of(&submitted, id),
                        waiting: of(&waiting, id),
                    },
                )
            })
            .collect()
    } else {
        let own = store::submitted_by(db, ids, ctx.actor()?.id).await?;
        own.into_iter()
            .map(|(id, done)| (id, if done { Standing::Submitted } else { Standing::Started }))
            .collect()
    };
    let line = |row: assignment::Model| AssignmentLine {
        phase: ctx.dates(&row).phase(now),
        due: row.due_at.map(|at| ctx.moment(at)),
        closes: row.closes_at.map(|at| ctx.moment(at)),
        questions: questions.get(&row.id).copied().unwrap_or_default(),
        standing: standings.get(&row.id).copied().unwrap_or(Standing::NotStarted),
        id: row.id,
        title: row.title,
    };
    let heads = store::head_counts(db, vec![id]).await?;
    let head = |role| heads.get(&(id, role)).copied().unwrap_or_default();
    Ok(Overview {
        course: shape(ctx, row, role),
        assignments: rows.into_iter().map(line).collect(),
        teachers: store::teachers(db, id).await?,
        students: head(Role::Student),
        staff: head(Role::Assistant) + head(Role::Teacher),
        now,
    })
}

/// Makes a course and gives it a teacher: the actor, or whom an administrator names.
pub async fn create(ctx: &Ctx, form: CourseForm, teacher: Option<Person>) -> AppResult<(CourseId, Enrolled)> {
    let actor = ctx.actor()?;
    if !actor.is_admin && !store::teaches(ctx.db(), actor.id).await? {
        return Err(AppError::forbidden(
            "Only teachers and administrators can create courses.",
        ));
    }
    if teacher.is_some() && !actor.is_admin {
        return Err(AppError::forbidden(
            "Only administrators can create a course for somebody else.",
        ));
    }
    limits::count(ctx, limits::WRITE, &actor.id.to_string()).await?;
    let form = form.checked()?;
    let teacher = match teacher {
        Some(person) => person.checked("teacher_email", "teacher_name")?,
        None => Person {
            email: actor.email.clone(),
            name: actor.name.clone(),
        },
    };
    let row = course::Model {
        id: CourseId::new(),
        code: form.code,
        title: form.title,
        term: form.term,
        description: form.description,
        created_by: actor.id,
        created_at: ctx.now(),
        archived_at: None,
    };
    let first = [Newcomer {
        line: 0,
        email: teacher.email,
        name: teacher.name,
        role: Role::Teacher,
    }];
    let enrolled = enrolling::found(ctx, &row, &first, "teacher_email").await?;
    Ok((row.id, enrolled))
}

/// Changes what a course is called.
pub async fn update(ctx: &Ctx, id: CourseId, form: CourseForm) -> AppResult<()> {
    let row = open(ctx, id).await?;
    let form = form.checked()?;
    let tx = ctx.state.db.begin().await?;
    if store::same_code(&*tx, &form.code, &form.term, Some(id)).await? {
        return Err(code_taken(&form.code, &form.term));
    }
    let detail = json!({ "from": { "code": row.code, "title": row.title, "term": row.term }, "to": { "code": form.code, "title": form.title, "term": form.term } });
    let mut change = row.into_active_model();
    change.code = Set(form.code);
    change.title = Set(form.title);
    change.term = Set(form.term);
    change.description = Set(form.description);
    change.update(&*tx).await?;
    record(ctx, &*tx, act("course.update", id, detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a course out of use. Everything in it stays, to be read and restored.
pub async fn archive(ctx: &Ctx, id: CourseId) -> AppResult<()> {
    let row = open(ctx, id).await?;
    set_archived(ctx, row, true).await
}

/// Takes an archived course back into use.
pub async fn restore(ctx: &Ctx, id: CourseId) -> AppResult<()> {
    let (row, _) = policy::course(ctx, id, Duty::Teach).await?;
    if row.archived_at.is_none() {
        return Err(AppError::conflict("This course is not archived."));
    }
    set_archived(ctx, row, false).await
}

async fn set_archived(ctx: &Ctx, row: course::Model, archived: bool) -> AppResult<()> {
    let (id, detail) = (row.id, json!({ "course": row.code }));
    let tx = ctx.state.db.begin().await?;
    let mut change = row.into_active_model();
    change.archived_at = Set(archived.then(|| ctx.now()));
    change.update(&*tx).await?;
    record(
        ctx,
        &*tx,
        act(if archived { "course.archive" } else { "course.restore" }, id, detail),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The course for a page that changes it.
pub async fn to_change(ctx: &Ctx, id: CourseId) -> AppResult<Course> {
    let (row, role) = policy::course(ctx, id, Duty::Teach).await?;
    Ok(shape(ctx, row, role))
}

/// The course, if the actor may change it and it is in use.
pub(super) async fn open(ctx: &Ctx, id: CourseId) -> AppResult<course::Model> {
    let (row, _) = policy::course(ctx, id, Duty::Teach).await?;
    if row.archived_at.is_some() {
        return Err(AppError::conflict("This course is archived. Restore it first."));
    }
    limits::count(ctx, limits::WRITE, &ctx.actor()?.id.to_string()).await?;
    Ok(row)
}

pub(super) fn shape(ctx: &Ctx, row: course::Model, role: Role) -> Course {
    Course {
        archived_at: row.archived_at.map(|at| ctx.moment(at)),
        role,
        id: row.id,
        code: row.code,
        title: row.title,
        term: row.term,
        description: row.description,
    }
}

/// Another course in use is called so already.
pub(super) fn code_taken(code: &str, term: &str) -> AppError {
    let term = if term.is_empty() {
        "without a term".to_owned()
    } else {
        format!("in {term}")
    };
    AppError::field(
        "code",
        format!("There is a course {code} {term} already. Choose another code or term."),
    )
}

pub(super) fn act(action: &str, id: CourseId, detail: serde_json::Value) -> Act<'_> {
    Act {
        action,
        target_kind: "course",
        target_id: id.to_string(),
        detail,
    }
}

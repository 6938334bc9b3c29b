//! What may be done with assignments: by whom, when, and what else happens then.

use super::content::{AssignmentContent, AssignmentForm};
use super::model::{Dates, Phase};
use super::store;
use super::text::counted;
use super::view::{AssignmentSummary, CoursePlace, StaffAssignment, StaffOverview};
use crate::audit::store::{Act, record};
use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, course};
use crate::error::{AppError, AppResult, FieldError};
use crate::ids::{AssignmentId, CourseId};
use crate::platform::Ctx;
use crate::question;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

/// A new draft from a form.
pub async fn create_from(ctx: &Ctx, course: CourseId, form: &AssignmentForm) -> AppResult<AssignmentId> {
    policy::course(ctx, course, Duty::Teach).await?;
    create(ctx, course, read(ctx, form)?).await
}

/// Changes from a form; `seen` is the version the form was filled in over.
pub async fn update_from(ctx: &Ctx, id: AssignmentId, seen: i32, form: &AssignmentForm) -> AppResult<i32> {
    teach(ctx, id).await?;
    update(ctx, id, Some(seen), read(ctx, form)?).await
}

/// Reads a form; dates are wall clocks of the institution.
fn read(ctx: &Ctx, form: &AssignmentForm) -> AppResult<AssignmentContent> {
    match form.read(|typed| ctx.parse_input(typed)) {
        Ok(content) => Ok(content),
        Err(fields) => Err(AppError::from_fields(fields)
            .err()
            .unwrap_or_else(|| AppError::invalid("Please check the form."))),
    }
}

/// The course, for the page that makes a new assignment.
pub async fn place(ctx: &Ctx, course: CourseId) -> AppResult<CoursePlace> {
    let (course, _) = policy::course(ctx, course, Duty::Teach).await?;
    course_place(ctx, course).await
}

/// A new draft.
pub async fn create(ctx: &Ctx, course: CourseId, content: AssignmentContent) -> AppResult<AssignmentId> {
    let (course, _) = policy::course(ctx, course, Duty::Teach).await?;
    refuse_archived(&course)?;
    let content = content.tidy();
    AppError::from_fields(content.check())?;
    let now = ctx.now();
    let row = assignment::Model {
        id: AssignmentId::new(),
        course_id: course.id,
        title: content.title,
        instructions: content.instructions,
        due_at: content.due_at,
        closes_at: content.closes_at,
        late_percent_per_day: content.late_percent_per_day,
        show_distribution: content.show_distribution,
        published_at: None,
        grades_published_at: None,
        created_by: ctx.actor()?.id,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let (id, detail) = (
        row.id,
        json!({ "course": row.course_id.to_string(), "title": row.title }),
    );
    let tx = ctx.state.db.begin().await?;
    assignment::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&*tx)
        .await?;
    record(ctx, &*tx, act("assignment.create", id, detail)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes title, instructions, dates and late rule; gives the new version.
pub async fn update(ctx: &Ctx, id: AssignmentId, seen: Option<i32>, content: AssignmentContent) -> AppResult<i32> {
    teach(ctx, id).await?;
    let content = content.tidy();
    AppError::from_fields(content.check())?;
    let tx = ctx.state.db.begin().await?;
    let row = unchanged(ctx, &*tx, id, seen).await?;
    let old = AssignmentContent::from(&row);
    let late_rule = |c: &AssignmentContent| (c.due_at, c.closes_at, c.late_percent_per_day);
    if row.grades_published_at.is_some() && late_rule(&old) != late_rule(&content) {
        return Err(AppError::conflict(
            "Grades are published, so the dates and the deduction are fixed. Take the grades back first. The text can still be changed.",
        ));
    }
    let detail = json!({ "before": &old, "after": &content });
    let version = row.version + 1;
    let mut change = row.into_active_model();
    change.title = Set(content.title);
    change.instructions = Set(content.instructions);
    change.due_at = Set(content.due_at);
    change.closes_at = Set(content.closes_at);
    change.late_percent_per_day = Set(content.late_percent_per_day);
    change.show_distribution = Set(content.show_distribution);
    save(ctx, &*tx, change, version).await?;
    record(ctx, &*tx, act("assignment.update", id, detail)).await?;
    tx.commit().await?;
    Ok(version)
}

/// Lets the students of the course see it and answer.
pub async fn publish(ctx: &Ctx, id: AssignmentId, seen: Option<i32>) -> AppResult<()> {
    teach(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let row = unchanged(ctx, &*tx, id, seen).await?;
    if row.published_at.is_some() {
        return Err(AppError::conflict("This assignment is published already."));
    }
    let questions = question::store::full(&*tx, id).await?;
    AppError::from_fields(obstacles(
        &questions,
        Dates::from(&row).end().is_some_and(|end| end <= ctx.now()),
    ))?;
    let version = row.version + 1;
    let detail = json!({
        "questions": questions.len(),
        "points": questions.iter().map(|q| q.points).sum::<crate::points::Points>().to_string(),
        "students": store::students(&*tx, row.course_id).await?,
    });
    let mut change = row.into_active_model();
    change.published_at = Set(Some(ctx.now()));
    save(ctx, &*tx, change, version).await?;
    record(ctx, &*tx, act("assignment.publish", id, detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// What keeps an assignment from being published.
fn obstacles(questions: &[question::model::Question], over: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if questions.is_empty() {
        errors.push(FieldError {
            field: "questions".into(),
            message: "There is no question yet. Add one first.".into(),
        });
    }
    for question in questions {
        if let Some(problem) = question.unfinished() {
            let message = format!("Question {} is not finished: {problem}", question.position);
            errors.push(FieldError {
                field: format!("question-{}", question.position),
                message,
            });
        }
    }
    if over {
        let message = "The time to answer is over already. Choose a later due date first.".into();
        errors.push(FieldError {
            field: "due".into(),
            message,
        });
    }
    errors
}

/// Makes it a draft again, while nobody has begun to answer.
pub async fn unpublish(ctx: &Ctx, id: AssignmentId, seen: Option<i32>) -> AppResult<()> {
    teach(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let row = unchanged(ctx, &*tx, id, seen).await?;
    if row.published_at.is_none() {
        return Err(AppError::conflict("This assignment is a draft already."));
    }
    refuse_started(
        &*tx,
        id,
        "so it cannot be taken back. You can change its dates instead.",
    )
    .await?;
    let version = row.version + 1;
    let mut change = row.into_active_model();
    change.published_at = Set(None);
    save(ctx, &*tx, change, version).await?;
    record(ctx, &*tx, act("assignment.unpublish", id, json!({}))).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes an assignment that nobody has begun to answer; gives its course.
pub async fn delete(ctx: &Ctx, id: AssignmentId, seen: Option<i32>) -> AppResult<CourseId> {
    teach(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let row = unchanged(ctx, &*tx, id, seen).await?;
    refuse_started(&*tx, id, "so it cannot be deleted.").await?;
    let questions = question::store::full(&*tx, id).await?;
    for question in questions.iter().rev() {
        question::store::delete(&*tx, id, question).await?;
    }
    assignment::Entity::delete_by_id(id).exec(&*tx).await?;
    let detail = json!({ "title": row.title, "questions": questions.len() });
    record(ctx, &*tx, act("assignment.delete", id, detail)).await?;
    tx.commit().await?;
    Ok(row.course_id)
}

/// Everything about one assignment, for teachers and assistants.
pub async fn get_for_staff(ctx: &Ctx, id: AssignmentId) -> AppResult<StaffAssignment> {
    let (row, role) = policy::assignment(ctx, id, Duty::Grade).await?;
    let course = course::Entity::find_by_id(row.course_id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The course"))?;
    let course = course_place(ctx, course).await?;
    let now = ctx.now();
    Ok(StaffAssignment {
        id,
        may_edit: role == Role::Teacher && !course.archived,
        course,
        due: row.due_at.map(|at| ctx.moment(at)),
        closes: row.closes_at.map(|at| ctx.moment(at)),
        late_percent_per_day: row.late_percent_per_day,
        show_distribution: row.show_distribution,
        published: row.published_at.map(|at| ctx.moment(at)),
        grades_published: row.grades_published_at.map(|at| ctx.moment(at)),
        phase: Dates::from(&row).phase(now),
        version: row.version,
        questions: question::store::full(ctx.db(), id).await?,
        started: store::submissions(ctx.db(), id).await?.0,
        now,
        typed: None,
        title: row.title,
        instructions: row.instructions,
    })
}

/// How far the class is with one assignment.
pub async fn overview(ctx: &Ctx, id: AssignmentId) -> AppResult<StaffOverview> {
    let (row, _) = policy::assignment(ctx, id, Duty::Grade).await?;
    Ok(store::overviews(ctx.db(), row.course_id, &[id])
        .await?
        .remove(&id)
        .unwrap_or_default())
}

/// The assignments of a course; students see the published ones, staff also how far the class is.
pub async fn list(ctx: &Ctx, course: CourseId) -> AppResult<Vec<AssignmentSummary>> {
    let (_, role) = policy::course(ctx, course, Duty::See).await?;
    let now = ctx.now();
    let rows = store::of_course(ctx.db(), course, (!role.is_staff()).then_some(now)).await?;
    let ids: Vec<AssignmentId> = rows.iter().map(|row| row.id).collect();
    let sizes = store::sizes(ctx.db(), &ids).await?;
    let overviews = if role.is_staff() {
        store::overviews(ctx.db(), course, &ids).await?
    } else {
        Default::default()
    };
    let summary = |row: assignment::Model| {
        let (questions, points) = sizes.get(&row.id).copied().unwrap_or_default();
        AssignmentSummary {
            id: row.id,
            course,
            due: row.due_at.map(|at| ctx.moment(at)),
            closes: row.closes_at.map(|at| ctx.moment(at)),
            phase: Dates::from(&row).phase(now),
            late_percent_per_day: row.late_percent_per_day,
            questions,
            points,
            staff: overviews.get(&row.id).copied(),
            title: row.title,
        }
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Whether students may see it already.
pub(crate) fn is_draft(row: &assignment::Model, ctx: &Ctx) -> bool {
    Dates::from(row).phase(ctx.now()) == Phase::Draft
}

/// A teacher of the assignment's course, which still runs.
pub(crate) async fn teach(ctx: &Ctx, id: AssignmentId) -> AppResult<()> {
    let (row, _) = policy::assignment(ctx, id, Duty::Teach).await?;
    let course = course::Entity::find_by_id(row.course_id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The course"))?;
    refuse_archived(&course)
}

fn refuse_archived(course: &course::Model) -> AppResult<()> {
    match course.archived_at {
        Some(_) => Err(AppError::conflict(
            "This course is archived, so nothing in it can be changed. Restore the course first.",
        )),
        None => Ok(()),
    }
}

/// An error that says how many have begun, if anybody has.
pub(crate) async fn refuse_started(db: &impl ConnectionTrait, id: AssignmentId, therefore: &str) -> AppResult<()> {
    match store::submissions(db, id).await?.0 {
        0 => Ok(()),
        started => {
            let have = if started == 1 { "has" } else { "have" };
            let students = counted(started.into(), "student", "students");
            Err(AppError::conflict(format!(
                "{students} {have} begun to answer, {therefore}"
            )))
        }
    }
}

/// The locked row, if it is still the one that was seen.
async fn unchanged(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    id: AssignmentId,
    seen: Option<i32>,
) -> AppResult<assignment::Model> {
    let row = store::lock(ctx, tx, id).await?;
    if seen.is_some_and(|seen| seen != row.version) {
        let at = ctx.moment(row.updated_at);
        return Err(AppError::conflict(format!(
            "Somebody changed this assignment at {} ({}), after you opened it. Your change was not saved, so that theirs is not lost. \
             Reload the page to see it, then make your change again.",
            at.clock(),
            at.date(),
        )));
    }
    Ok(row)
}

async fn save(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    mut change: assignment::ActiveModel,
    version: i32,
) -> AppResult<()> {
    change.version = Set(version);
    change.updated_at = Set(ctx.now());
    change.update(tx).await?;
    Ok(())
}

pub(crate) async fn course_place(ctx: &Ctx, course: course::Model) -> AppResult<CoursePlace> {
    Ok(CoursePlace {
        id: course.id,
        students: store::students(ctx.db(), course.id).await?,
        code: course.code,
        title: course.title,
        archived: course.archived_at.is_some(),
        time_zone: ctx.institution.time_zone.clone(),
        typed: None,
    })
}

fn act(action: &str, id: AssignmentId, detail: serde_json::Value) -> Act<'_> {
    Act {
        action,
        target_kind: "assignment",
        target_id: id.to_string(),
        detail,
    }
}

impl From<&assignment::Model> for AssignmentContent {
    fn from(row: &assignment::Model) -> Self {
        Self {
            title: row.title.clone(),
            instructions: row.instructions.clone(),
            due_at: row.due_at,
            closes_at: row.closes_at,
            late_percent_per_day: row.late_percent_per_day,
            show_distribution: row.show_distribution,
        }
    }
}

#[cfg(test)]
#[path = "service_tests/mod.rs"]
mod tests;

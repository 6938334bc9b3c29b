//! What may be done with questions. Their number and order are fixed once students see them; their text, points and key can
//! be changed until grades are published, and whatever the machine graded by the old key is graded again.

use super::content::QuestionContent;
use super::form::QuestionForm;
use super::model::{Question, QuestionKind};
use super::store;
use super::view::{QuestionEditor, QuestionSaved};
use crate::assignment;
use crate::audit::store::{Act, record};
use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::entity::{course, grade, question};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, QuestionId};
use crate::platform::Ctx;
use crate::platform::db::Tx;
use crate::platform::hints::Hint;
use crate::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

/// The most questions in one assignment.
const MAX_QUESTIONS: usize = 200;

/// Which way a question moves in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// The questions with keys, for teachers and assistants.
pub async fn list(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Vec<Question>> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    store::full(ctx.db(), assignment).await
}

/// Adds a blank question of a kind at the end; it must be finished before the assignment can be published.
pub async fn add(ctx: &Ctx, assignment: AssignmentId, kind: QuestionKind) -> AppResult<QuestionId> {
    append(ctx, assignment, QuestionContent::blank(kind)).await
}

/// Adds a finished question at the end.
pub async fn add_with(ctx: &Ctx, assignment: AssignmentId, content: QuestionContent) -> AppResult<QuestionId> {
    let content = content.tidy();
    AppError::from_fields(content.check())?;
    append(ctx, assignment, content).await
}

async fn append(ctx: &Ctx, assignment: AssignmentId, content: QuestionContent) -> AppResult<QuestionId> {
    assignment::service::teach(ctx, assignment).await?;
    let tx = open_draft(ctx, assignment, "added").await?;
    let rows = store::rows(&*tx, assignment).await?;
    if rows.len() >= MAX_QUESTIONS {
        return Err(AppError::conflict(format!(
            "An assignment has at most {MAX_QUESTIONS} questions."
        )));
    }
    let position = rows.iter().map(|row| row.position).max().unwrap_or(0) + 1;
    let id = store::insert(&*tx, assignment, position, &content, ctx.now()).await?;
    let detail =
        json!({ "assignment": assignment.to_string(), "position": position, "kind": content.key.kind().name() });
    record(ctx, &*tx, act("question.add", id, detail)).await?;
    tx.commit().await?;
    ctx.state.papers.forget(assignment);
    Ok(id)
}

/// Removes a question; the ones behind it move up. Gives its assignment.
pub async fn remove(ctx: &Ctx, id: QuestionId) -> AppResult<AssignmentId> {
    let (row, assignment, _) = policy::question(ctx, id, Duty::Teach).await?;
    assignment::service::teach(ctx, assignment.id).await?;
    let tx = open_draft(ctx, assignment.id, "removed").await?;
    let old = store::one(&*tx, id).await?;
    store::delete(&*tx, assignment.id, &old).await?;
    let detail = json!({ "assignment": assignment.id.to_string(), "position": old.position, "kind": row.kind, "prompt": old.prompt });
    record(ctx, &*tx, act("question.remove", id, detail)).await?;
    tx.commit().await?;
    ctx.state.papers.forget(assignment.id);
    Ok(assignment.id)
}

/// Moves a question one place; at the end of the list nothing happens. Gives its assignment.
pub async fn move_(ctx: &Ctx, id: QuestionId, direction: Direction) -> AppResult<AssignmentId> {
    let (_, assignment, _) = policy::question(ctx, id, Duty::Teach).await?;
    assignment::service::teach(ctx, assignment.id).await?;
    let tx = open_draft(ctx, assignment.id, "moved").await?;
    let rows = store::rows(&*tx, assignment.id).await?;
    let here = rows
        .iter()
        .position(|row| row.id == id)
        .ok_or_else(|| AppError::not_found("The question"))?;
    let other = match direction {
        Direction::Up => here.checked_sub(1),
        Direction::Down => Some(here + 1).filter(|there| *there < rows.len()),
    };
    let Some(there) = other else { return Ok(assignment.id) };
    store::set_position(&*tx, id, there as i32 + 1).await?;
    store::set_position(&*tx, rows[there].id, here as i32 + 1).await?;
    let detail = json!({ "assignment": assignment.id.to_string(), "from": here + 1, "to": there + 1 });
    record(ctx, &*tx, act("question.move", id, detail)).await?;
    tx.commit().await?;
    ctx.state.papers.forget(assignment.id);
    Ok(assignment.id)
}

/// Changes text, points and key. `seen` is the `updated_at` the editor was opened with.
pub async fn update(
    ctx: &Ctx,
    id: QuestionId,
    seen: Option<Timestamp>,
    content: QuestionContent,
) -> AppResult<QuestionSaved> {
    let (_, assignment, _) = policy::question(ctx, id, Duty::Teach).await?;
    assignment::service::teach(ctx, assignment.id).await?;
    let content = content.tidy();
    AppError::from_fields(content.check())?;
    let tx = ctx.state.db.begin().await?;
    let assignment = assignment::store::lock(ctx, &*tx, assignment.id).await?;
    if assignment.grades_published_at.is_some() {
        return Err(AppError::conflict(
            "Grades are published, so questions are fixed. Take the grades back first, then change the question.",
        ));
    }
    let row = question::Entity::find_by_id(id)
        .one(&*tx)
        .await?
        .ok_or_else(|| AppError::not_found("The question"))?;
    unchanged(ctx, &row, seen)?;
    let old = store::one(&*tx, id).await?;
    let before = QuestionContent::from(&old);
    let (started, submitted) = assignment::store::submissions(&*tx, assignment.id).await?;
    check_against(&*tx, &old, &before, &content, started).await?;
    // Later than what was seen, also when the clock stands still.
    let now = ctx.now().max(row.updated_at.plus(1));
    store::replace(&*tx, &old, &content, now).await?;
    let regrade = submitted > 0 && content.grades_differently_from(&before);
    let requeued = if regrade {
        crate::grade::store::requeue_question(&*tx, id, now).await? as u32
    } else {
        0
    };
    let detail =
        json!({ "assignment": assignment.id.to_string(), "before": before, "after": content, "requeued": requeued });
    record(ctx, &*tx, act("question.update", id, detail)).await?;
    tx.commit().await?;
    ctx.state.papers.forget(assignment.id);
    if requeued > 0 {
        ctx.state.hints.send(Hint::Work);
        ctx.state.hints.send(Hint::Grades(assignment.id));
    }
    Ok(QuestionSaved {
        assignment: assignment.id,
        seen: now,
        requeued,
    })
}

/// Reads the form of an existing question and saves it.
pub async fn save(ctx: &Ctx, id: QuestionId, seen: Timestamp, form: &QuestionForm) -> AppResult<QuestionSaved> {
    let (row, _, _) = policy::question(ctx, id, Duty::Teach).await?;
    let kind: QuestionKind = row.kind.parse().map_err(AppError::internal)?;
    let read = form.read(kind);
    let content = read.map_err(|fields| {
        AppError::from_fields(fields)
            .err()
            .unwrap_or_else(|| AppError::invalid("Please check the form."))
    })?;
    update(ctx, id, Some(seen), content).await
}

/// Everything the editor of a question shows; assistants only look.
pub async fn editor(ctx: &Ctx, id: QuestionId) -> AppResult<QuestionEditor> {
    let (row, assignment, role) = policy::question(ctx, id, Duty::Grade).await?;
    let course = course::Entity::find_by_id(assignment.course_id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The course"))?;
    let (started, submitted) = assignment::store::submissions(ctx.db(), assignment.id).await?;
    Ok(QuestionEditor {
        question: store::one(ctx.db(), id).await?,
        seen: row.updated_at,
        changed: ctx.moment(row.updated_at),
        assignment: assignment.id,
        published: !assignment::service::is_draft(&assignment, ctx),
        grades_published: assignment.grades_published_at.is_some(),
        assignment_title: assignment.title,
        course: assignment::service::course_place(ctx, course).await?,
        of: store::count(ctx.db(), assignment.id).await?,
        started,
        submitted,
        may_edit: role == Role::Teacher,
        typed: None,
    })
}

/// A transaction on a draft nobody has begun to answer.
async fn open_draft(ctx: &Ctx, id: AssignmentId, done: &str) -> AppResult<Tx> {
    let tx = ctx.state.db.begin().await?;
    let row = assignment::store::lock(ctx, &*tx, id).await?;
    assignment::service::refuse_started(
        &*tx,
        id,
        &format!("so questions can no longer be {done}. Their text, points and key can still be changed."),
    )
    .await?;
    if assignment::service::is_draft(&row, ctx) {
        Ok(tx)
    } else {
        Err(AppError::conflict(format!(
            "Students already see this assignment, so questions cannot be {done}. Make it a draft again first."
        )))
    }
}

fn unchanged(ctx: &Ctx, row: &question::Model, seen: Option<Timestamp>) -> AppResult<()> {
    if seen.is_none_or(|seen| seen == row.updated_at) {
        return Ok(());
    }
    let at = ctx.moment(row.updated_at);
    Err(AppError::conflict(format!(
        "Somebody changed this question at {} ({}), after you opened it. Your change was not saved, so that theirs is not lost. \
         What you typed is still here: copy what you need, reload the page, then make your change again.",
        at.clock(),
        at.date(),
    )))
}

/// What answers that are already there forbid.
async fn check_against(
    tx: &impl ConnectionTrait,
    old: &Question,
    before: &QuestionContent,
    content: &QuestionContent,
    started: u32,
) -> AppResult<()> {
    if content.key.kind() != old.key.kind() {
        return Err(AppError::field(
            "kind",
            "A question keeps its kind. Add a new question of the other kind and remove this one.",
        ));
    }
    if started > 0 && !content.keeps_places_of(before) {
        return Err(AppError::field(
            "options",
            "Students have begun to answer, so options stay in their places: correct the words and marks, or add options at the end, but do not remove or move any.",
        ));
    }
    if content.points < old.points {
        let above = grade::Entity::find()
            .filter(grade::Column::QuestionId.eq(old.id))
            .filter(grade::Column::HumanPoints.gt(content.points))
            .count(tx)
            .await?;
        if above > 0 {
            let answers = assignment::text::counted(above, "answer was given", "answers were given");
            return Err(AppError::field(
                "points",
                format!("{answers} more points than this by a person. Change those decisions first."),
            ));
        }
    }
    Ok(())
}

fn act(action: &str, id: QuestionId, detail: serde_json::Value) -> Act<'_> {
    Act {
        action,
        target_kind: "question",
        target_id: id.to_string(),
        detail,
    }
}

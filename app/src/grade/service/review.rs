//! Reviewing: the queue, and decisions that never overwrite each other.

use super::reading;
use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, grade, grade_event, question};
use crate::error::{AppError, AppResult};
use crate::grade::model::{
    Cursor, Decided, Human, NO_MODEL, Queue, QueueFilter, QueueQuestion, ReviewDesk, ReviewItem, ReviewState,
};
use crate::grade::store::{dial as dials, grades, progress, queue as store, sample as samples};
use crate::ids::{AssignmentId, GradeId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::Question;
use sea_orm::EntityTrait;

/// The longest comment, in characters.
const COMMENT: usize = 5_000;
/// The largest piece of the queue at once.
const MOST: u32 = 50;

/// Up to `most` answers of the queue after `after`.
pub async fn queue(
    ctx: &Ctx,
    assignment: AssignmentId,
    filter: QueueFilter,
    after: Option<Cursor>,
    most: u32,
) -> AppResult<Queue> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    let most = most.clamp(1, MOST);
    let mut rows = store::page(ctx.db(), assignment, filter, after, u64::from(most) + 1).await?;
    let more = rows.len() > most as usize;
    rows.truncate(most as usize);
    let counts = store::counts(ctx.db(), assignment).await?;
    let counts = match filter.question {
        Some(only) => counts.get(&only).copied().unwrap_or_default(),
        None => counts.into_values().sum(),
    };
    let (mut items, questions) = reading::items(ctx, rows).await?;
    if filter.sample {
        items = items.into_iter().map(|item| blind(assignment, item)).collect();
    }
    Ok(Queue {
        items,
        questions,
        counts,
        more,
    })
}

/// An answer as the sample shows it: in its place by lot, and whoever audits the machine must not see what it said, nor the group that
/// shows it.
fn blind(assignment: AssignmentId, item: ReviewItem) -> ReviewItem {
    ReviewItem {
        machine: None,
        problem: None,
        settles: None,
        cursor: Cursor {
            order: samples::lot(assignment, item.grade),
            grade: item.grade,
        },
        ..item
    }
}

/// What the review page opens with: the queue from `after` on, or with the answer `first` in front.
pub async fn desk(
    ctx: &Ctx,
    assignment: AssignmentId,
    filter: QueueFilter,
    first: Option<GradeId>,
    after: Option<Cursor>,
    most: u32,
) -> AppResult<ReviewDesk> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    let (course, _) = policy::course(ctx, row.course_id, Duty::See).await?;
    let mut queue = queue(ctx, assignment, filter, after, most).await?;
    if let Some(first) = first {
        let (item, question) = review_item(ctx, first).await?;
        if find(ctx, first).await?.0.assignment_id != assignment {
            return Err(AppError::not_found("The answer"));
        }
        queue.items.retain(|other| other.grade != first);
        queue
            .items
            .insert(0, if filter.sample { blind(assignment, item) } else { item });
        if queue.questions.iter().all(|known| known.id != question.id) {
            queue.questions.push(question);
        }
    }
    let counts = store::counts(ctx.db(), assignment).await?;
    let questions = progress::questions(ctx.db(), assignment).await?;
    Ok(ReviewDesk {
        assignment,
        title: row.title,
        course: course.id,
        course_title: course.title,
        filter,
        questions: questions
            .into_iter()
            .map(|row| QueueQuestion {
                question: row.id,
                position: row.position,
                counts: counts.get(&row.id).copied().unwrap_or_default(),
            })
            .collect(),
        queue,
    })
}

/// One answer to review, with its question.
pub async fn review_item(ctx: &Ctx, grade: GradeId) -> AppResult<(ReviewItem, Question)> {
    let (row, _) = find(ctx, grade).await?;
    let (mut items, mut questions) = reading::items(ctx, vec![row]).await?;
    items.pop().zip(questions.pop()).ok_or_else(missing)
}

/// The same as the sample shows it.
pub async fn blind_item(ctx: &Ctx, grade: GradeId) -> AppResult<ReviewItem> {
    let (row, _) = find(ctx, grade).await?;
    Ok(blind(row.assignment_id, review_item(ctx, grade).await?.0))
}

/// These answers as they stand now, at most fifty: what a desk fetches after the machine has learnt.
pub async fn items_now(ctx: &Ctx, assignment: AssignmentId, ids: Vec<GradeId>) -> AppResult<Vec<ReviewItem>> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    let ids: Vec<GradeId> = ids.into_iter().take(MOST as usize).collect();
    let mut rows = crate::grade::store::groups::rows(ctx.db(), &ids, false).await?;
    rows.retain(|row| row.assignment_id == assignment);
    Ok(reading::items(ctx, rows).await?.0)
}

/// Gives the answer these points, if nobody changed the grade since `version`.
pub async fn decide(ctx: &Ctx, grade: GradeId, version: i32, points: Points, comment: String) -> AppResult<Decided> {
    give(ctx, grade, version, (points, comment), false).await
}

/// The same by somebody who has not seen the suggestion, as the sample shows answers: of one that was drawn and is not decided yet, it
/// counts for the audit of the dial.
pub async fn decide_blind(
    ctx: &Ctx,
    grade: GradeId,
    version: i32,
    points: Points,
    comment: String,
) -> AppResult<Decided> {
    give(ctx, grade, version, (points, comment), true).await
}

async fn give(
    ctx: &Ctx,
    grade: GradeId,
    version: i32,
    (points, comment): (Points, String),
    blind: bool,
) -> AppResult<Decided> {
    let (row, assignment) = find(ctx, grade).await?;
    let of = question::Entity::find_by_id(row.question_id)
        .one(ctx.db())
        .await?
        .ok_or_else(missing)?
        .points;
    if points < Points::ZERO || points > of {
        return Err(AppError::field(
            "points",
            format!("Points must lie between 0 and {of}."),
        ));
    }
    let comment = check_comment(comment)?;
    change(ctx, row, assignment, version, Some((points, comment)), blind).await
}

/// Takes the machine's suggestion over as the decision of the one who looked. `suggested` is the suggestion that was on the screen; if it
/// has changed since, because the machine has learnt, nothing is decided.
pub async fn accept(
    ctx: &Ctx,
    grade: GradeId,
    version: i32,
    suggested: Option<Points>,
    comment: String,
) -> AppResult<Decided> {
    let (row, assignment) = find(ctx, grade).await?;
    if suggested.is_some_and(|seen| seen != row.machine_points) {
        return Err(AppError::conflict(format!(
            "The suggestion has changed to {} points since you saw it. Nothing was decided; look at it again.",
            row.machine_points
        )));
    }
    if row.model == NO_MODEL {
        return Err(AppError::invalid(
            "The machine could not grade this answer, so there is no suggestion to accept. Please give points.",
        ));
    }
    let comment = check_comment(comment)?;
    let points = row.machine_points;
    change(ctx, row, assignment, version, Some((points, comment)), false).await
}

/// Takes the decision back: the machine's suggestion stands again, where it stood.
pub async fn clear(ctx: &Ctx, grade: GradeId, version: i32) -> AppResult<Decided> {
    let (row, assignment) = find(ctx, grade).await?;
    change(ctx, row, assignment, version, None, false).await
}

async fn find(ctx: &Ctx, grade: GradeId) -> AppResult<(grade::Model, assignment::Model)> {
    ctx.actor()?;
    let row = grade::Entity::find_by_id(grade)
        .one(ctx.db())
        .await?
        .ok_or_else(missing)?;
    let (assignment, _) = policy::assignment(ctx, row.assignment_id, Duty::Grade).await?;
    Ok((row, assignment))
}

fn missing() -> AppError {
    AppError::not_found("The answer")
}

pub(super) fn check_comment(comment: String) -> AppResult<Option<String>> {
    let comment = comment.trim();
    if comment.chars().count() > COMMENT {
        return Err(AppError::field(
            "comment",
            format!("A comment has at most {COMMENT} characters."),
        ));
    }
    if comment.contains('\0') {
        return Err(AppError::field(
            "comment",
            "The comment contains a character that cannot be stored (a null character).",
        ));
    }
    Ok((!comment.is_empty()).then(|| comment.to_owned()))
}

/// Where the suggestion stands when nobody has decided.
pub(super) fn undecided(rules: &dials::Rules, row: &grade::Model) -> ReviewState {
    let case = dials::Case {
        model: &row.model,
        examples: row.machine_examples,
        confidence: row.machine_confidence,
        decision: &row.machine_decision,
        reason: row.machine_reason.as_deref(),
    };
    rules.of(row.assignment_id, case)
}

async fn change(
    ctx: &Ctx,
    row: grade::Model,
    assignment: assignment::Model,
    version: i32,
    decision: Option<(Points, Option<String>)>,
    blind: bool,
) -> AppResult<Decided> {
    let (actor, now) = (ctx.actor()?, ctx.now());
    let rules = dials::rules(ctx.db(), [row.assignment_id]).await?;
    let state = match &decision {
        Some(_) => ReviewState::Reviewed,
        None => undecided(&rules, &row),
    };
    let detail = match &decision {
        Some((points, comment)) => serde_json::json!({ "points": points, "comment": comment }),
        None => serde_json::json!({ "points": row.machine_points, "was": row.human_points }),
    };
    let kind = if decision.is_some() { "human" } else { "clear" };
    let human = decision.map(|(points, comment)| (points, comment, actor.id, now));
    let tx = ctx.state.db.begin().await?;
    if !grades::decide(&*tx, row.id, version, human.clone(), state).await? {
        tx.rollback().await?;
        return Err(conflict(ctx, row.id).await?);
    }
    let event = grade_event::Model {
        id: 0,
        grade_id: row.id,
        question_id: row.question_id,
        assignment_id: row.assignment_id,
        kind: kind.into(),
        actor_id: Some(actor.id),
        detail: detail.to_string(),
        at: now,
    };
    grades::append(&*tx, vec![event]).await?;
    match &human {
        None => samples::take_back(&*tx, &[row.id]).await?,
        // What was decided before was seen before.
        Some((points, ..)) if blind && row.human_points.is_none() => {
            samples::answer(&*tx, row.id, *points, now).await?;
        }
        Some(_) => {}
    }
    super::learning::note(&tx, row.question_id, &assignment).await?;
    // Before publishing the events are the record; a change that a student can see is one for the audit log too.
    if assignment.grades_published_at.is_some() {
        let act = Act {
            action: "grade.change",
            target_kind: "grade",
            target_id: row.id.to_string(),
            detail,
        };
        audit(ctx, &*tx, act).await?;
    }
    tx.commit().await?;
    super::work::hint(ctx, [row.assignment_id]);
    ctx.state.hints.send(crate::platform::hints::Hint::Work);
    let human = human.map(|(points, comment, _, at)| Human {
        points,
        comment: comment.unwrap_or_default(),
        by: actor.name.clone(),
        at: ctx.moment(at),
    });
    Ok(Decided {
        grade: row.id,
        version: version + 1,
        human,
        state,
    })
}

/// Who was faster, when, and with what.
async fn conflict(ctx: &Ctx, grade: GradeId) -> AppResult<AppError> {
    let Some(row) = grade::Entity::find_by_id(grade).one(ctx.db()).await? else {
        return Ok(missing());
    };
    let names = grades::names(ctx.db(), row.human_by.into_iter().collect()).await?;
    let words = match reading::human(ctx, &row, &names) {
        Some(human) => {
            let own = row.human_by.is_some() && row.human_by == ctx.actor.as_ref().map(|actor| actor.id);
            let who = if own { "You" } else { human.by.as_str() };
            format!(
                "{who} gave this answer {} points at {}, after you opened it.",
                human.points,
                human.at.clock()
            )
        }
        None => "The suggestion for this answer changed after you opened it.".to_owned(),
    };
    Ok(AppError::conflict(format!(
        "{words} Your decision was not saved; look at it again and decide."
    )))
}

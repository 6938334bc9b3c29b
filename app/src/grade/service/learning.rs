//! Learning from the teacher: after each decision the suggestions of the question's undecided answers are made anew.
//!
//! A decision notes in `lessons` that there is something to learn; a worker claims the question, has the grader look at all of its
//! undecided answers at once, and records what changed in one transaction. Decisions that arrive meanwhile are learnt from in the next
//! lesson, so a burst of them costs one. What people decided is never touched, and nothing changes once grades are published.
//!
//! Each run keeps what it was made from: decisions by their place in the history, answers, model, aim, and what came out. `replay`
//! makes it again from that and compares.

use super::texts::{self, AnswerText};
use super::work::{Lease, Taught};
use crate::entity::{assignment, grade, grade_event, suggestion_run};
use crate::error::{AppError, AppResult};
use crate::grade::model::{DEFAULT_TARGET, Decision, NO_MODEL, ReviewState, Suggestion, review_order};
use crate::grade::store::{dial as dials, grades, groups as group_store, learning as store, questions};
use crate::ids::{AnswerId, AssignmentId, GradeId, QuestionId, RunId};
use crate::platform::Ctx;
use crate::platform::hints::Hint;
use crate::points::Points;
use crate::question::model::Question;
use crate::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Decisions that one lesson uses; the newest.
pub const EXAMPLES: usize = 80;

/// What a grader is asked to look at anew.
#[derive(Clone, Debug)]
pub struct Lesson {
    pub assignment: AssignmentId,
    pub question: Arc<Question>,
    /// Wanted agreement in thousandths; 1000 leaves everything to people.
    pub target: i32,
    pub examples: Arc<Vec<Taught>>,
    /// Undecided answers.
    pub answers: Vec<Pupil>,
    /// Decided answers, which only belong into groups; empty unless groups are wanted.
    pub decided: Vec<Pupil>,
    /// Whether answers are to be grouped anew.
    pub regroup: bool,
    pub lease: Lease,
    upto: i64,
}

/// One answer of a lesson.
#[derive(Clone, Debug)]
pub struct Pupil {
    pub row: grade::Model,
    pub text: AnswerText,
}

/// What a grader made of a lesson.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// One for each of `answers`, in their order.
    pub suggestions: Vec<Suggestion>,
    /// The group of each of `answers`, then of each of `decided`; empty when groups were not wanted.
    pub groups: Vec<u32>,
    pub model: String,
    /// Of the whole request.
    pub input_hash: String,
    pub took: Duration,
}

/// A decision as a run names it: whose, at which place of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleRef(pub GradeId, pub i64);

/// A suggestion as a run keeps it: points in hundredths, the confidence's bits, whether it may stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome(pub i32, pub u32, pub bool);

impl Outcome {
    pub fn of(suggestion: &Suggestion) -> Outcome {
        Outcome(
            suggestion.points.0,
            suggestion.confidence.unwrap_or(1.0).to_bits(),
            suggestion.decision == Decision::Accept,
        )
    }
}

/// The decisions about a question that the machine may learn from: the newest, each wording once, in the
/// order in which they were made.
pub(super) async fn taught(ctx: &Ctx, question: &Question) -> AppResult<Vec<Taught>> {
    let rows = store::examples(ctx.db(), question.id, 4 * EXAMPLES as u64).await?;
    let ids: Vec<AnswerId> = rows.iter().map(|row| row.answer_id).collect();
    let texts = texts::of(ctx, &ids).await?;
    let mut known = HashSet::new();
    let example = |row: &store::Example| {
        let text = texts.get(&row.answer_id)?.text.clone();
        // A group's many equal answers teach what one of them does.
        let new = !text.trim().is_empty() && known.insert(text.trim().to_lowercase());
        new.then(|| Taught {
            grade: row.grade_id,
            answer: row.answer_id,
            event: row.event_id.unwrap_or_default(),
            points: row.human_points,
            share: row.human_points.part_of(question.points) as f32,
            text,
        })
    };
    let mut newest: Vec<Taught> = rows.iter().filter_map(example).take(EXAMPLES).collect();
    newest.reverse();
    Ok(newest)
}

/// Claims a question with something to learn, if there is one.
pub async fn claim_lesson(ctx: &Ctx, worker: &str, lease: Duration) -> AppResult<Option<Lesson>> {
    let now = ctx.now();
    let Some(row) = store::due(ctx.db(), now).await? else {
        return Ok(None);
    };
    let until = now.plus(i64::try_from(lease.as_micros()).unwrap_or(Timestamp::HOUR));
    let tx = ctx.state.db.begin().await?;
    let ours = store::claim(&*tx, &row, worker, now, until).await?;
    tx.commit().await?;
    if !ours {
        return Ok(None);
    }
    let lease = Lease {
        worker: worker.to_owned(),
        until,
    };
    // Read after the claim, so that no decision falls between.
    let wanted = store::of_assignment(ctx.db(), row.assignment_id)
        .await?
        .into_iter()
        .find(|now| now.question_id == row.question_id)
        .map_or(row.wanted, |now| now.wanted);
    match load(
        ctx,
        row.question_id,
        row.assignment_id,
        wanted,
        row.settle || row.claimed_by.is_some(),
        lease.clone(),
    )
    .await?
    {
        Some(lesson) => Ok(Some(lesson)),
        None => {
            // Nothing to learn any more: published, gone, or not free text.
            let tx = ctx.state.db.begin().await?;
            let done = store::Done {
                question: row.question_id,
                worker,
                until,
                upto: wanted,
                run: None,
                decisions: row.decisions,
                answers: row.answers,
                changed: row.changed,
                took_ms: row.took_ms,
                now,
            };
            store::finish(&*tx, done).await?;
            tx.commit().await?;
            Ok(None)
        }
    }
}

async fn load(
    ctx: &Ctx,
    question: QuestionId,
    assignment: AssignmentId,
    upto: i64,
    regroup: bool,
    lease: Lease,
) -> AppResult<Option<Lesson>> {
    let published = assignment::Entity::find_by_id(assignment)
        .one(ctx.db())
        .await?
        .is_none_or(|row| row.grades_published_at.is_some());
    // Before the answers: a dial turned later is noticed when the lesson is recorded.
    let target = aim(ctx.db(), assignment).await?;
    let found = questions::by_ids(ctx.db(), [question]).await?.remove(&question);
    let Some(question) = found.filter(|question| question.key.kind().is_free_text() && !published) else {
        return Ok(None);
    };
    let rows = grade::Entity::find()
        .filter(grade::Column::AssignmentId.eq(assignment))
        .filter(grade::Column::QuestionId.eq(question.id))
        .filter(grade::Column::Model.ne(NO_MODEL))
        .order_by_asc(grade::Column::Id)
        .all(ctx.db())
        .await?;
    let (open, decided): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.human_points.is_none());
    let decided = if regroup { decided } else { Vec::new() };
    let ids: Vec<AnswerId> = open.iter().chain(&decided).map(|row| row.answer_id).collect();
    let mut texts = texts::of(ctx, &ids).await?;
    let mut pupils = |rows: Vec<grade::Model>| -> Vec<Pupil> {
        rows.into_iter()
            .filter_map(|row| {
                Some(Pupil {
                    text: texts.remove(&row.answer_id)?,
                    row,
                })
            })
            .collect()
    };
    let (answers, decided) = (pupils(open), pupils(decided));
    Ok(Some(Lesson {
        assignment,
        examples: Arc::new(taught(ctx, &question).await?),
        question: Arc::new(question),
        target,
        answers,
        decided,
        regroup,
        lease,
        upto,
    }))
}

/// The agreement that is wanted of suggestions that stand alone: what the dial says, else the model's own aim.
async fn aim(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<i32> {
    let targets = dials::current(db, &[assignment]).await?;
    Ok(targets.get(&assignment).copied().unwrap_or(DEFAULT_TARGET))
}

/// Records what a grader made of a lesson. How many answers got other points or another standing; none when the claim was lost, the
/// grades were published or the dial was turned meanwhile, and then nothing was changed. After a turn the lesson is learnt once more.
pub async fn record_lesson(ctx: &Ctx, lesson: &Lesson, learned: Learned) -> AppResult<Option<u32>> {
    if learned.suggestions.len() != lesson.answers.len() {
        return Err(AppError::internal(
            "the grader did not answer for every answer of a lesson",
        ));
    }
    let now = ctx.now();
    let run = RunId::new();
    let tx = ctx.state.db.begin().await?;
    let locks = ctx.state.db.has_row_locks();
    // Whoever turns the dial locks the assignment first, too: the aim read below holds until the end.
    let query = assignment::Entity::find_by_id(lesson.assignment);
    let query = if locks { query.lock_exclusive() } else { query };
    let published = query
        .one(&*tx)
        .await?
        .is_none_or(|row| row.grades_published_at.is_some());
    if !published && aim(&*tx, lesson.assignment).await? != lesson.target {
        store::hand_back(&*tx, lesson.question.id, &lesson.lease.worker, lesson.lease.until).await?;
        tx.commit().await?;
        ctx.state.hints.send(Hint::Work);
        return Ok(None);
    }
    let mut changed = 0;
    if !published {
        let current = current(&tx, locks, lesson).await?;
        let (mut rows, mut events) = (Vec::new(), Vec::new());
        for (pupil, suggestion) in lesson.answers.iter().zip(&learned.suggestions) {
            // Decided or graded anew since: that stands.
            let same = |now: &Standing| !now.decided && now.machine_at == pupil.row.machine_at;
            if !current.get(&pupil.row.id).is_some_and(same) {
                continue;
            }
            let row = renewed(&pupil.row, suggestion, lesson, now)?;
            if row.machine_points != pupil.row.machine_points || row.review_state != pupil.row.review_state {
                changed += 1;
                events.push(event(&row, run, suggestion, now));
            }
            if row
                != (grade::Model {
                    machine_at: now,
                    ..pupil.row.clone()
                })
            {
                rows.push(row);
            }
        }
        grades::renew(&*tx, rows).await?;
        grades::append(&*tx, events).await?;
        group_store::regroup(&*tx, lesson, &learned.groups).await?;
        if !learned.suggestions.is_empty() {
            store::keep_run(&*tx, kept(lesson, &learned, run, now)?).await?;
            let kind = [(learned.model.as_str(), "model")].into_iter().collect();
            grades::remember_models(&*tx, kind, now).await?;
        }
        super::sample::draw(ctx, &tx, lesson.assignment).await?;
    }
    let done = store::Done {
        question: lesson.question.id,
        worker: &lesson.lease.worker,
        until: lesson.lease.until,
        upto: lesson.upto,
        run: (!published && !learned.suggestions.is_empty()).then_some(run),
        decisions: number(lesson.examples.len()),
        answers: number(lesson.answers.len()),
        changed,
        took_ms: i32::try_from(learned.took.as_millis()).unwrap_or(i32::MAX),
        now,
    };
    if !store::finish(&*tx, done).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    tx.commit().await?;
    super::work::hint(ctx, [lesson.assignment]);
    Ok((!published).then_some(changed.unsigned_abs()))
}

pub(super) fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

struct Standing {
    decided: bool,
    machine_at: Timestamp,
}

/// How the lesson's answers stand now, locked where rows can be.
async fn current(tx: &crate::platform::db::Tx, locks: bool, lesson: &Lesson) -> AppResult<HashMap<GradeId, Standing>> {
    let query = grade::Entity::find()
        .select_only()
        .columns([grade::Column::Id, grade::Column::HumanPoints, grade::Column::MachineAt])
        .filter(grade::Column::AssignmentId.eq(lesson.assignment))
        .filter(grade::Column::QuestionId.eq(lesson.question.id));
    let query = if locks { query.lock_exclusive() } else { query };
    let rows: Vec<(GradeId, Option<Points>, Timestamp)> = query.into_tuple().all(&**tx).await?;
    Ok(rows
        .into_iter()
        .map(|(id, human, machine_at)| {
            let decided = human.is_some();
            (id, Standing { decided, machine_at })
        })
        .collect())
}

/// The row with a new suggestion. Its version stays: what a person is about to decide does not depend on the suggestion.
fn renewed(row: &grade::Model, suggestion: &Suggestion, lesson: &Lesson, now: Timestamp) -> AppResult<grade::Model> {
    let state = if lesson.target >= 1000 {
        ReviewState::Waiting
    } else {
        grades::state_of(suggestion)
    };
    Ok(grade::Model {
        machine_points: suggestion.points,
        machine_confidence: suggestion.confidence,
        machine_decision: suggestion.decision.name().to_owned(),
        machine_reason: grades::reason(suggestion),
        machine_evidence: grades::json(&suggestion.evidence)?,
        model: suggestion.model.clone(),
        input_hash: suggestion.input_hash.clone(),
        machine_at: now,
        machine_examples: number(lesson.examples.len()),
        review_state: state.name().to_owned(),
        review_order: review_order(suggestion.confidence),
        ..row.clone()
    })
}

fn event(row: &grade::Model, run: RunId, suggestion: &Suggestion, now: Timestamp) -> grade_event::Model {
    let detail = serde_json::json!({
        "points": suggestion.points,
        "confidence": suggestion.confidence,
        "state": row.review_state,
        "model": suggestion.model,
        "input_hash": suggestion.input_hash,
        "run": run,
    });
    grade_event::Model {
        id: 0,
        grade_id: row.id,
        question_id: row.question_id,
        assignment_id: row.assignment_id,
        kind: "learned".into(),
        actor_id: None,
        detail: detail.to_string(),
        at: now,
    }
}

fn kept(lesson: &Lesson, learned: &Learned, run: RunId, now: Timestamp) -> AppResult<suggestion_run::Model> {
    let examples: Vec<ExampleRef> = lesson
        .examples
        .iter()
        .map(|taught| ExampleRef(taught.grade, taught.event))
        .collect();
    let outcome: Vec<Outcome> = learned.suggestions.iter().map(Outcome::of).collect();
    let answers: String = lesson
        .answers
        .iter()
        .map(|pupil| pupil.row.id.0.simple().to_string())
        .collect();
    Ok(suggestion_run::Model {
        id: run,
        question_id: lesson.question.id,
        assignment_id: lesson.assignment,
        model: learned.model.clone(),
        target: lesson.target,
        examples: serde_json::to_string(&examples).map_err(AppError::internal)?,
        answers,
        outcome: serde_json::to_string(&outcome).map_err(AppError::internal)?,
        input_hash: learned.input_hash.clone(),
        made_at: now,
    })
}

/// The lesson could not be learnt now; it is tried again in a moment.
pub async fn postpone_lesson(ctx: &Ctx, lesson: &Lesson) -> AppResult<()> {
    let tx = ctx.state.db.begin().await?;
    let again = ctx.now().plus(5 * Timestamp::SECOND);
    store::postpone(&*tx, lesson.question.id, &lesson.lease.worker, again).await?;
    Ok(tx.commit().await?)
}

/// Gives back what the worker has claimed, as when it stops.
pub async fn release_lessons(ctx: &Ctx, worker: &str) -> AppResult<()> {
    let tx = ctx.state.db.begin().await?;
    store::release(&*tx, worker).await?;
    tx.commit().await?;
    ctx.state.hints.send(Hint::Work);
    Ok(())
}

/// Notes inside a decision's transaction that there is something to learn; not once grades are published.
pub(super) async fn note(
    tx: &crate::platform::db::Tx,
    question: QuestionId,
    assignment: &assignment::Model,
) -> AppResult<()> {
    if assignment.grades_published_at.is_some() {
        return Ok(());
    }
    store::want(&**tx, question, assignment.id, false).await
}

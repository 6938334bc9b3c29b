//! For workers: claim work under a lease, record what was found, once.

use super::learning;
use super::texts::AnswerText;
use crate::entity::{grade, grade_event, grading_work};
use crate::error::AppResult;
use crate::grade::model::{Decision, Evidence, NO_MODEL, ReviewState, Suggestion, review_order};
use crate::grade::store::{self, dial as dials, grades, questions};
use crate::ids::{AnswerId, AssignmentId, GradeId, QuestionId, SubmissionId, WorkId};
use crate::platform::hints::Hint;
use crate::platform::{Ctx, db::Tx};
use crate::points::Points;
use crate::question::model::{AnswerValue, Question};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// After this many tries a human has to.
const MAX_ATTEMPTS: i32 = 5;
/// One answer to be graded, and the right to record its grade.
#[derive(Clone, Debug)]
pub struct Job {
    pub work: WorkId,
    pub answer: AnswerId,
    pub submission: SubmissionId,
    pub assignment: AssignmentId,
    pub question: Arc<Question>,
    pub value: AnswerValue,
    /// The student's words, and those of the attached file; evidence points into this text.
    pub graded_text: String,
    /// Whether `graded_text` is more than what was typed; then it belongs into `Evidence::graded_text`.
    pub has_file_text: bool,
    /// Answers to the same question that a human has graded, in the order of the decisions.
    pub graded: Arc<Vec<Taught>>,
    /// How often this answer was tried, with this time.
    pub attempt: i32,
    pub lease: Lease,
}

impl Job {
    fn examples(&self) -> i32 {
        learning::number(self.graded.len())
    }
}

/// A decision of a human, as an example for the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Taught {
    pub grade: GradeId,
    pub answer: AnswerId,
    /// The decision's place in the history.
    pub event: i64,
    pub points: Points,
    /// Of the question's points, 0–1.
    pub share: f32,
    pub text: String,
}

/// Who may record, and until when nobody else will try. The exact instant makes it unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub worker: String,
    pub until: Timestamp,
}

/// What became of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The answer's first grade.
    New,
    /// A new suggestion in the place of an older one.
    Replaced,
    /// Exactly this suggestion was there already.
    Same,
    /// The lease was lost, or the question changed meanwhile; nothing was written, and someone will grade it again.
    Stale,
}

/// Claims up to `most` answers for `worker` (a name unique to it, at most 60 characters). Work whose lease ran out can be
/// claimed again; work that was tried too often goes to a human instead.
pub async fn claim(ctx: &Ctx, worker: &str, most: u32, lease: Duration) -> AppResult<Vec<Job>> {
    let now = ctx.now();
    if !store::work::any(ctx.db(), now).await? {
        return Ok(Vec::new());
    }
    let until = now.plus(i64::try_from(lease.as_micros()).unwrap_or(Timestamp::HOUR));
    let tx = ctx.state.db.begin().await?;
    let rows = store::work::claimable(&*tx, ctx.state.db.has_row_locks(), now, u64::from(most)).await?;
    let (hopeless, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.attempts >= MAX_ATTEMPTS);
    give_up(
        ctx,
        &tx,
        &hopeless,
        "The grader stopped each time it tried this answer.",
    )
    .await?;
    let ids: Vec<WorkId> = rows.iter().map(|row| row.id).collect();
    if !ids.is_empty() {
        store::work::claim(&*tx, ids, worker, until).await?;
    }
    tx.commit().await?;
    hint(ctx, hopeless.iter().map(|row| row.assignment_id));
    jobs(
        ctx,
        rows,
        Lease {
            worker: worker.to_owned(),
            until,
        },
    )
    .await
}

/// Loads what is needed to grade these, in a handful of queries.
async fn jobs(ctx: &Ctx, rows: Vec<grading_work::Model>, lease: Lease) -> AppResult<Vec<Job>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let answers = grades::answers(ctx.db(), rows.iter().map(|row| row.answer_id).collect()).await?;
    let values: HashMap<AnswerId, AnswerValue> = answers.values().map(|row| (row.id, value_of(&row.value))).collect();
    let files = grades::files(ctx.db(), values.values().filter_map(file_of).collect()).await?;
    let questions = questions::by_ids(ctx.db(), rows.iter().map(|row| row.question_id)).await?;
    let questions: HashMap<QuestionId, Arc<Question>> = questions
        .into_iter()
        .map(|(id, question)| (id, Arc::new(question)))
        .collect();
    let examples = examples(ctx, questions.values()).await?;
    let none = Arc::new(Vec::new());
    // What stands beside a decision is to be the machine's own suggestion, not the decision once more.
    let graded = |row: &grading_work::Model| {
        let all = examples.get(&row.question_id).unwrap_or(&none);
        let others = || all.iter().filter(|taught| taught.answer != row.answer_id);
        if others().count() == all.len() {
            all.clone()
        } else {
            Arc::new(others().cloned().collect())
        }
    };
    let job = |row: grading_work::Model| {
        let question = questions.get(&row.question_id)?.clone();
        let value = values.get(&row.answer_id)?.clone();
        let attached = file_of(&value)
            .and_then(|id| files.get(&id))
            .and_then(|file| file.extracted_text.as_deref());
        let read = AnswerText::of(&value, attached);
        Some(Job {
            work: row.id,
            answer: row.answer_id,
            submission: row.submission_id,
            assignment: row.assignment_id,
            graded: graded(&row),
            question,
            has_file_text: read.from_file,
            graded_text: read.text,
            value,
            attempt: row.attempts + 1,
            lease: lease.clone(),
        })
    };
    Ok(rows.into_iter().filter_map(job).collect())
}

/// What is stored as an answer; what cannot be read counts as the student's words, so that nothing is lost.
pub(crate) fn value_of(stored: &str) -> AnswerValue {
    serde_json::from_str(stored).unwrap_or_else(|_| AnswerValue::Text(stored.to_owned()))
}

pub(crate) fn file_of(value: &AnswerValue) -> Option<crate::ids::FileId> {
    match value {
        AnswerValue::File { file, .. } => Some(*file),
        _ => None,
    }
}

type Examples = HashMap<QuestionId, Arc<Vec<Taught>>>;

async fn examples(ctx: &Ctx, questions: impl Iterator<Item = &Arc<Question>>) -> AppResult<Examples> {
    let mut found = HashMap::new();
    for question in questions.filter(|question| question.key.kind().is_free_text()) {
        found.insert(question.id, Arc::new(learning::taught(ctx, question).await?));
    }
    Ok(found)
}

/// Records one suggestion; see `record_many`.
pub async fn record(ctx: &Ctx, job: &Job, suggestion: Suggestion) -> AppResult<Recorded> {
    let one = [(job.clone(), suggestion)];
    Ok(record_many(ctx, &one)
        .await?
        .first()
        .copied()
        .unwrap_or(Recorded::Stale))
}

/// Records suggestions of one worker in one transaction: grades, events and finished work together or not at all. Recording the
/// same twice changes nothing the second time.
pub async fn record_many(ctx: &Ctx, batch: &[(Job, Suggestion)]) -> AppResult<Vec<Recorded>> {
    let Some((first, _)) = batch.first() else {
        return Ok(Vec::new());
    };
    let now = ctx.now();
    let locks = ctx.state.db.has_row_locks();
    let tx = ctx.state.db.begin().await?;
    // Assignments first, as whoever turns a dial or records a lesson does. The dial says nothing about rules, which are exact.
    let judged = batch.iter().filter(|(_, suggestion)| suggestion.confidence.is_some());
    dials::rest(&*tx, locks, judged.map(|(job, _)| job.assignment)).await?;
    let held = store::work::held(
        &*tx,
        locks,
        batch.iter().map(|(job, _)| job.work).collect(),
        &first.lease.worker,
    )
    .await?;
    let old = grades::of_answers(&*tx, locks, batch.iter().map(|(job, _)| job.answer).collect()).await?;
    let rules = dials::rules(&*tx, batch.iter().map(|(job, _)| job.assignment)).await?;
    let (mut outcome, mut fresh, mut events) = (Vec::with_capacity(batch.len()), Vec::new(), Vec::new());
    let mut done: BTreeSet<WorkId> = BTreeSet::new();
    for (job, suggestion) in batch {
        let live = held
            .get(&job.work)
            .is_some_and(|row| row.lease_until == Some(job.lease.until) && job.lease.worker == first.lease.worker);
        if !live || !done.insert(job.work) {
            outcome.push(Recorded::Stale);
            continue;
        }
        match old.get(&job.answer) {
            Some(grade) if grade.model == suggestion.model && grade.input_hash == suggestion.input_hash => {
                outcome.push(Recorded::Same)
            }
            Some(grade) => {
                let state = rules.fresh(job.assignment, suggestion, job.examples());
                grades::replace_suggestion(&*tx, grade, suggestion, job.examples(), state, now).await?;
                events.push(machine_event(grade.id, job, suggestion, now));
                outcome.push(Recorded::Replaced);
            }
            None => {
                let row = first_grade(
                    job,
                    suggestion,
                    rules.fresh(job.assignment, suggestion, job.examples()),
                    now,
                )?;
                events.push(machine_event(row.id, job, suggestion, now));
                fresh.push(row);
                outcome.push(Recorded::New);
            }
        }
    }
    let kind = |suggestion: &Suggestion| {
        if suggestion.confidence.is_some() {
            "model"
        } else {
            "rules"
        }
    };
    let models: BTreeMap<&str, &str> = batch
        .iter()
        .map(|(_, suggestion)| (suggestion.model.as_str(), kind(suggestion)))
        .collect();
    grades::remember_models(&*tx, models, now).await?;
    grades::insert(&*tx, fresh).await?;
    grades::append(&*tx, events).await?;
    // New answers belong into groups, and may profit from what was decided meanwhile.
    let graded = batch.iter().zip(&outcome).filter(|((job, suggestion), outcome)| {
        let new = matches!(outcome, Recorded::New | Recorded::Replaced);
        new && suggestion.confidence.is_some() && done.contains(&job.work)
    });
    let learning: BTreeSet<_> = graded.map(|((job, _), _)| (job.question.id, job.assignment)).collect();
    for (question, assignment) in learning {
        store::learning::want(&*tx, question, assignment, true).await?;
    }
    store::work::finish(&*tx, done.into_iter().collect(), now).await?;
    tx.commit().await?;
    hint(ctx, batch.iter().map(|(job, _)| job.assignment));
    Ok(outcome)
}

fn first_grade(job: &Job, suggestion: &Suggestion, state: ReviewState, now: Timestamp) -> AppResult<grade::Model> {
    Ok(grade::Model {
        id: GradeId::new(),
        answer_id: job.answer,
        submission_id: job.submission,
        question_id: job.question.id,
        assignment_id: job.assignment,
        machine_points: suggestion.points,
        machine_confidence: suggestion.confidence,
        machine_decision: suggestion.decision.name().to_owned(),
        machine_reason: grades::reason(suggestion),
        machine_evidence: grades::json(&suggestion.evidence)?,
        model: suggestion.model.clone(),
        input_hash: suggestion.input_hash.clone(),
        machine_at: now,
        machine_examples: job.examples(),
        human_points: None,
        human_comment: None,
        human_by: None,
        human_at: None,
        review_state: state.name().to_owned(),
        review_order: review_order(suggestion.confidence),
        version: 1,
    })
}

fn machine_event(grade: GradeId, job: &Job, suggestion: &Suggestion, now: Timestamp) -> grade_event::Model {
    let detail = serde_json::json!({
        "points": suggestion.points,
        "confidence": suggestion.confidence,
        "decision": suggestion.decision.name(),
        "reason": suggestion.reason,
        "model": suggestion.model,
        "input_hash": suggestion.input_hash,
        "examples": job.graded.iter().map(|taught| learning::ExampleRef(taught.grade, taught.event)).collect::<Vec<_>>(),
    });
    grade_event::Model {
        id: 0,
        grade_id: grade,
        question_id: job.question.id,
        assignment_id: job.assignment,
        kind: "machine".into(),
        actor_id: None,
        detail: detail.to_string(),
        at: now,
    }
}

/// The grader could not grade this answer: it is tried again a little later, and after several tries a human has to.
pub async fn fail(ctx: &Ctx, job: &Job, why: &str) -> AppResult<()> {
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    let held = store::work::held(&*tx, ctx.state.db.has_row_locks(), vec![job.work], &job.lease.worker).await?;
    if let Some(row) = held
        .get(&job.work)
        .filter(|row| row.lease_until == Some(job.lease.until))
    {
        if row.attempts >= MAX_ATTEMPTS {
            give_up(ctx, &tx, std::slice::from_ref(row), why).await?;
        } else {
            let rest = Timestamp::SECOND << row.attempts.clamp(0, 6);
            store::work::postpone(&*tx, job.work, &clip(why), now.plus(rest)).await?;
        }
    }
    tx.commit().await?;
    hint(ctx, [job.assignment]);
    Ok(())
}

/// Sends answers to the review queue without a suggestion.
async fn give_up(ctx: &Ctx, tx: &Tx, rows: &[grading_work::Model], why: &str) -> AppResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let now = ctx.now();
    let why = clip(why);
    let old = grades::of_answers(
        &**tx,
        ctx.state.db.has_row_locks(),
        rows.iter().map(|row| row.answer_id).collect(),
    )
    .await?;
    let nothing = Suggestion {
        points: Points::ZERO,
        confidence: Some(0.0),
        decision: Decision::Review,
        reason: Some("failed".into()),
        evidence: Evidence {
            why: why.clone(),
            ..Evidence::default()
        },
        model: NO_MODEL.into(),
        input_hash: String::new(),
    };
    let mut fresh = Vec::new();
    let mut events = Vec::new();
    for row in rows {
        let grade = match old.get(&row.answer_id) {
            Some(grade) => {
                grades::replace_suggestion(&**tx, grade, &nothing, 0, ReviewState::Waiting, now).await?;
                grade.id
            }
            None => {
                let id = GradeId::new();
                fresh.push(grade::Model {
                    id,
                    answer_id: row.answer_id,
                    submission_id: row.submission_id,
                    question_id: row.question_id,
                    assignment_id: row.assignment_id,
                    machine_points: nothing.points,
                    machine_confidence: nothing.confidence,
                    machine_decision: nothing.decision.name().into(),
                    machine_reason: nothing.reason.clone(),
                    machine_evidence: grades::json(&nothing.evidence)?,
                    model: nothing.model.clone(),
                    input_hash: String::new(),
                    machine_at: now,
                    machine_examples: 0,
                    human_points: None,
                    human_comment: None,
                    human_by: None,
                    human_at: None,
                    review_state: ReviewState::Waiting.name().into(),
                    review_order: 0,
                    version: 1,
                });
                id
            }
        };
        events.push(grade_event::Model {
            id: 0,
            grade_id: grade,
            question_id: row.question_id,
            assignment_id: row.assignment_id,
            kind: "failed".into(),
            actor_id: None,
            detail: serde_json::json!({ "why": why }).to_string(),
            at: now,
        });
    }
    grades::insert(&**tx, fresh).await?;
    grades::append(&**tx, events).await?;
    store::work::give_up(&**tx, rows.iter().map(|row| row.id).collect(), &why, now).await
}

fn clip(why: &str) -> String {
    why.chars().take(300).collect()
}

/// Gives back what the worker has claimed and not recorded, as when it stops.
pub async fn release(ctx: &Ctx, worker: &str) -> AppResult<u64> {
    let tx = ctx.state.db.begin().await?;
    let released = store::work::release(&*tx, worker).await?;
    tx.commit().await?;
    if released > 0 {
        ctx.state.hints.send(Hint::Work);
    }
    Ok(released)
}

pub(super) fn hint(ctx: &Ctx, assignments: impl IntoIterator<Item = AssignmentId>) {
    for assignment in grades::distinct(assignments) {
        ctx.state.hints.send(Hint::Grades(assignment));
    }
}

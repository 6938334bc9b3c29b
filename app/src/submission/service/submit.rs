//! Submitting: freeze, fingerprint, sign, queue for grading; all in one transaction.

use super::answer::still_taken;
use super::receipt::of_row;
use crate::audit::store::{Act, record};
use crate::course::policy;
use crate::entity::{answer, assignment, grading_work, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AnswerId, QuestionId, SubmissionId, WorkId};
use crate::platform::Ctx;
use crate::platform::hints::Hint;
use crate::question::model::AnswerValue;
use crate::submission::content::{self, Part};
use crate::submission::model::Receipt;
use crate::submission::store;
use crate::time::Timestamp;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};
use std::collections::HashMap;

/// Submits; a second time returns the same receipt and changes nothing.
pub async fn submit(ctx: &Ctx, id: SubmissionId) -> AppResult<Receipt> {
    crate::platform::db::retry(|| submit_once(ctx, id)).await
}

async fn submit_once(ctx: &Ctx, id: SubmissionId) -> AppResult<Receipt> {
    let (_, assignment) = policy::own_submission(ctx, id).await?;
    let tx = ctx.state.db.begin().await?;
    let row = store::lock(&*tx, ctx.state.db.has_row_locks(), id).await?;
    if row.submitted_at.is_some() {
        tx.rollback().await?;
        return of_row(ctx, row, assignment).await;
    }
    still_taken(ctx, &assignment)?;
    let now = ctx.now();
    let answers = complete_answers(&*tx, id, &assignment, now).await?;
    let row = freeze(ctx, &*tx, row, &assignment, &answers, now).await?;
    queue(&*tx, id, &assignment, &answers, now).await?;
    let detail = serde_json::json!({ "assignment": assignment.id, "sha256": row.content_hash, "late_percent": row.late_percent });
    record(
        ctx,
        &*tx,
        Act {
            action: "submission.submit",
            target_kind: "submission",
            target_id: id.to_string(),
            detail,
        },
    )
    .await?;
    crate::mail::service::submission_received(ctx, &*tx, &row, &assignment).await?;
    tx.commit().await?;
    ctx.state.counters.submitted();
    ctx.state.hints.send(Hint::Work);
    ctx.state.hints.send(Hint::Grades(assignment.id));
    of_row(ctx, row, assignment).await
}

/// An answer for each question, in the order of the questions; the ones never touched are stored as empty.
async fn complete_answers(
    tx: &impl ConnectionTrait,
    id: SubmissionId,
    assignment: &assignment::Model,
    now: Timestamp,
) -> AppResult<Vec<answer::Model>> {
    let order = store::question_order(tx, assignment.id).await?;
    let mut rows: HashMap<QuestionId, answer::Model> = store::answers(tx, id)
        .await?
        .into_iter()
        .map(|row| (row.question_id, row))
        .collect();
    let empty = serde_json::to_string(&AnswerValue::Text(String::new())).map_err(AppError::internal)?;
    let (mut complete, mut missing) = (Vec::with_capacity(order.len()), Vec::new());
    for question in order {
        let row = rows.remove(&question).unwrap_or_else(|| {
            let row = answer::Model {
                id: AnswerId::new(),
                submission_id: id,
                question_id: question,
                value: empty.clone(),
                revision: 0,
                updated_at: now,
            };
            missing.push(row.clone().into_active_model().reset_all());
            row
        });
        complete.push(row);
    }
    if !missing.is_empty() {
        answer::Entity::insert_many(missing).exec_without_returning(tx).await?;
    }
    Ok(complete)
}

async fn freeze(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    row: submission::Model,
    assignment: &assignment::Model,
    answers: &[answer::Model],
    now: Timestamp,
) -> AppResult<submission::Model> {
    let files = store::files(tx, row.id).await?;
    let mut parts = Vec::with_capacity(answers.len());
    for answer in answers {
        let value = store::given(answer.clone())?.value;
        let file_hash = match &value {
            AnswerValue::File { file, .. } => files.get(file).and_then(|file| file.sha256.clone()),
            _ => None,
        };
        parts.push(Part {
            question: answer.question_id,
            value,
            file_hash,
        });
    }
    let hash = content::hash(&parts)?;
    let signature = ctx.state.signer.sign(&Receipt::text(row.id, now, &hash));
    let late = ctx.dates(assignment).late_percent(now, assignment.late_percent_per_day);
    let mut change = row.into_active_model();
    change.submitted_at = Set(Some(now));
    change.late_percent = Set(late);
    change.content_hash = Set(Some(hash));
    change.receipt = Set(Some(signature));
    change.updated_at = Set(now);
    Ok(change.update(tx).await?)
}

async fn queue(
    tx: &impl ConnectionTrait,
    id: SubmissionId,
    assignment: &assignment::Model,
    answers: &[answer::Model],
    now: Timestamp,
) -> AppResult<()> {
    let work = answers.iter().map(|answer| {
        let row = grading_work::Model {
            id: WorkId::new(),
            answer_id: answer.id,
            submission_id: id,
            question_id: answer.question_id,
            assignment_id: assignment.id,
            state: "queued".into(),
            attempts: 0,
            claimed_by: None,
            lease_until: None,
            problem: None,
            created_at: now,
            finished_at: None,
        };
        row.into_active_model().reset_all()
    });
    let work: Vec<_> = work.collect();
    if !work.is_empty() {
        grading_work::Entity::insert_many(work)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

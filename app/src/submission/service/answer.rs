//! Starting and answering.

use crate::assignment::model::Phase;
use crate::audit::store::{Act, record};
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, course, file, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, FileId, JournalId, QuestionId, SubmissionId};
use crate::platform::Ctx;
use crate::question::model::{AnswerValue, Paper, QuestionPaper};
use crate::submission::form::FormAnswer;
use crate::submission::journal::{already_submitted, known};
use crate::submission::model::{Change, MOST_CHANGES, Refused, Saved};
use crate::submission::store;
use sea_orm::EntityTrait;
use std::collections::HashMap;

/// Starts answering; whoever has started already gets the same submission back, also after the end.
pub async fn start(ctx: &Ctx, id: AssignmentId) -> AppResult<SubmissionId> {
    let (assignment, _) = policy::assignment(ctx, id, Duty::Attend).await?;
    let user = ctx.actor()?.id;
    if let Some(row) = store::of_student(ctx.db(), id, user).await? {
        return Ok(row.id);
    }
    still_taken(ctx, &assignment)?;
    let course = course::Entity::find_by_id(assignment.course_id).one(ctx.db()).await?;
    if course.is_some_and(|course| course.archived_at.is_some()) {
        return Err(AppError::conflict(
            "This course is archived; nothing new can be started in it.",
        ));
    }
    let now = ctx.now();
    let row = submission::Model {
        id: SubmissionId::new(),
        assignment_id: id,
        user_id: user,
        attempt: 1,
        started_at: now,
        submitted_at: None,
        late_percent: 0,
        content_hash: None,
        receipt: None,
        updated_at: now,
    };
    let fresh = row.id;
    let tx = ctx.state.db.begin().await?;
    if store::insert_first(&*tx, row).await? {
        let detail = serde_json::json!({ "assignment": id });
        record(
            ctx,
            &*tx,
            Act {
                action: "submission.start",
                target_kind: "submission",
                target_id: fresh.to_string(),
                detail,
            },
        )
        .await?;
    }
    tx.commit().await?;
    // Two tabs may have started at once: the row that is there is the one that counts.
    let row = store::of_student(ctx.db(), id, user).await?;
    row.map(|row| row.id)
        .ok_or_else(|| AppError::not_found("The submission"))
}

/// Takes changes into the journal. What it acknowledges is on disk; a change sent twice is acknowledged twice and applied once.
pub async fn save(ctx: &Ctx, id: SubmissionId, changes: Vec<Change>) -> AppResult<Saved> {
    if changes.len() > MOST_CHANGES {
        return Err(AppError::invalid(format!(
            "Send at most {MOST_CHANGES} changes at once."
        )));
    }
    let (row, assignment) = policy::own_submission(ctx, id).await?;
    let open = if row.submitted_at.is_some() {
        Err(already_submitted())
    } else {
        still_taken(ctx, &assignment)
    };
    if let Err(reason) = open {
        return replay_of_known(ctx, id, &changes).await?.ok_or(reason);
    }
    let mut papers = ctx.state.papers.of(&ctx.state.db, assignment.id, ctx.now()).await?;
    let with_file = changes
        .iter()
        .any(|change| matches!(change.value, AnswerValue::File { .. }));
    let files = if with_file {
        store::files(ctx.db(), id).await?
    } else {
        HashMap::new()
    };
    let now = ctx.now();
    if changes.iter().any(|change| fits(change, &papers, &files).is_err()) {
        // Perhaps another process has changed the question a moment ago.
        papers = ctx.state.papers.anew(&ctx.state.db, assignment.id, now).await?;
    }
    let (mut good, mut refused) = (Vec::with_capacity(changes.len()), Vec::new());
    for change in changes {
        match fits(&change, &papers, &files) {
            Ok(()) => good.push(Change {
                typed_at: change.typed_at.min(now),
                ..change
            }),
            Err(message) => refused.push(Refused {
                id: change.id,
                question: change.question,
                message,
            }),
        }
    }
    let acknowledged: Vec<JournalId> = good.iter().map(|change| change.id).collect();
    let at = if good.is_empty() {
        now
    } else {
        ctx.state.journal.write(&ctx.state, id, good).await?
    };
    ctx.state.counters.saved(acknowledged.len() as u32);
    Ok(Saved {
        at: ctx.moment(at),
        acknowledged,
        refused,
    })
}

/// All answers of the page at once, for a browser without script. Only what differs from the last save is a change.
pub async fn save_form(ctx: &Ctx, id: SubmissionId, form: Vec<FormAnswer>) -> AppResult<(AssignmentId, Saved)> {
    let (_, assignment) = policy::own_submission(ctx, id).await?;
    let papers = ctx.state.papers.anew(&ctx.state.db, assignment.id, ctx.now()).await?;
    let rows = store::answers(ctx.db(), id).await?;
    let before: HashMap<QuestionId, AnswerValue> = rows
        .into_iter()
        .map(|row| store::given(row).map(|given| (given.question, given.value)))
        .collect::<AppResult<_>>()?;
    let mut changes = Vec::new();
    for answer in &form {
        let question: QuestionId = answer.question.parse().map_err(|_| damaged())?;
        let paper = paper_of(&papers, question).ok_or_else(damaged)?;
        let value = answer.value(paper, before.get(&question)).ok_or_else(damaged)?;
        let same = before.get(&question).map_or(value.is_empty(), |old| *old == value);
        if !same {
            changes.push(Change {
                id: JournalId::new(),
                question,
                value,
                typed_at: ctx.now(),
            });
        }
    }
    let saved = save(ctx, id, changes).await?;
    match saved.refused.first() {
        None => Ok((assignment.id, saved)),
        Some(refused) => Err(AppError::invalid(refused.message.clone())),
    }
}

fn damaged() -> AppError {
    AppError::invalid("The form was incomplete or damaged. Reload the page and try again.")
}

/// A browser may ask again about changes whose acknowledgement it never heard: they are safe, also after the end.
async fn replay_of_known(ctx: &Ctx, id: SubmissionId, changes: &[Change]) -> AppResult<Option<Saved>> {
    let known = known(ctx.db(), changes.iter().map(|change| change.id)).await?;
    let all = !changes.is_empty() && changes.iter().all(|change| known.get(&change.id) == Some(&id));
    Ok(all.then(|| Saved {
        at: ctx.moment(ctx.now()),
        acknowledged: changes.iter().map(|change| change.id).collect(),
        refused: Vec::new(),
    }))
}

fn paper_of(papers: &[QuestionPaper], question: QuestionId) -> Option<&Paper> {
    let found = papers.iter().find(|paper| paper.id == question)?;
    Some(&found.paper)
}

fn fits(change: &Change, papers: &[QuestionPaper], files: &HashMap<FileId, file::Model>) -> Result<(), String> {
    let paper = paper_of(papers, change.question).ok_or("This question has been removed from the assignment.")?;
    change.value.check(paper)?;
    match &change.value {
        AnswerValue::File { file, .. } => match files.get(file) {
            Some(row) if row.question_id == change.question && row.state == "ready" => Ok(()),
            Some(row) if row.question_id == change.question => {
                Err("The file has not arrived completely. Attach it again.".into())
            }
            _ => Err("The file does not belong to this answer. Attach it again.".into()),
        },
        _ => Ok(()),
    }
}

/// An error that says why, once answers are no longer taken.
pub(super) fn still_taken(ctx: &Ctx, assignment: &assignment::Model) -> AppResult<()> {
    let dates = ctx.dates(assignment);
    match dates.phase(ctx.now()) {
        Phase::Open | Phase::Late => Ok(()),
        Phase::Draft => Err(AppError::conflict("This assignment is not open yet.")),
        Phase::Published => Err(AppError::conflict(
            "The grades of this assignment are published; it takes no more answers.",
        )),
        Phase::Closed => {
            let when = dates
                .end()
                .map(|at| ctx.moment(at))
                .map_or_else(String::new, |end| format!(" on {} ({})", end.date_time(), end.zone()));
            Err(AppError::conflict(format!(
                "This assignment closed{when} and takes no more answers. Ask your teacher if you need more time."
            )))
        }
    }
}

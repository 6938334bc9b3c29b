//! The journal's writer: many students' changes, one commit.
//!
//! A commit waits for the disk, so saves that arrive while one is under way share the next. Whoever puts the first entry into
//! the empty queue starts a task that waits for its turn to write, takes everything that has gathered, commits it, and
//! only then answers everyone. Alone, a save waits for nothing; in a crowd the cost of the disk is shared.

use crate::entity::{answer, journal_entry, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AnswerId, JournalId, QuestionId, SubmissionId};
use crate::platform::AppState;
use crate::platform::db::{Tx, retry};
use crate::submission::model::Change;
use crate::time::Timestamp;
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The most saves that share one commit.
const MOST: usize = 100;
/// How long a save waits for the one before it.
const TURN: Duration = Duration::from_secs(5);
/// Longer than the database lets anyone wait for a lock.
const PATIENCE: Duration = Duration::from_secs(15);
/// Queued longer than this, a change only counts if nothing newer was typed since. Fresher ones count as they come.
const REPLAY: i64 = 5 * Timestamp::SECOND;

/// The queue before the disk; cheap to clone.
#[derive(Clone, Default)]
pub struct Journal {
    queue: Arc<Mutex<Vec<Entry>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Entry {
    work: Work,
    reply: oneshot::Sender<AppResult<Timestamp>>,
}

/// Checked changes of one submission.
#[derive(Clone)]
struct Work {
    submission: SubmissionId,
    changes: Vec<Change>,
}

impl Journal {
    /// Writes checked changes. `Ok` means they are on disk, at that time; changes already known are not applied again.
    pub async fn write(
        &self,
        state: &AppState,
        submission: SubmissionId,
        changes: Vec<Change>,
    ) -> AppResult<Timestamp> {
        let (reply, answer) = oneshot::channel();
        let first = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.push(Entry {
                work: Work { submission, changes },
                reply,
            });
            queue.len() == 1
        };
        if first {
            self.start(state);
        }
        answer.await.map_err(AppError::internal)?
    }

    /// A task of its own: a browser that goes away must not take the others' changes along.
    fn start(&self, state: &AppState) {
        tokio::spawn(self.clone().flush(state.clone()));
    }

    async fn flush(self, state: AppState) {
        loop {
            // Waiting for the turn is when the others gather. Whoever has it may hang on a connection to a server that is gone, and must
            // not hold the others up for as long as that takes to be noticed.
            let turn = timeout(TURN, self.turn.lock()).await.ok();
            let begun = within(async { Ok(state.db.begin().await?) }).await;
            let (batch, more) = self.take();
            let (works, replies): (Vec<_>, Vec<_>) = batch.into_iter().map(|entry| (entry.work, entry.reply)).unzip();
            let now = state.clock.now();
            let written = match begun {
                Ok(tx) => within(guarded(together(tx, state.db.has_row_locks(), &works, now))).await,
                Err(error) => Err(error),
            };
            drop(turn);
            match written {
                Ok(results) => {
                    for (reply, result) in replies.into_iter().zip(results) {
                        // Nobody waits any more: it is on disk all the same.
                        let _ = reply.send(result);
                    }
                }
                Err(error) => {
                    tracing::warn!(saves = works.len(), error = %error, "a shared commit failed; trying each save by itself");
                    // That may take long; those who came meanwhile need not wait for it.
                    if more {
                        self.start(&state);
                    }
                    for (reply, work) in replies.into_iter().zip(works) {
                        // Changes are known by their ids, so one that is on disk after all is not applied again.
                        let written = retry(|| guarded(alone(&state, work.clone()))).await;
                        let _ = reply.send(written);
                    }
                    return;
                }
            }
            if !more {
                return;
            }
        }
    }

    fn take(&self) -> (Vec<Entry>, bool) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let most = queue.len().min(MOST);
        let batch = queue.drain(..most).collect();
        (batch, !queue.is_empty())
    }
}

/// Applies and commits.
async fn together(tx: Tx, row_locks: bool, works: &[Work], now: Timestamp) -> AppResult<Vec<AppResult<Timestamp>>> {
    let results = apply(&*tx, row_locks, works, now).await?;
    tx.commit().await?;
    Ok(results)
}

/// Gives up on a server that does not answer; what was written all the same is known by its ids when it comes again.
async fn within<T>(work: impl Future<Output = AppResult<T>>) -> AppResult<T> {
    let late = || {
        AppError::unavailable(
            "The database does not answer right now. Your answer is not saved yet; it is tried again.",
        )
    };
    timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(late()))
}

/// A panic of ours must not take the writer along: saves would queue for ever.
async fn guarded<T>(work: impl Future<Output = AppResult<T>>) -> AppResult<T> {
    let caught = AssertUnwindSafe(work).catch_unwind().await;
    caught.unwrap_or_else(|_| Err(AppError::internal("panic: in the writer of the journal")))
}

/// One save in a transaction of its own, so that one bad neighbour costs nobody else anything.
async fn alone(state: &AppState, work: Work) -> AppResult<Timestamp> {
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let results = apply(&*tx, state.db.has_row_locks(), &[work], now).await?;
    tx.commit().await?;
    results
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(AppError::internal("a save without a result")))
}

/// Applies all works; an inner error concerns one work, an outer one undoes all.
async fn apply(
    tx: &impl ConnectionTrait,
    row_locks: bool,
    works: &[Work],
    now: Timestamp,
) -> AppResult<Vec<AppResult<Timestamp>>> {
    let open = lock_open(tx, row_locks, works).await?;
    let mut known = known(tx, works.iter().flat_map(|work| &work.changes).map(|change| change.id)).await?;
    let mut fresh: Vec<(SubmissionId, &Change)> = Vec::new();
    let mut results = Vec::with_capacity(works.len());
    for work in works {
        let elsewhere = |id: &JournalId| known.get(id).is_some_and(|owner| *owner != work.submission);
        let new: Vec<&Change> = work
            .changes
            .iter()
            .filter(|change| !known.contains_key(&change.id))
            .collect();
        if work.changes.iter().any(|change| elsewhere(&change.id)) {
            results.push(Err(AppError::invalid(
                "These changes belong to another submission. Reload the page and try again.",
            )));
        } else if !new.is_empty() && !open.contains(&work.submission) {
            results.push(Err(already_submitted()));
        } else {
            for change in new {
                if known.insert(change.id, work.submission).is_none() {
                    fresh.push((work.submission, change));
                }
            }
            results.push(Ok(now));
        }
    }
    if !fresh.is_empty() {
        record(tx, &fresh, now).await?;
        bring_up_to_date(tx, &fresh, now).await?;
    }
    Ok(results)
}

pub(super) fn already_submitted() -> AppError {
    AppError::conflict("This assignment has been submitted; its answers can no longer change.")
}

/// The submissions that still take changes, held against a submit that comes at the same moment.
async fn lock_open(tx: &impl ConnectionTrait, row_locks: bool, works: &[Work]) -> AppResult<HashSet<SubmissionId>> {
    let query = submission::Entity::find()
        .select_only()
        .column(submission::Column::Id)
        .filter(submission::Column::Id.is_in(works.iter().map(|work| work.submission)))
        .filter(submission::Column::SubmittedAt.is_null())
        .order_by_asc(submission::Column::Id);
    let query = if row_locks { query.lock_exclusive() } else { query };
    Ok(query.into_tuple::<SubmissionId>().all(tx).await?.into_iter().collect())
}

/// Which of these changes are in the journal, and whose they are.
pub(super) async fn known(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = JournalId>,
) -> AppResult<HashMap<JournalId, SubmissionId>> {
    let rows = journal_entry::Entity::find()
        .select_only()
        .column(journal_entry::Column::Id)
        .column(journal_entry::Column::SubmissionId)
        .filter(journal_entry::Column::Id.is_in(ids))
        .into_tuple::<(JournalId, SubmissionId)>()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn record(tx: &impl ConnectionTrait, fresh: &[(SubmissionId, &Change)], now: Timestamp) -> AppResult<()> {
    for part in fresh.chunks(500) {
        let mut rows = Vec::with_capacity(part.len());
        for (submission, change) in part {
            rows.push(journal_entry::ActiveModel {
                id: Set(change.id),
                submission_id: Set(*submission),
                question_id: Set(change.question),
                value: Set(serde_json::to_string(&change.value).map_err(AppError::internal)?),
                typed_at: Set(change.typed_at),
                recorded_at: Set(now),
            });
        }
        let known_already = OnConflict::column(journal_entry::Column::Id)
            .do_nothing_on([journal_entry::Column::Id])
            .to_owned();
        journal_entry::Entity::insert_many(rows)
            .on_conflict(known_already)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Brings `answers` up to date with the new changes, each question once.
async fn bring_up_to_date(
    tx: &impl ConnectionTrait,
    fresh: &[(SubmissionId, &Change)],
    now: Timestamp,
) -> AppResult<()> {
    let submissions: HashSet<SubmissionId> = fresh.iter().map(|(submission, _)| *submission).collect();
    let rows = answer::Entity::find()
        .filter(answer::Column::SubmissionId.is_in(submissions))
        .all(tx)
        .await?;
    let mut answers: HashMap<(SubmissionId, QuestionId), (answer::Model, State)> = rows
        .into_iter()
        .map(|row| ((row.submission_id, row.question_id), (row, State::Stored)))
        .collect();
    for (submission, change) in fresh {
        let value = serde_json::to_string(&change.value).map_err(AppError::internal)?;
        match answers.entry((*submission, change.question)) {
            std::collections::hash_map::Entry::Vacant(place) => {
                let row = answer::Model {
                    id: AnswerId::new(),
                    submission_id: *submission,
                    question_id: change.question,
                    value,
                    revision: 1,
                    updated_at: change.typed_at,
                };
                place.insert((row, State::New));
            }
            std::collections::hash_map::Entry::Occupied(mut place) => {
                let (row, state) = place.get_mut();
                if counts(change.typed_at, row.updated_at, now) {
                    row.value = value;
                    row.revision += 1;
                    row.updated_at = change.typed_at;
                    *state = if *state == State::New {
                        State::New
                    } else {
                        State::Changed
                    };
                }
            }
        }
    }
    let pick = |wanted: State| -> Vec<answer::ActiveModel> {
        let mut rows: Vec<&answer::Model> = answers
            .values()
            .filter(|(_, state)| *state == wanted)
            .map(|(row, _)| row)
            .collect();
        // One order for everyone, so that two writers never wait for each other.
        rows.sort_by_key(|row| (row.submission_id, row.question_id));
        rows.into_iter()
            .map(|row| row.clone().into_active_model().reset_all())
            .collect()
    };
    let (new, changed) = (pick(State::New), pick(State::Changed));
    for part in new.chunks(500) {
        answer::Entity::insert_many(part.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    let update = OnConflict::column(answer::Column::Id)
        .update_columns([
            answer::Column::Value,
            answer::Column::Revision,
            answer::Column::UpdatedAt,
        ])
        .to_owned();
    for part in changed.chunks(500) {
        answer::Entity::insert_many(part.to_vec())
            .on_conflict(update.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Stored,
    Changed,
    New,
}

/// Whether a change typed then replaces words typed at `stored`: live typing always does, a late replay only if it is newer.
fn counts(typed: Timestamp, stored: Timestamp, now: Timestamp) -> bool {
    // A program may send any number.
    typed >= stored || now.0.saturating_sub(typed.0) < REPLAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_replay_does_not_undo_newer_words() {
        let now = Timestamp(1_000 * Timestamp::SECOND);
        let ago = |seconds: i64| now.plus(-seconds * Timestamp::SECOND);
        assert!(!counts(Timestamp(i64::MIN), now, now));
        assert!(counts(ago(600), ago(900), now));
        assert!(!counts(ago(600), ago(30), now));
        // The server's clock was set back by a minute: what is typed now still counts.
        assert!(counts(ago(0), ago(-60), now));
    }
}

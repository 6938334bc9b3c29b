//! Saving while somebody writes: first on the device, at once; then in the journal, a moment later and again until it is there.

use super::api;
use super::model::{Change, Given, Saved, Sheet};
use super::queue::{self, SaveState};
use crate::device;
use crate::error::{AppError, AppResult};
use crate::ids::{JournalId, QuestionId, SubmissionId};
use crate::question::model::AnswerValue;
use crate::time::{Moment, Timestamp};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// After the last keystroke.
const PAUSE: Duration = Duration::from_millis(400);
/// Somebody who never pauses is saved this often all the same.
const LONGEST: i64 = 3 * Timestamp::SECOND;
/// A refusal may pass too: a teacher can give more time.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Saves the answers of one page; a handle, so it goes into every handler.
#[derive(Clone, Copy)]
pub struct Autosave {
    submission: SubmissionId,
    pub state: RwSignal<SaveState>,
    pub online: RwSignal<bool>,
    /// Why the last change of a question was not taken.
    pub problems: RwSignal<HashMap<QuestionId, String>>,
    inner: StoredValue<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Changes that the device would not keep.
    memory: Vec<Change>,
    /// Changes that will never be taken: kept, not sent again.
    held: HashSet<JournalId>,
    sending: bool,
    failed: u32,
    trouble: Option<AppError>,
    saved: Option<Moment>,
    timer: Option<TimeoutHandle>,
    /// When the oldest change not yet on its way was typed.
    since: Option<Timestamp>,
}

impl Autosave {
    pub fn new(sheet: &Sheet) -> Autosave {
        Autosave {
            submission: sheet.submission,
            state: RwSignal::new(SaveState::Saved(sheet.saved)),
            online: RwSignal::new(true),
            problems: RwSignal::default(),
            inner: StoredValue::new(Inner {
                saved: sheet.saved,
                ..Inner::default()
            }),
        }
    }

    /// Once the page is alive: replays what an earlier visit left behind, and gives what the fields should show instead of `given`.
    pub fn begin(self, given: &[Given], server_now: Timestamp) -> HashMap<QuestionId, AnswerValue> {
        self.listen();
        self.online.set(device::is_online());
        let left = self.pending();
        if !left.is_empty() {
            self.flush();
        }
        queue::merge(given, &left, server_now.0 - device::now().0)
    }

    /// Somebody typed: on the device before this returns.
    pub fn note(self, question: QuestionId, value: AnswerValue) {
        let change = Change {
            id: device::new_id(),
            question,
            value,
            typed_at: device::now(),
        };
        let kept = device::put(&queue::key(self.submission, change.id), &queue::write(&change));
        for gone in queue::superseded(&self.pending(), &change) {
            self.forget(gone);
        }
        let now = change.typed_at;
        let waited = self.inner.try_update_value(|inner| {
            if !kept {
                inner.memory.push(change);
            }
            now.0 - inner.since.get_or_insert(now).0
        });
        self.problems.update(|problems| {
            problems.remove(&question);
        });
        self.show();
        if self.inner.with_value(|inner| inner.failed == 0) {
            self.schedule(if waited.unwrap_or(0) > LONGEST {
                Duration::ZERO
            } else {
                PAUSE
            });
        }
    }

    /// Sends what waits, now.
    pub fn flush(self) {
        let Some((sending, held)) = self.inner.try_with_value(|inner| (inner.sending, inner.held.clone())) else {
            return;
        };
        if sending {
            return;
        }
        let batch = queue::batch(&self.pending(), |id| held.contains(&id));
        if batch.is_empty() {
            self.show();
            return;
        }
        self.inner.update_value(|inner| {
            inner.sending = true;
            inner.since = None;
        });
        self.show();
        spawn_local(async move {
            let result = api::save_changes(self.submission, batch, device::now()).await;
            self.answered(result);
        });
    }

    /// Sends what waits, and goes on once it has arrived, or soon if it does not.
    pub fn settle(self, then: impl FnOnce() + 'static) {
        self.flush();
        self.look(15, then);
    }

    fn look(self, times: u32, then: impl FnOnce() + 'static) {
        let settled = self.state.try_with_untracked(SaveState::is_settled).unwrap_or(true);
        if settled || times == 0 {
            then();
        } else {
            set_timeout(move || self.look(times - 1, then), Duration::from_millis(100));
        }
    }

    /// What is kept on this device although the submission takes nothing more.
    pub fn left_behind(submission: SubmissionId) -> Vec<Change> {
        queue::read(device::all(&queue::prefix(submission)))
    }

    /// Removes what was left behind.
    pub fn clear(submission: SubmissionId) {
        for change in Self::left_behind(submission) {
            device::remove(&queue::key(submission, change.id));
        }
    }

    fn answered(self, result: AppResult<Saved>) {
        // The device first: this also has to happen when the page has gone in the meantime.
        if let Ok(saved) = &result {
            for id in &saved.acknowledged {
                self.forget(*id);
            }
        }
        let next = self.inner.try_update_value(|inner| {
            inner.sending = false;
            match &result {
                Ok(saved) => {
                    inner.failed = 0;
                    inner.trouble = None;
                    inner.saved = Some(saved.at);
                    inner.held.extend(saved.refused.iter().map(|refused| refused.id));
                    Some(PAUSE)
                }
                Err(error) => {
                    inner.failed += 1;
                    inner.trouble = Some(error.clone());
                    Some(if queue::is_passing(error) {
                        Duration::from_secs(queue::backoff(inner.failed).into())
                    } else {
                        LOOK_AGAIN
                    })
                }
            }
        });
        if let Ok(Saved { refused, .. }) = result {
            self.problems.try_update(|problems| {
                problems.extend(refused.into_iter().map(|refused| (refused.question, refused.message)))
            });
        }
        if let Some(Some(pause)) = next {
            let settled = self.show();
            if !settled {
                self.schedule(pause);
            }
        }
    }

    /// Everything of this submission that is not on the server yet, oldest first.
    fn pending(self) -> Vec<Change> {
        let mut changes = queue::read(device::all(&queue::prefix(self.submission)));
        changes.extend(
            self.inner
                .try_with_value(|inner| inner.memory.clone())
                .unwrap_or_default(),
        );
        changes.sort_by_key(|change| (change.typed_at, change.id));
        changes
    }

    fn forget(self, id: JournalId) {
        device::remove(&queue::key(self.submission, id));
        self.inner
            .try_update_value(|inner| inner.memory.retain(|change| change.id != id));
    }

    /// Says how saving stands; whether nothing is left to send.
    fn show(self) -> bool {
        let waiting = self.pending();
        let Some((state, settled)) = self.inner.try_with_value(|inner| {
            let unsent = waiting.iter().filter(|change| !inner.held.contains(&change.id)).count() as u32;
            let state = match &inner.trouble {
                Some(error) if !queue::is_passing(error) && !waiting.is_empty() => {
                    SaveState::Refused(waiting.len() as u32, error.clone())
                }
                Some(error) if unsent > 0 => SaveState::Waiting(unsent, Some(error.clone())),
                _ if unsent > 0 => SaveState::Saving,
                _ if !waiting.is_empty() => {
                    SaveState::Refused(waiting.len() as u32, AppError::invalid("See the notes at the answers."))
                }
                _ => SaveState::Saved(inner.saved),
            };
            (state, unsent == 0)
        }) else {
            return true;
        };
        self.state.try_update(|now| {
            if *now != state {
                *now = state;
            }
        });
        settled
    }

    fn schedule(self, pause: Duration) {
        let timer = set_timeout_with_handle(move || self.flush(), pause).ok();
        self.inner.try_update_value(|inner| {
            if let Some(old) = std::mem::replace(&mut inner.timer, timer) {
                old.clear();
            }
        });
    }

    fn listen(self) {
        let online = window_event_listener(ev::online, move |_| {
            self.online.set(true);
            self.flush();
        });
        let offline = window_event_listener(ev::offline, move |_| self.online.set(false));
        let hidden = window_event_listener(ev::visibilitychange, move |_| {
            if device::is_hidden() {
                self.flush();
            }
        });
        // Only words that are not even on the device are worth holding somebody back.
        let leaving = window_event_listener(ev::beforeunload, move |event| {
            if self
                .inner
                .try_with_value(|inner| !inner.memory.is_empty())
                .unwrap_or(false)
            {
                event.prevent_default();
            }
        });
        on_cleanup(move || {
            for listener in [online, offline, hidden, leaving] {
                listener.remove();
            }
        });
    }
}

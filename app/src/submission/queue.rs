//! The queue between the keyboard and the journal: pure rules, the same on both faces.
//!
//! Each change is one entry on the device, never altered once written, so that two tabs cannot lose each other's words.
//! A newer change of a question makes the older ones, still unsent, superfluous.

use crate::error::{AppError, ErrorKind};
use crate::ids::{JournalId, QuestionId, SubmissionId};
use crate::question::model::AnswerValue;
use crate::submission::model::{Change, Given, MOST_CHANGES};
use crate::time::Moment;
use std::collections::HashMap;

/// All keys of a submission begin with this.
pub fn prefix(submission: SubmissionId) -> String {
    format!("ag:{submission}:")
}

pub fn key(submission: SubmissionId, change: JournalId) -> String {
    format!("ag:{submission}:{change}")
}

/// Entries as found on the device, oldest first. What is not ours or damaged is left alone.
pub fn read(entries: impl IntoIterator<Item = String>) -> Vec<Change> {
    let mut changes: Vec<Change> = entries
        .into_iter()
        .filter_map(|text| serde_json::from_str(&text).ok())
        .collect();
    changes.sort_by_key(|change| (change.typed_at, change.id));
    changes
}

pub fn write(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_default()
}

/// The unsent entries that `newest` makes superfluous.
pub fn superseded<'a>(pending: impl IntoIterator<Item = &'a Change>, newest: &Change) -> Vec<JournalId> {
    let older = |change: &&Change| {
        change.question == newest.question && change.id != newest.id && change.typed_at <= newest.typed_at
    };
    pending.into_iter().filter(older).map(|change| change.id).collect()
}

/// As much text as goes into one request; a single longer answer goes alone.
const MOST_TEXT: usize = 200_000;

/// What goes into the next request: the oldest entries first, of each question in order.
pub fn batch(pending: &[Change], held_back: impl Fn(JournalId) -> bool) -> Vec<Change> {
    let mut length = 0;
    let mut fits = |change: &&Change| {
        length += change.value.text().len();
        length <= MOST_TEXT || length == change.value.text().len()
    };
    pending
        .iter()
        .filter(|change| !held_back(change.id))
        .take(MOST_CHANGES)
        .take_while(|change| fits(change))
        .cloned()
        .collect()
}

/// What a field shows when the page opens: entries still on the device, where they are newer than what the server has.
/// `behind` is how far the server's clock is ahead of the device's.
pub fn merge(given: &[Given], pending: &[Change], behind: i64) -> HashMap<QuestionId, AnswerValue> {
    let mut newest: HashMap<QuestionId, &Change> = HashMap::new();
    for change in pending {
        let place = newest.entry(change.question).or_insert(change);
        if (change.typed_at, change.id) >= (place.typed_at, place.id) {
            *place = change;
        }
    }
    let stored = |question: QuestionId| given.iter().find(|given| given.question == question);
    let shown = |(question, change): (QuestionId, &Change)| {
        let newer = stored(question).is_none_or(|given| change.typed_at.plus(behind) >= given.updated_at);
        newer.then(|| (question, change.value.clone()))
    };
    newest.into_iter().filter_map(shown).collect()
}

/// Seconds until the next try after so many failed ones: 1, 2, 4, … at most 30.
pub fn backoff(failed: u32) -> u32 {
    1u32.checked_shl(failed.saturating_sub(1)).unwrap_or(30).min(30)
}

/// Whether trying again soon can help. `Invalid` is what a damaged answer of a proxy looks like from here; changes that do
/// not fit come back one by one as refused.
pub fn is_passing(error: &AppError) -> bool {
    !matches!(
        error.kind,
        ErrorKind::Conflict | ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::TooLarge
    )
}

/// How saving stands.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveState {
    /// Everything is on the server's disk; since when, if anything was saved at all.
    Saved(Option<Moment>),
    Saving,
    /// So many changes are kept here and wait; the reason, if the last try failed.
    Waiting(u32, Option<AppError>),
    /// The server will not take them; they stay on this device.
    Refused(u32, AppError),
}

impl SaveState {
    /// The quiet words at the edge of the page.
    pub fn words(&self) -> String {
        match self {
            Self::Saved(None) => "Your answers are saved as you type".into(),
            Self::Saved(Some(at)) => format!("Saved {}", at.clock()),
            Self::Saving => "Saving…".into(),
            Self::Waiting(1, _) => "1 change waiting".into(),
            Self::Waiting(n, _) => format!("{n} changes waiting"),
            Self::Refused(1, _) => "1 change not saved".into(),
            Self::Refused(n, _) => format!("{n} changes not saved"),
        }
    }

    /// Nothing is left on the device.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Saved(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn change(id: u128, question: u128, typed: i64, text: &str) -> Change {
        Change {
            id: JournalId(Uuid::from_u128(id)),
            question: QuestionId(Uuid::from_u128(question)),
            value: AnswerValue::Text(text.into()),
            typed_at: Timestamp(typed),
        }
    }

    fn given(question: u128, at: i64, text: &str) -> Given {
        Given {
            question: QuestionId(Uuid::from_u128(question)),
            value: AnswerValue::Text(text.into()),
            revision: 1,
            updated_at: Timestamp(at),
        }
    }

    #[test]
    fn entries_come_back_in_the_order_of_typing() {
        let (early, late) = (change(2, 1, 10, "a"), change(1, 1, 20, "ab"));
        let found = read([write(&late), "not ours".into(), String::new(), write(&early)]);
        assert_eq!(found, vec![early, late]);
    }

    #[test]
    fn only_older_entries_of_the_same_question_are_superseded() {
        let pending = [
            change(1, 1, 10, "a"),
            change(2, 2, 10, "x"),
            change(3, 1, 30, "from another tab"),
        ];
        let newest = change(4, 1, 20, "ab");
        assert_eq!(superseded(&pending, &newest), vec![pending[0].id]);
    }

    #[test]
    fn newer_words_on_the_server_win_over_an_old_queue() {
        let pending = [
            change(1, 1, 10, "old"),
            change(2, 2, 50, "newer"),
            change(3, 3, 1, "never saved"),
        ];
        let shown = merge(&[given(1, 40, "server"), given(2, 40, "server")], &pending, 0);
        assert_eq!(shown.get(&QuestionId(Uuid::from_u128(1))), None);
        assert_eq!(
            shown.get(&QuestionId(Uuid::from_u128(2))).map(AnswerValue::text),
            Some("newer")
        );
        assert_eq!(
            shown.get(&QuestionId(Uuid::from_u128(3))).map(AnswerValue::text),
            Some("never saved")
        );
        // The device's clock is 100 behind: what looks old is newer.
        let shown = merge(&[given(1, 40, "server")], &pending, 100);
        assert_eq!(shown.len(), 3);
    }

    #[test]
    fn long_answers_go_in_requests_of_their_own() {
        let long = "x".repeat(150_000);
        let pending = [change(1, 1, 1, &long), change(2, 2, 2, &long), change(3, 3, 3, "short")];
        assert_eq!(batch(&pending, |_| false).len(), 1);
        assert_eq!(batch(&pending, |id| id == pending[0].id).len(), 2);
        let huge = [change(1, 1, 1, &"x".repeat(300_000)), change(2, 2, 2, "short")];
        assert_eq!(batch(&huge, |_| false).len(), 1);
    }

    #[test]
    fn waits_longer_after_each_failure() {
        assert_eq!([1, 2, 3, 4, 5, 6, 40, 400].map(backoff), [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn says_how_saving_stands() {
        let at = Moment {
            at: Timestamp(50_531 * Timestamp::SECOND),
            offset_minutes: 0,
        };
        assert_eq!(SaveState::Saved(Some(at)).words(), "Saved 14:02:11");
        assert_eq!(SaveState::Waiting(3, None).words(), "3 changes waiting");
        assert_eq!(SaveState::Waiting(1, None).words(), "1 change waiting");
    }

    proptest! {
        /// However two tabs interleave, dropping superfluous entries never loses the newest words of a question.
        #[test]
        fn the_newest_words_survive(typed in prop::collection::vec((0u128..4, 0i64..50), 1..60)) {
            let mut pending: Vec<Change> = Vec::new();
            let mut newest: HashMap<QuestionId, i64> = HashMap::new();
            for (id, (question, at)) in typed.into_iter().enumerate() {
                let entry = change(id as u128, question, at, "x");
                let gone = superseded(&pending, &entry);
                pending.retain(|change| !gone.contains(&change.id));
                let most = newest.entry(entry.question).or_insert(at);
                *most = (*most).max(at);
                pending.push(entry);
            }
            for (question, at) in newest {
                prop_assert!(pending.iter().any(|change| change.question == question && change.typed_at.0 == at));
            }
        }

        #[test]
        fn sending_batch_after_batch_sends_everything_once_in_order(count in 0usize..450) {
            let pending: Vec<Change> = (0..count).map(|n| change(n as u128, 1, n as i64, "x")).collect();
            let mut sent: Vec<JournalId> = Vec::new();
            loop {
                let next = batch(&pending, |id| sent.contains(&id));
                if next.is_empty() { break }
                prop_assert!(next.len() <= MOST_CHANGES);
                sent.extend(next.iter().map(|change| change.id));
            }
            prop_assert_eq!(sent, pending.iter().map(|change| change.id).collect::<Vec<_>>());
        }
    }
}

//! What lies on the desk, and what becomes of it.

use super::arrive::{arrive, note_sight, now};
use super::drafts::{self, Draft};
use super::trouble::{Sent, Trouble};
use super::typing;
use crate::error::{AppResult, ErrorKind};
use crate::grade::api::{clear_grade, decide_grade, read_item, read_queue};
use crate::grade::live::Link;
use crate::grade::model::{Decided, QueueFilter, QueueQuestion, ReviewCounts, ReviewDesk, ReviewItem, ReviewState};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::question::model::Question;
use crate::ui::{Tone, toast};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{HashMap, HashSet};

/// More answers are fetched when fewer than this lie ahead.
const AHEAD: usize = 6;
/// How many are fetched at once.
const PIECE: u32 = 20;

/// An answer that came up less than this many milliseconds ago is not decided by a press that was meant for the one before.
const TOO_SOON: f64 = 400.0;

/// The state of the page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Desk {
    pub assignment: AssignmentId,
    pub filter: QueueFilter,
    pub items: RwSignal<Vec<ReviewItem>>,
    /// Every question of the assignment, with how many of its answers stand where.
    pub parts: RwSignal<Vec<QueueQuestion>>,
    /// The same of what the filter lets through.
    pub counts: Memo<ReviewCounts>,
    /// Which of the items lies on top; past the last one there is nothing left.
    pub at: RwSignal<usize>,
    pub current: Memo<Option<ReviewItem>>,
    pub question: Memo<Option<Question>>,
    /// The points and comment being written.
    pub points: RwSignal<String>,
    pub comment: RwSignal<String>,
    pub error: RwSignal<Option<String>>,
    /// What did not get through.
    pub troubles: RwSignal<Vec<Trouble>>,
    pub comment_field: NodeRef<html::Div>,
    pub link: RwSignal<Link>,
    questions: RwSignal<HashMap<QuestionId, Question>>,
    more: RwSignal<bool>,
    fetching: RwSignal<bool>,
    /// Whether the next digit replaces the suggestion.
    pub(super) fresh: RwSignal<bool>,
    /// Whether something was typed since the form was filled.
    typed: RwSignal<bool>,
    /// When the form, as it is filled now, came in sight.
    since: RwSignal<f64>,
    /// Sent and not yet answered.
    pending: RwSignal<HashSet<GradeId>>,
    /// Decided on this visit, the latest last.
    decided: RwSignal<Vec<GradeId>>,
}

impl Desk {
    pub fn new(opened: ReviewDesk) -> Desk {
        let items = RwSignal::new(opened.queue.items);
        let at = RwSignal::new(0);
        let questions: HashMap<QuestionId, Question> = opened
            .queue
            .questions
            .into_iter()
            .map(|question| (question.id, question))
            .collect();
        let questions = RwSignal::new(questions);
        let current = Memo::new(move |_| items.with(|items| items.get(at.get()).cloned()));
        let question =
            Memo::new(move |_| current.with(|item| questions.with(|all| all.get(&item.as_ref()?.question).cloned())));
        let (filter, parts) = (opened.filter, RwSignal::new(opened.questions));
        let counts = Memo::new(move |_| {
            parts.with(|parts| {
                let through = |part: &&QueueQuestion| filter.question.is_none_or(|only| only == part.question);
                parts.iter().filter(through).map(|part| part.counts).sum()
            })
        });
        let desk = Desk {
            assignment: opened.assignment,
            filter,
            items,
            parts,
            counts,
            at,
            current,
            question,
            points: RwSignal::new(String::new()),
            comment: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            troubles: RwSignal::new(Vec::new()),
            comment_field: NodeRef::new(),
            link: RwSignal::new(Link::Snapshot),
            questions,
            more: RwSignal::new(opened.queue.more),
            fetching: RwSignal::new(false),
            fresh: RwSignal::new(true),
            typed: RwSignal::new(false),
            since: RwSignal::new(0.0),
            pending: RwSignal::new(HashSet::new()),
            decided: RwSignal::new(Vec::new()),
        };
        desk.draft();
        desk
    }

    /// Fills the form with what was typed before, else with the decision so far, else with the suggestion.
    pub(super) fn draft(self) {
        let draft = self.items.with_untracked(|items| {
            let item = items.get(self.at.get_untracked())?;
            Some(drafts::kept(item.grade).unwrap_or_else(|| Draft::of(item)))
        });
        let Draft { points, comment, .. } = draft.unwrap_or_default();
        self.points.set(points);
        self.comment.set(comment);
        self.error.set(None);
        self.fresh.set(true);
        self.typed.set(false);
        note_sight(self.since);
    }

    fn form(self) -> Draft {
        Draft::typed(self.points.get_untracked(), self.comment.get_untracked())
    }

    /// Puts what was typed aside until this answer comes up again.
    pub(super) fn keep(self) {
        let typed = self.typed.try_get_untracked() == Some(true);
        let Some(item) = self.current.try_get_untracked().flatten().filter(|_| typed) else {
            return;
        };
        let form = self.form();
        if form.says_the_same(&Draft::of(&item)) {
            drafts::forget(item.grade);
        } else {
            drafts::keep(item.grade, form);
        }
    }

    /// Whether something was typed for this answer that is not saved.
    pub(super) fn holds(self, grade: GradeId) -> bool {
        let typed = self.is_on_top(grade) && self.typed.try_get_untracked() == Some(true);
        typed || drafts::kept(grade).is_some()
    }

    /// Whether leaving the page would lose something.
    pub(super) fn would_lose(self) -> bool {
        self.keep();
        drafts::any_dear()
    }

    /// How many answers on the desk are not decided; none where the desk was opened behind the last one.
    pub(super) fn passed_over(self) -> Option<u32> {
        let pending = self.pending.get();
        self.items.with(|items| {
            let open = items
                .iter()
                .filter(|item| item.human.is_none() && !pending.contains(&item.grade));
            (!items.is_empty()).then(|| open.count() as u32)
        })
    }

    fn go(self, at: usize) {
        self.keep();
        let most = self.items.with_untracked(Vec::len);
        self.at.set(at.min(most));
        self.draft();
        self.fetch();
        self.points.with_untracked(|points| arrive(points));
    }

    pub fn next(self) {
        self.go(self.at.get_untracked() + 1);
    }

    pub fn back(self) {
        self.go(self.at.get_untracked().saturating_sub(1));
    }

    /// Puts this answer on top.
    pub fn show(self, grade: GradeId) {
        if let Some(at) = self
            .items
            .with_untracked(|items| items.iter().position(|item| item.grade == grade))
        {
            self.go(at);
        }
    }

    /// Fetches more before the last answer is reached.
    fn fetch(self) {
        let (ahead, last) = self.items.with_untracked(|items| {
            (
                items.len() - self.at.get_untracked(),
                items.last().map(|item| item.cursor),
            )
        });
        let Some(after) = last.filter(|_| ahead < AHEAD && self.more.get_untracked() && !self.fetching.get_untracked())
        else {
            return;
        };
        self.fetching.set(true);
        spawn_local(async move {
            let piece = read_queue(self.assignment, self.filter, after, PIECE).await;
            self.fetching.try_set(false);
            let Ok(piece) = piece else { return };
            self.questions
                .try_update(|known| known.extend(piece.questions.into_iter().map(|question| (question.id, question))));
            self.more.try_set(piece.more);
            let empty = self.items.try_update(|items| {
                let waited = self.at.get_untracked() >= items.len();
                let known: HashSet<GradeId> = items.iter().map(|item| item.grade).collect();
                items.extend(piece.items.into_iter().filter(|item| !known.contains(&item.grade)));
                waited
            });
            if empty == Some(true) {
                self.draft();
            }
        });
    }

    /// Saves what is in the form and moves on at once.
    pub fn save(self) {
        let Some((item, most)) = self.on_top() else { return };
        match typing::check(&self.points.get_untracked(), most) {
            Ok(points) => self.decide(item, points),
            Err(words) => self.error.set(Some(words)),
        }
    }

    /// Takes the suggestion over and moves on.
    pub fn accept(self) {
        let Some((item, _)) = self.on_top() else { return };
        if let Some(points) = item.machine.as_ref().map(|machine| machine.points) {
            self.decide(item, points);
        }
    }

    pub(super) fn on_top(self) -> Option<(ReviewItem, Points)> {
        let item = self.current.get_untracked()?;
        let most = self
            .question
            .with_untracked(|question| question.as_ref().map(|question| question.points))?;
        Some((item, most))
    }

    fn is_on_top(self, grade: GradeId) -> bool {
        let top = self.current.try_get_untracked().flatten();
        top.is_some_and(|item| item.grade == grade)
    }

    pub(super) fn item(self, grade: GradeId) -> Option<ReviewItem> {
        let items = self.items.try_get_untracked()?;
        items.into_iter().find(|item| item.grade == grade)
    }

    fn decide(self, item: ReviewItem, points: Points) {
        if !self.typed.get_untracked() && now() - self.since.get_untracked() < TOO_SOON {
            return;
        }
        let comment = self.comment.get_untracked();
        if self.begin(item.grade) {
            self.decided.update(|decided| decided.push(item.grade));
            // Until it is saved it waits with the drafts.
            drafts::keep(item.grade, Draft::typed(points.to_string(), comment.clone()));
            self.typed.set(false);
            self.next();
            self.send(item, Sent::Decision { points, comment });
        }
    }

    /// Sends what `begin` has let through.
    pub(super) fn send(self, item: ReviewItem, sent: Sent) {
        let (grade, version) = (item.grade, item.version);
        spawn_local(async move {
            let answer = match sent.clone() {
                Sent::Decision { points, comment } => {
                    decide_grade(grade, version, points, comment, self.filter.sample).await
                }
                Sent::TakenBack => clear_grade(grade, version).await,
            };
            self.end(item, sent, answer);
        });
    }

    /// Takes the last decision of this visit back, or else the one on top; the suggestion stands again.
    pub fn undo(self) {
        match self.decided.with_untracked(|decided| decided.last().copied()) {
            Some(last) => self.clear(last),
            None => self.take_back(),
        }
    }

    /// Takes the decision on top back.
    pub fn take_back(self) {
        if let Some(item) = self.current.get_untracked().filter(|item| item.human.is_some()) {
            self.clear(item.grade);
        }
    }

    fn clear(self, grade: GradeId) {
        if self.pending.with_untracked(|pending| pending.contains(&grade)) {
            return toast(Tone::Neutral, "Still being saved; press U again in a moment.");
        }
        if let Some(item) = self.item(grade)
            && self.begin(grade)
        {
            self.show(grade);
            self.send(item, Sent::TakenBack);
        }
    }

    /// Whether something may be sent for this answer now: one thing at a time.
    pub(super) fn begin(self, grade: GradeId) -> bool {
        let free = self
            .pending
            .try_update(|pending| pending.insert(grade))
            .unwrap_or(false);
        if !free {
            toast(Tone::Neutral, "This answer is still being saved.");
        }
        if free {
            self.settled(grade);
        }
        free
    }

    /// What the server said.
    fn end(self, item: ReviewItem, sent: Sent, answer: AppResult<Decided>) {
        self.pending.try_update(|pending| pending.remove(&item.grade));
        match answer {
            Ok(decided) => self.done(item, sent, decided),
            Err(error) => {
                if sent != Sent::TakenBack {
                    self.decided
                        .try_update(|decided| decided.retain(|grade| *grade != item.grade));
                }
                let conflict = error.kind == ErrorKind::Conflict;
                self.report(Trouble {
                    grade: item.grade,
                    label: item.label.clone(),
                    sent: sent.clone(),
                    error,
                });
                if conflict {
                    spawn_local(async move {
                        if let Ok(now) = read_item(item.grade, self.filter.sample).await {
                            self.compare(&now, &sent);
                            // Its place among the others stays.
                            let cursor = item.cursor;
                            self.replace(ReviewItem { cursor, ..now });
                        }
                    });
                }
            }
        }
    }

    /// It got through.
    fn done(self, item: ReviewItem, sent: Sent, decided: Decided) {
        let grade = item.grade;
        self.tally(item.question, item.state, decided.state);
        match &sent {
            Sent::Decision { points, comment } => {
                self.decided.try_update(|all| {
                    all.retain(|other| *other != grade);
                    all.push(grade);
                });
                let saved = Draft::typed(points.to_string(), comment.clone());
                if drafts::kept(grade).is_some_and(|draft| draft.says_the_same(&saved)) {
                    drafts::forget(grade);
                }
            }
            Sent::TakenBack => {
                self.decided.try_update(|all| all.retain(|other| *other != grade));
                // Most often to change it: what was decided stays in the form.
                if !self.holds(grade) {
                    drafts::keep(grade, Draft::of(&item));
                }
                toast(Tone::Neutral, "Decision taken back");
            }
        }
        if let Some(now) = self.item(grade) {
            self.replace(ReviewItem {
                version: decided.version,
                human: decided.human,
                state: decided.state,
                ..now
            });
        }
    }

    /// Where nobody tells how many answers stand where, the desk counts for itself.
    fn tally(self, question: QuestionId, before: ReviewState, after: ReviewState) {
        if self.link.try_get_untracked() == Some(Link::Live) {
            return;
        }
        self.parts.try_update(|parts| {
            let Some(part) = parts.iter_mut().find(|part| part.question == question) else {
                return;
            };
            let counts = &mut part.counts;
            if self.filter.sample && before != ReviewState::Reviewed && after == ReviewState::Reviewed {
                counts.sample = counts.sample.saturating_sub(1);
            }
            *place(counts, before) = place(counts, before).saturating_sub(1);
            *place(counts, after) += 1;
        });
    }

    /// An answer that was lost on its way back looks like a conflict; when what was sent stands, there is none.
    fn compare(self, now: &ReviewItem, sent: &Sent) {
        let stands = match (sent, &now.human) {
            (Sent::Decision { points, comment }, Some(human)) => {
                human.points == *points && human.comment.trim() == comment.trim()
            }
            (Sent::TakenBack, human) => human.is_none(),
            (Sent::Decision { .. }, None) => false,
        };
        if stands {
            drafts::forget(now.grade);
            self.settled(now.grade);
        }
    }

    fn replace(self, new: ReviewItem) {
        let grade = new.grade;
        self.items.try_update(|items| {
            if let Some(item) = items.iter_mut().find(|item| item.grade == grade) {
                *item = new;
            }
        });
        if self.is_on_top(grade) && self.typed.try_get_untracked() == Some(false) {
            self.draft();
        }
    }

    /// Changes the points as if this was typed.
    pub fn put(self, points: Points) {
        self.give(points.to_string());
        self.fresh.set(true);
    }

    /// Somebody changes the points.
    pub fn give(self, points: String) {
        self.points.set(points);
        self.error.set(None);
        self.typed.set(true);
    }

    /// Somebody writes in the points field: a digit pressed afterwards extends them.
    pub fn write_points(self, points: String) {
        self.give(points);
        self.fresh.set(false);
    }

    /// Somebody writes in the comment field.
    pub fn write_comment(self, comment: String) {
        self.comment.set(comment);
        self.typed.set(true);
    }
}

fn place(counts: &mut ReviewCounts, state: ReviewState) -> &mut u32 {
    match state {
        ReviewState::Waiting => &mut counts.waiting,
        ReviewState::Accepted => &mut counts.accepted,
        ReviewState::Reviewed => &mut counts.reviewed,
    }
}

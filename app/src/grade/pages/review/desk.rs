//! What lies on the desk, and what its keys do.

use super::typing;
use crate::error::{AppError, AppResult, ErrorKind};
use crate::grade::api::{clear_grade, decide_grade, read_item, read_items, read_queue};
use crate::grade::live::{Link, watch};
use crate::grade::model::{Decided, Progress, QueueFilter, ReviewCounts, ReviewDesk, ReviewItem, ReviewState};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::question::model::Question;
use crate::ui::{Tone, toast, writes};
use leptos::ev::{KeyboardEvent, keydown};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use std::collections::{HashMap, HashSet};

/// More answers are fetched when fewer than this lie ahead.
const AHEAD: usize = 6;
/// How many are fetched at once.
const PIECE: u32 = 20;

/// A decision that did not get through.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub grade: GradeId,
    pub label: String,
    pub error: AppError,
}

/// The state of the page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Desk {
    pub assignment: AssignmentId,
    pub filter: QueueFilter,
    pub items: RwSignal<Vec<ReviewItem>>,
    pub counts: RwSignal<ReviewCounts>,
    /// Which of the items lies on top; past the last one there is nothing left.
    pub at: RwSignal<usize>,
    pub current: Memo<Option<ReviewItem>>,
    pub question: Memo<Option<Question>>,
    /// The points and comment being written.
    pub points: RwSignal<String>,
    pub comment: RwSignal<String>,
    pub error: RwSignal<Option<String>>,
    pub trouble: RwSignal<Option<Trouble>>,
    pub comment_field: NodeRef<html::Div>,
    questions: RwSignal<HashMap<QuestionId, Question>>,
    more: RwSignal<bool>,
    fetching: RwSignal<bool>,
    /// Whether the next digit replaces the suggestion.
    fresh: RwSignal<bool>,
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
        let desk = Desk {
            assignment: opened.assignment,
            filter: opened.filter,
            items,
            counts: RwSignal::new(opened.queue.counts),
            at,
            current,
            question,
            points: RwSignal::new(String::new()),
            comment: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            trouble: RwSignal::new(None),
            comment_field: NodeRef::new(),
            questions,
            more: RwSignal::new(opened.queue.more),
            fetching: RwSignal::new(false),
            fresh: RwSignal::new(true),
            pending: RwSignal::new(HashSet::new()),
            decided: RwSignal::new(Vec::new()),
        };
        desk.draft();
        desk
    }

    /// Puts the decision so far, else the suggestion, into the form.
    fn draft(self) {
        let (points, comment) = self.items.with_untracked(|items| {
            let item = items.get(self.at.get_untracked());
            let human = item.and_then(|item| item.human.as_ref());
            let machine = item.and_then(|item| item.machine.as_ref());
            let points = human
                .map(|human| human.points)
                .or(machine.map(|machine| machine.points));
            (points, human.map(|human| human.comment.clone()))
        });
        self.points
            .set(points.map(|points| points.to_string()).unwrap_or_default());
        self.comment.set(comment.unwrap_or_default());
        self.error.set(None);
        self.fresh.set(true);
    }

    fn go(self, at: usize) {
        let most = self.items.with_untracked(Vec::len);
        self.at.set(at.min(most));
        self.draft();
        self.fetch();
    }

    pub fn next(self) {
        self.go(self.at.get_untracked() + 1);
    }

    pub fn back(self) {
        self.go(self.at.get_untracked().saturating_sub(1));
    }

    /// Puts this answer on top.
    pub fn show(self, grade: GradeId) {
        self.trouble.set(None);
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

    fn on_top(self) -> Option<(ReviewItem, Points)> {
        let item = self.current.get_untracked()?;
        let most = self
            .question
            .with_untracked(|question| question.as_ref().map(|question| question.points))?;
        Some((item, most))
    }

    fn decide(self, item: ReviewItem, points: Points) {
        let comment = self.comment.get_untracked();
        if self.begin(item.grade) {
            self.decided.update(|decided| decided.push(item.grade));
            let (grade, version) = (item.grade, item.version);
            self.next();
            let blind = self.filter.sample;
            spawn_local(async move { self.end(item, decide_grade(grade, version, points, comment, blind).await) });
        }
    }

    /// Takes the last decision of this visit back, or the one on top; the suggestion stands again.
    pub fn undo(self) {
        let last = self.decided.try_update(Vec::pop).flatten();
        let on_top = self
            .current
            .with_untracked(|item| item.as_ref().filter(|item| item.human.is_some()).map(|item| item.grade));
        let Some(grade) = last.or(on_top) else { return };
        let Some(item) = self
            .items
            .with_untracked(|items| items.iter().find(|item| item.grade == grade).cloned())
        else {
            return;
        };
        if item.human.is_none() {
            // Its decision is still on the way, or did not get through.
            if self.pending.with_untracked(|pending| pending.contains(&grade)) {
                self.decided.update(|decided| decided.push(grade));
                toast(Tone::Neutral, "Still being saved; press U again in a moment.");
            }
        } else if self.begin(grade) {
            self.show(grade);
            spawn_local(async move {
                let answer = clear_grade(grade, item.version).await;
                let done = answer.is_ok();
                self.end(item, answer);
                if done {
                    toast(Tone::Neutral, "Decision taken back");
                }
            });
        }
    }

    /// Whether something may be sent for this answer now: one thing at a time.
    fn begin(self, grade: GradeId) -> bool {
        let free = self
            .pending
            .try_update(|pending| pending.insert(grade))
            .unwrap_or(false);
        if !free {
            toast(Tone::Neutral, "This answer is still being saved.");
        }
        free
    }

    /// What the server said.
    fn end(self, item: ReviewItem, answer: AppResult<Decided>) {
        self.pending.try_update(|pending| pending.remove(&item.grade));
        match answer {
            Ok(decided) => {
                self.counts.try_update(|counts| {
                    *place(counts, item.state) = place(counts, item.state).saturating_sub(1);
                    *place(counts, decided.state) += 1;
                });
                self.replace(ReviewItem {
                    version: decided.version,
                    human: decided.human,
                    state: decided.state,
                    ..item
                });
            }
            Err(error) => {
                self.decided
                    .try_update(|decided| decided.retain(|grade| *grade != item.grade));
                let conflict = error.kind == ErrorKind::Conflict;
                self.trouble.try_set(Some(Trouble {
                    grade: item.grade,
                    label: item.label.clone(),
                    error,
                }));
                if conflict {
                    spawn_local(async move {
                        if let Ok(now) = read_item(item.grade, self.filter.sample).await {
                            // Its place among the others stays.
                            let cursor = item.cursor;
                            self.replace(ReviewItem { cursor, ..now });
                        }
                    });
                }
            }
        }
    }

    fn replace(self, new: ReviewItem) {
        let on_top = self
            .current
            .try_get_untracked()
            .flatten()
            .is_some_and(|item| item.grade == new.grade);
        self.items.try_update(|items| {
            if let Some(item) = items.iter_mut().find(|item| item.grade == new.grade) {
                *item = new;
            }
        });
        if on_top {
            self.draft();
        }
    }

    /// Changes the points as if this was typed.
    pub fn put(self, points: Points) {
        self.points.set(points.to_string());
        self.error.set(None);
        self.fresh.set(true);
    }

    /// Follows the machine as it learns: what lies on the desk and is not decided gets the newest suggestion, wherever the decision came
    /// from. What somebody has begun to type stays.
    pub fn follow(self) {
        let progress = RwSignal::new(Progress::default());
        let link = RwSignal::new(Link::Snapshot);
        Effect::new(move |_| watch(self.assignment, progress, link));
        let lessons = Memo::new(move |_| {
            progress.with(|now| {
                let learnt = now
                    .questions
                    .iter()
                    .filter_map(|row| Some((row.question, row.learnt.clone()?)));
                learnt.collect::<Vec<_>>()
            })
        });
        let seen = RwSignal::new(None::<HashMap<QuestionId, i64>>);
        Effect::new(move |_| {
            let now = lessons.get();
            let known = seen.get_untracked();
            seen.set(Some(now.iter().map(|(id, learnt)| (*id, learnt.lessons)).collect()));
            // The first picture is the one the page was drawn from, as far as anyone can tell.
            let Some(known) = known else { return };
            let newer: HashSet<QuestionId> = now
                .iter()
                .filter(|(id, learnt)| known.get(id).is_none_or(|lessons| *lessons < learnt.lessons))
                .map(|(id, _)| *id)
                .collect();
            let changed: u32 = now
                .iter()
                .filter(|(id, _)| newer.contains(id))
                .map(|(_, learnt)| learnt.changed)
                .sum();
            if !newer.is_empty() {
                self.refresh(newer, changed);
            }
        });
    }

    fn refresh(self, questions: HashSet<QuestionId>, changed: u32) {
        if self.filter.sample {
            return;
        }
        let at = self.at.get_untracked();
        let wanted: Vec<GradeId> = self.items.with_untracked(|items| {
            let open = items
                .iter()
                .skip(at)
                .filter(|item| item.human.is_none() && questions.contains(&item.question));
            open.map(|item| item.grade).take(50).collect()
        });
        if changed > 0 {
            let answers = if changed == 1 { "1 suggestion" } else { "suggestions" };
            let words = if changed == 1 {
                answers.to_owned()
            } else {
                format!("{changed} {answers}")
            };
            toast(Tone::Machine, format!("Learnt from your decisions: {words} changed"));
        }
        if wanted.is_empty() {
            return;
        }
        let untouched = self.fresh.get_untracked() && self.comment.with_untracked(String::is_empty);
        spawn_local(async move {
            let Ok(now) = read_items(self.assignment, wanted).await else {
                return;
            };
            let mut now: HashMap<GradeId, ReviewItem> = now.into_iter().map(|item| (item.grade, item)).collect();
            let top = self.current.try_get_untracked().flatten().map(|item| item.grade);
            self.items.try_update(|items| {
                for item in items.iter_mut().filter(|item| item.human.is_none()) {
                    // Its place in the queue stays: nothing jumps under the reader's eyes.
                    if let Some(new) = now.remove(&item.grade) {
                        let cursor = item.cursor;
                        *item = ReviewItem { cursor, ..new };
                    }
                }
            });
            let same = top.is_some() && top == self.current.try_get_untracked().flatten().map(|item| item.grade);
            if same && untouched && self.fresh.try_get_untracked() == Some(true) {
                self.draft();
            }
        });
    }

    /// Listens to the keys of the page.
    pub fn listen(self) {
        Effect::new(move |_| {
            let listener = window_event_listener(keydown, move |event| self.key(&event));
            on_cleanup(move || listener.remove());
        });
    }

    fn key(self, event: &KeyboardEvent) {
        let key = event.key();
        if key == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.repeat() {
            event.prevent_default();
            return self.save();
        }
        if key == "Escape" && writes(event) {
            return blur(event);
        }
        let Some((_, most)) = self.on_top().filter(|_| !writes(event)) else {
            // On the last page back is the only way.
            if matches!(key.as_str(), "k" | "K") && !writes(event) {
                self.back();
            } else if matches!(key.as_str(), "u" | "U") && !writes(event) {
                self.undo();
            }
            return;
        };
        match key.as_str() {
            "Enter" if event.repeat() || presses(event) => return,
            "Enter" => self.save(),
            "a" | "A" if !event.repeat() => self.accept(),
            "j" | "J" => self.next(),
            "k" | "K" => self.back(),
            "u" | "U" if !event.repeat() => self.undo(),
            "c" | "C" => self.focus_comment(),
            "+" | "=" => self.type_over(|text| typing::step(text, true, most)),
            "-" | "−" => self.type_over(|text| typing::step(text, false, most)),
            "." | "," | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
                let (digit, fresh) = (key.chars().next().unwrap_or('0'), self.fresh.get_untracked());
                self.type_over(|text| typing::press(text, fresh, digit, most));
                self.fresh.set(false);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn type_over(self, change: impl FnOnce(&str) -> String) {
        let text = self.points.with_untracked(|text| change(text));
        self.points.set(text);
        self.error.set(None);
    }

    fn focus_comment(self) {
        let Some(holder) = self.comment_field.get_untracked() else {
            return;
        };
        if let Ok(Some(field)) = holder.query_selector("textarea") {
            let _ = field.unchecked_into::<leptos::web_sys::HtmlElement>().focus();
        }
    }
}

fn place(counts: &mut ReviewCounts, state: ReviewState) -> &mut u32 {
    match state {
        ReviewState::Waiting => &mut counts.waiting,
        ReviewState::Accepted => &mut counts.accepted,
        ReviewState::Reviewed => &mut counts.reviewed,
    }
}

/// Whether Enter already means something where it was pressed.
fn presses(event: &KeyboardEvent) -> bool {
    let element: leptos::web_sys::HtmlElement = event_target(event);
    matches!(
        element.tag_name().to_ascii_lowercase().as_str(),
        "button" | "a" | "summary"
    )
}

fn blur(event: &KeyboardEvent) {
    let element: leptos::web_sys::HtmlElement = event_target(event);
    let _ = element.blur();
}

//! The desk while the machine learns and colleagues decide: newer suggestions, and how many answers stand where.

use super::desk::Desk;
use crate::grade::api::read_items;
use crate::grade::live::watch;
use crate::grade::model::{Progress, QuestionProgress, QueueQuestion, ReviewCounts, ReviewItem};
use crate::ids::{GradeId, QuestionId};
use crate::ui::{Tone, toast_about};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{HashMap, HashSet};

impl Desk {
    /// Follows the machine as it learns: what lies on the desk and is not decided gets the newest suggestion, wherever the decision came
    /// from. What somebody has begun to type stays.
    pub fn follow(self) {
        let progress = RwSignal::new(Progress::default());
        Effect::new(move |_| watch(self.assignment, progress, self.link));
        Effect::new(move |_| progress.with(|now| self.count(now)));
        // None until the first picture is there.
        let lessons = Memo::new(move |_| {
            progress.with(|now| {
                let learnt = now
                    .questions
                    .iter()
                    .filter_map(|row| Some((row.question, row.learnt.clone()?)));
                (!now.questions.is_empty()).then(|| learnt.collect::<Vec<_>>())
            })
        });
        let seen = RwSignal::new(None::<HashMap<QuestionId, i64>>);
        Effect::new(move |_| {
            let Some(now) = lessons.get() else { return };
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

    /// The counts on the tabs, as they are now for everyone.
    fn count(self, now: &Progress) {
        if now.questions.is_empty() {
            return;
        }
        let part = |row: &QuestionProgress| QueueQuestion {
            question: row.question,
            position: row.position,
            counts: ReviewCounts {
                waiting: row.waiting,
                accepted: row.accepted,
                reviewed: row.reviewed,
                sample: row.sample,
            },
        };
        let parts: Vec<QueueQuestion> = now.questions.iter().map(part).collect();
        if self.parts.with_untracked(|old| *old != parts) {
            self.parts.set(parts);
        }
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
            let words = if changed == 1 {
                "1 suggestion".to_owned()
            } else {
                format!("{changed} suggestions")
            };
            toast_about(
                "learnt",
                Tone::Machine,
                format!("Learnt from new decisions: {words} changed"),
            );
        }
        if wanted.is_empty() {
            return;
        }
        spawn_local(async move {
            let Ok(now) = read_items(self.assignment, wanted).await else {
                return;
            };
            let mut now: HashMap<GradeId, ReviewItem> = now.into_iter().map(|item| (item.grade, item)).collect();
            // Somebody else has decided while one was typing here: the old version stays, so that saving says so.
            now.retain(|grade, new| new.human.is_none() || !self.holds(*grade));
            let top = self.current.try_get_untracked().flatten();
            self.items.try_update(|items| {
                for item in items.iter_mut().filter(|item| item.human.is_none()) {
                    // Its place in the queue stays: nothing jumps under the reader's eyes.
                    if let Some(new) = now.remove(&item.grade) {
                        let cursor = item.cursor;
                        *item = ReviewItem { cursor, ..new };
                    }
                }
            });
            // Looked at only now: meanwhile something may have been typed.
            if let Some(top) = top
                && self.current.try_get_untracked().flatten().as_ref() != Some(&top)
                && !self.holds(top.grade)
            {
                self.draft();
            }
        });
    }
}

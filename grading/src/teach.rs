//! A whole question at once: a teacher grades some answers, this suggests grades for the others,
//! groups answers that say the same, and says which answer is worth grading next.
//!
//! Pure: the same studies, grades and order give the same suggestions, bit for bit. A suggestion for
//! an answer depends on the question and the graded answers, not on the other answers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::consistency::{Conflict, conflicts_in};
use crate::decide::Decider;
use crate::engine::Shared;
use crate::lesson::Lesson;
use crate::request::{Limits, RubricPart};
use crate::study::Study;
use crate::{Decision, Grade, GradeRequest, GradedExample, GradingError, groups};

/// A question with its graded and its open answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionRequest {
    pub question: String,
    /// Model answers, each worth full points on its own.
    pub references: Vec<String>,
    pub rubric: Vec<RubricPart>,
    /// In the order in which they were graded.
    pub graded: Vec<GradedExample>,
    /// The answers to suggest grades for.
    pub answers: Vec<String>,
    pub max_points_hundredths: i32,
    pub step_hundredths: i32,
    /// Accept so that this share of the accepted suggestions would be the teacher's; 0 means the
    /// grader's own setting.
    pub target_agreement: f32,
}

/// What the machine makes of a question. Lists go with the answers of the request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionSuggestions {
    pub grades: Vec<Grade>,
    /// Group number of each answer; answers of one group say the same thing.
    pub groups: Vec<u32>,
    /// Group number of each graded example, from the same numbering.
    pub graded_groups: Vec<u32>,
    /// How many answers of the request a grade for this one settles, itself included.
    pub settles: Vec<u32>,
    /// Indexes of the answers to grade next, most useful first: one of each group that waits for a
    /// person.
    pub next: Vec<u32>,
    /// From which confidence on suggestions were accepted; above 1 when none can be.
    pub threshold: f32,
    /// Graded examples that say the same and got different scores (indexes into `graded`).
    pub conflicts: Vec<Conflict>,
    pub model: String,
}

/// More answers than this are refused: groups and queue are made of all of them at once.
pub const MOST_ANSWERS: usize = 50_000;

impl QuestionRequest {
    /// The request for one of its answers.
    pub fn single(&self, answer: &str) -> GradeRequest {
        GradeRequest {
            question: self.question.clone(),
            references: self.references.clone(),
            rubric: self.rubric.clone(),
            graded: self.graded.clone(),
            answer: answer.to_owned(),
            max_points_hundredths: self.max_points_hundredths,
            step_hundredths: self.step_hundredths,
        }
    }

    /// Neither references nor graded answers: there is nothing to go by, a rubric aside.
    pub(crate) fn is_unfounded(&self) -> bool {
        self.references.is_empty() && self.graded.is_empty()
    }

    pub(crate) fn check(&self, limits: &Limits) -> Result<(), GradingError> {
        self.single("").check(limits)?;
        if self.answers.len() > MOST_ANSWERS {
            return Err(GradingError::TooLarge(format!(
                "{} answers to one question; the limit is {MOST_ANSWERS}",
                self.answers.len()
            )));
        }
        match self.answers.iter().find(|text| text.len() > limits.text_bytes) {
            None => Ok(()),
            Some(text) => Err(GradingError::TooLarge(format!(
                "an answer has {} bytes; the limit is {}",
                text.len(),
                limits.text_bytes
            ))),
        }
    }
}

/// Learns from the graded answers and decides on the others.
pub(crate) fn suggest(
    shared: &Shared,
    request: &QuestionRequest,
    graded: &[Arc<Study>],
    answers: &[Arc<Study>],
) -> QuestionSuggestions {
    let scores: Vec<f32> = request.graded.iter().map(|example| example.score).collect();
    let lesson = Lesson::fit(graded.iter().cloned().zip(scores.iter().copied()).collect());
    let target = if request.target_agreement > 0.0 {
        request.target_agreement
    } else {
        shared.target
    };
    let threshold = shared.head.threshold_after(target, graded.len());
    let decider = Decider {
        head: &shared.head,
        version: &shared.version,
        accept_from: threshold,
        lesson: &lesson,
        context: request.single("").context_hash(),
        max_points_hundredths: request.max_points_hundredths,
        step_hundredths: request.step_hundredths,
    };
    let grades: Vec<Grade> = answers.iter().map(|answer| decider.grade(answer)).collect();

    let known: Vec<_> = graded
        .iter()
        .chain(answers)
        .map(|study| (&study.prepared, study.pooled.as_slice()))
        .collect();
    let all = groups::group_known(&known);
    let (graded_groups, own) = all.split_at(graded.len());
    let settles = groups::sizes(own);
    let step = request.single("").step_share();
    QuestionSuggestions {
        next: next(&grades, own, &settles),
        conflicts: conflicts_in(graded_groups, &scores, 0.5 * step),
        groups: own.to_vec(),
        graded_groups: graded_groups.to_vec(),
        settles,
        threshold,
        model: shared.version.clone(),
        grades,
    }
}

/// One answer of each group that waits for a person: the least sure first, and groups that settle
/// much before single answers.
pub(crate) fn next(grades: &[Grade], groups: &[u32], settles: &[u32]) -> Vec<u32> {
    let mut seen = std::collections::HashSet::new();
    let mut order: Vec<(f32, u32)> = grades
        .iter()
        .enumerate()
        .filter(|(at, grade)| grade.decision == Decision::Review && seen.insert(groups[*at]))
        .map(|(at, grade)| ((1.0 - grade.confidence) * (settles[at] as f32).sqrt(), at as u32))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, at)| at).collect()
}

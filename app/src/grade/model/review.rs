//! What travels to and from the review queue and the cockpit.

use super::{Decision, Evidence, Progress, ReviewState};
use crate::ids::{AssignmentId, CourseId, FileId, GradeId, QuestionId};
use crate::points::Points;
use crate::question::model::Question;
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Stands in `grades.model` when no model could grade the answer.
pub const NO_MODEL: &str = "none";

/// The machine's suggestion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Machine {
    pub points: Points,
    /// 0–1; none for exact rules.
    pub confidence: Option<f32>,
    pub decision: Decision,
    pub reason: Option<String>,
    pub evidence: Evidence,
    pub model: String,
}

impl Machine {
    /// `81 % sure`, or that a rule decided.
    pub fn certainty(&self) -> String {
        match self.confidence {
            Some(confidence) if confidence < 0.005 => "not sure".into(),
            Some(confidence) => format!("{:.0} % sure", confidence * 100.0),
            None => "by rule".into(),
        }
    }
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Human {
    pub points: Points,
    pub comment: String,
    pub by: String,
    pub at: Moment,
}

/// An answer, ready to be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AnswerView {
    /// The student's own words, whole.
    pub text: String,
    /// The options of a choice question; empty for the other kinds.
    pub options: Vec<OptionView>,
    /// The attached file.
    pub file: Option<FileView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct OptionView {
    pub text: String,
    pub chosen: bool,
    /// Whether it is right; not told to students.
    pub correct: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FileView {
    pub id: FileId,
    pub name: String,
    /// What the grader reads in it.
    pub text: String,
}

/// One answer with its suggestion and decision, without a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ReviewItem {
    pub grade: GradeId,
    /// Sent back with a decision: it only counts if nobody decided in between.
    pub version: i32,
    /// `Answer 4817`: the same for everyone and every visit, and says nothing about the student.
    pub label: String,
    pub question: QuestionId,
    pub answer: AnswerView,
    /// None when the answer could not be graded by the machine.
    pub machine: Option<Machine>,
    pub human: Option<Human>,
    pub state: ReviewState,
    /// The group it belongs to and how many undecided answers that settles, when it is more than one.
    #[serde(default)]
    pub settles: Option<(GradeId, u32)>,
    /// Why it is here when the machine says nothing.
    pub problem: Option<String>,
    pub cursor: Cursor,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Cursor {
    pub order: i32,
    pub grade: GradeId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.order, self.grade)
    }
}

/// The text is no place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This link into the list is damaged.")]
pub struct CursorError;

impl FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (order, grade) = text.split_once('.').ok_or(CursorError)?;
        Ok(Self {
            order: order.parse().map_err(|_| CursorError)?,
            grade: grade.parse().map_err(|_| CursorError)?,
        })
    }
}

/// Which answers a queue shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QueueFilter {
    pub question: Option<QuestionId>,
    pub state: ReviewState,
    /// Only the random sample by which the dial is audited, whatever the state.
    #[serde(default)]
    pub sample: bool,
}

/// A piece of the queue, with the questions its answers belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ReviewQueue))]
pub struct Queue {
    pub items: Vec<ReviewItem>,
    pub questions: Vec<Question>,
    pub counts: ReviewCounts,
    /// Whether more answers follow the last one.
    pub more: bool,
}

/// How many answers stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ReviewCounts {
    pub waiting: u32,
    pub accepted: u32,
    pub reviewed: u32,
    /// Drawn at random from what was accepted, and not looked at yet.
    #[serde(default)]
    pub sample: u32,
}

impl ReviewCounts {
    /// How many a queue with this filter shows.
    pub fn shown(self, filter: QueueFilter) -> u32 {
        match filter.state {
            _ if filter.sample => self.sample,
            ReviewState::Waiting => self.waiting,
            ReviewState::Accepted => self.accepted,
            ReviewState::Reviewed => self.reviewed,
        }
    }
}

impl std::iter::Sum for ReviewCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, each| Self {
            waiting: all.waiting + each.waiting,
            accepted: all.accepted + each.accepted,
            reviewed: all.reviewed + each.reviewed,
            sample: all.sample + each.sample,
        })
    }
}

/// One question of the assignment, and how many of its answers stand where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueQuestion {
    pub question: QuestionId,
    pub position: i32,
    pub counts: ReviewCounts,
}

/// What the review page opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewDesk {
    pub assignment: AssignmentId,
    pub title: String,
    pub course: CourseId,
    pub course_title: String,
    pub filter: QueueFilter,
    /// Every question of the assignment, in order.
    pub questions: Vec<QueueQuestion>,
    pub queue: Queue,
}

/// A decision as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Decided {
    pub grade: GradeId,
    pub version: i32,
    pub human: Option<Human>,
    pub state: ReviewState,
}

/// What publishing would do now, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Publishing {
    /// Students who have submitted.
    pub students: u32,
    pub answers: u32,
    /// Still waiting for the grader.
    pub ungraded: u32,
    /// Waiting for a human.
    pub waiting: u32,
    /// Decided by a human.
    pub reviewed: u32,
    pub published_at: Option<Moment>,
}

impl Publishing {
    /// What is not settled, in words; none when everything is.
    pub fn unsettled(&self) -> Option<String> {
        let answers = |n: u32| {
            if n == 1 {
                "1 answer".to_owned()
            } else {
                format!("{n} answers")
            }
        };
        match (self.ungraded, self.waiting) {
            (0, 0) => None,
            (0, waiting) => Some(format!("{} still wait{} for review", answers(waiting), s(waiting))),
            (ungraded, 0) => Some(format!("{} {} not graded yet", answers(ungraded), are(ungraded))),
            (ungraded, waiting) => Some(format!(
                "{} {} not graded yet and {} still wait{} for review",
                answers(ungraded),
                are(ungraded),
                answers(waiting),
                s(waiting)
            )),
        }
    }
}

fn are(n: u32) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn s(n: u32) -> &'static str {
    if n == 1 { "s" } else { "" }
}

/// What the cockpit opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cockpit {
    pub assignment: AssignmentId,
    pub title: String,
    pub course: CourseId,
    pub course_title: String,
    pub progress: Progress,
    pub publishing: Publishing,
    /// Only teachers publish; assistants watch and review.
    pub may_publish: bool,
}

/// A name for an answer that names nobody.
pub fn label(grade: GradeId) -> String {
    // Multiplying by an odd number scatters the random low bits into the high ones that are kept.
    let scattered = (grade.0.as_u128() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    format!("Answer {}", 1000 + scattered % 9000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn publishing_says_what_is_open() {
        let open = |ungraded, waiting| {
            Publishing {
                ungraded,
                waiting,
                ..Publishing::default()
            }
            .unsettled()
        };
        assert_eq!(open(0, 0), None);
        assert_eq!(open(0, 1).as_deref(), Some("1 answer still waits for review"));
        assert_eq!(open(2, 0).as_deref(), Some("2 answers are not graded yet"));
        assert_eq!(
            open(1, 3).as_deref(),
            Some("1 answer is not graded yet and 3 answers still wait for review")
        );
    }

    proptest! {
        #[test]
        fn cursors_come_back(order in any::<i32>(), id in any::<u128>()) {
            let cursor = Cursor { order, grade: GradeId(uuid::Uuid::from_u128(id)) };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_or_not_without_panic(text in ".{0,60}") {
            let _ = text.parse::<Cursor>();
        }
    }
}

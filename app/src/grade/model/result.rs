//! A graded submission as its student and the staff see it.

use super::{AnswerView, Human, Machine, RubricMatch};
use crate::ids::{AssignmentId, CourseId, GradeId, QuestionId, SubmissionId};
use crate::points::Points;
use crate::time::Moment;
use serde::{Deserialize, Serialize};

/// The whole result of one submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ResultSheet {
    pub submission: SubmissionId,
    pub assignment: AssignmentId,
    pub title: String,
    pub course: CourseId,
    pub course_title: String,
    /// Who answered.
    pub student: String,
    /// Whether the reader is staff, who see it before publishing and with the key.
    pub for_staff: bool,
    pub published_at: Option<Moment>,
    pub submitted_at: Moment,
    /// Points of all questions.
    pub earned: Points,
    /// What is taken off for lateness, in percent of the earned points.
    pub late_percent: i32,
    /// What counts: earned less lateness.
    pub total: Points,
    pub of: Points,
    pub questions: Vec<QuestionResult>,
    pub distribution: Option<Distribution>,
}

impl ResultSheet {
    /// The deduction in words; none when on time.
    pub fn late_words(&self) -> Option<String> {
        (self.late_percent > 0).then(|| {
            let off = self.earned - self.total;
            format!(
                "Handed in late: {} % less, that is {off} points of the {} earned.",
                self.late_percent, self.earned
            )
        })
    }

    /// Questions without any points yet.
    pub fn open_questions(&self) -> usize {
        self.questions
            .iter()
            .filter(|question| question.points.is_none())
            .count()
    }
}

/// One question of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionResult {
    pub question: QuestionId,
    pub grade: Option<GradeId>,
    pub position: i32,
    pub prompt: String,
    pub of: Points,
    /// What counts; none while nobody has graded it.
    pub points: Option<Points>,
    pub answer: AnswerView,
    pub machine: Option<Machine>,
    pub human: Option<Human>,
    /// Published although it waited for a person.
    pub unseen: bool,
}

/// How the class did: submissions per tenth of the points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Distribution {
    pub bins: Vec<u32>,
    /// The bin this submission is in.
    pub own: u32,
    pub submissions: u32,
}

/// Fewer submissions than this would tell a student about single classmates.
pub const SMALLEST_DISTRIBUTION: usize = 5;

/// How far a part of the rubric is met, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    Yes,
    Partly,
    No,
}

impl Met {
    pub fn from_strength(strength: f32) -> Met {
        match strength {
            s if s >= 0.7 => Met::Yes,
            s if s >= 0.4 => Met::Partly,
            _ => Met::No,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Met::Yes => "Met",
            Met::Partly => "Partly met",
            Met::No => "Not found",
        }
    }
}

/// Points of the parts that were found, partly found ones with half of theirs.
pub fn found_points(rubric: &[RubricMatch]) -> Points {
    let points = rubric.iter().map(|part| match Met::from_strength(part.strength) {
        Met::Yes => part.points.0,
        Met::Partly => part.points.0 / 2,
        Met::No => 0,
    });
    Points(points.sum())
}

/// Whether the points lie where the parts say: at least those of the parts that are met, at most those and the partly met ones.
/// Else a student would read a contradiction. Parts without points contradict nothing.
pub fn goes_with(rubric: &[RubricMatch], points: Points) -> bool {
    let of = |wanted: &[Met]| -> i32 {
        let parts = rubric
            .iter()
            .filter(|part| wanted.contains(&Met::from_strength(part.strength)));
        parts.map(|part| part.points.0).sum()
    };
    let worthless = rubric.iter().all(|part| part.points == Points::ZERO);
    worthless || (of(&[Met::Yes])..=of(&[Met::Yes, Met::Partly])).contains(&points.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(points: i32, strength: f32) -> RubricMatch {
        RubricMatch {
            text: String::new(),
            points: Points(points),
            strength,
            span: None,
            feedback: String::new(),
        }
    }

    #[test]
    fn strengths_become_words() {
        assert_eq!(Met::from_strength(1.0), Met::Yes);
        assert_eq!(Met::from_strength(0.5), Met::Partly);
        assert_eq!(Met::from_strength(0.0), Met::No);
        assert_eq!(Met::from_strength(f32::NAN), Met::No);
    }

    #[test]
    fn students_read_no_criteria_that_contradict_their_points() {
        let rubric = [part(100, 1.0), part(50, 0.5), part(50, 0.0)];
        for (points, fits) in [(50, false), (100, true), (125, true), (150, true), (200, false)] {
            assert_eq!(goes_with(&rubric, Points(points)), fits, "{points}");
        }
        assert!(goes_with(&[part(100, 0.0)], Points::ZERO) && !goes_with(&[part(100, 0.0)], Points(100)));
        assert!(goes_with(&[part(0, 0.0), part(0, 1.0)], Points(150)));
    }

    #[test]
    fn parts_that_were_found_add_up() {
        assert_eq!(
            found_points(&[part(200, 0.9), part(100, 0.5), part(50, 0.1)]),
            Points(250)
        );
    }
}

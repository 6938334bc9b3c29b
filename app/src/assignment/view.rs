//! What the pages of an assignment are drawn from.

use super::content::AssignmentForm;
use super::model::Phase;
use super::text::counted;
use crate::ids::{AssignmentId, CourseId};
use crate::points::Points;
use crate::question::model::Question;
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// The course an assignment belongs to, as far as its pages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CoursePlace {
    pub id: CourseId,
    pub code: String,
    pub title: String,
    pub archived: bool,
    /// Students enrolled now.
    pub students: u32,
    /// The zone of every date that is typed: `Europe/Berlin`.
    pub time_zone: String,
    /// A new assignment as typed without script and refused; it is shown instead of an empty form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub typed: Option<AssignmentForm>,
}

/// A whole assignment with its questions and keys, for staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StaffAssignment {
    pub id: AssignmentId,
    pub course: CoursePlace,
    pub title: String,
    pub instructions: String,
    pub due: Option<Moment>,
    pub closes: Option<Moment>,
    pub late_percent_per_day: i32,
    pub show_distribution: bool,
    pub published: Option<Moment>,
    pub grades_published: Option<Moment>,
    pub phase: Phase,
    /// Send it back with a change; a change in the meantime is then noticed.
    pub version: i32,
    /// Whether the reader may change it; assistants only look.
    pub may_edit: bool,
    pub questions: Vec<Question>,
    /// Submissions begun, handed in or not.
    pub started: u32,
    pub now: Timestamp,
    /// What was typed without script and refused, and the version it was typed over; it is shown instead of what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub typed: Option<(i32, AssignmentForm)>,
}

impl StaffAssignment {
    pub fn total(&self) -> Points {
        self.questions.iter().map(|question| question.points).sum()
    }

    /// Questions can be added, moved and removed until students see them.
    pub fn questions_can_move(&self) -> bool {
        self.may_edit && self.phase == Phase::Draft && self.started == 0
    }

    /// `58 students will see 5 questions worth 12 points`
    pub fn publish_words(&self) -> String {
        let students = counted(self.course.students.into(), "student", "students");
        let questions = counted(self.questions.len() as u64, "question", "questions");
        let total = self.total();
        let points = if total == Points(100) { "point" } else { "points" };
        format!("{students} will see {questions} worth {total} {points}")
    }

    /// What the form shows to begin with.
    pub fn form(&self) -> AssignmentForm {
        let date = |moment: Option<Moment>| moment.map(Moment::input_value).unwrap_or_default();
        AssignmentForm {
            title: self.title.clone(),
            instructions: self.instructions.clone(),
            due: date(self.due),
            closes: date(self.closes),
            late_percent: self.late_percent_per_day.to_string(),
            show_distribution: if self.show_distribution {
                "on".into()
            } else {
                String::new()
            },
        }
    }
}

/// One line in a course's list of assignments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AssignmentSummary {
    pub id: AssignmentId,
    pub course: CourseId,
    pub title: String,
    pub due: Option<Moment>,
    pub closes: Option<Moment>,
    pub phase: Phase,
    pub late_percent_per_day: i32,
    pub questions: u32,
    pub points: Points,
    /// How far the class is; only for staff.
    pub staff: Option<StaffOverview>,
}

/// How far the class is with one assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StaffOverview {
    /// Students enrolled.
    pub students: u32,
    /// Submissions begun, handed in or not.
    pub started: u32,
    pub submitted: u32,
    /// Answers queued, held back or being graded.
    pub queued: u32,
    /// Of those, held back until a teacher starts grading.
    pub held: u32,
    /// Answers that could not be graded by the machine.
    pub failed: u32,
    /// Answers with a grade, by machine or human.
    pub graded: u32,
    /// Grades in the review queue.
    pub waiting: u32,
    /// Grades decided by a human.
    pub reviewed: u32,
}

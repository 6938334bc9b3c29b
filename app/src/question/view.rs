//! What the page of a question is drawn from.

use super::content::QuestionContent;
use super::form::QuestionForm;
use super::model::{Criterion, Question, QuestionPaper};
use crate::assignment::view::CoursePlace;
use crate::ids::AssignmentId;
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// One question with what its editor must know around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionEditor {
    pub question: Question,
    /// Send it back with a change; a change in the meantime is then noticed.
    pub seen: Timestamp,
    pub changed: Moment,
    pub assignment: AssignmentId,
    pub assignment_title: String,
    pub course: CoursePlace,
    /// Questions in the assignment.
    pub of: u32,
    /// Submissions begun, handed in or not.
    pub started: u32,
    /// Submissions handed in: their answers to this question are graded anew when the key changes.
    pub submitted: u32,
    pub published: bool,
    pub grades_published: bool,
    pub may_edit: bool,
    /// What was typed without script and refused, and what it was typed over; it is shown instead of what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub typed: Option<(Timestamp, QuestionForm)>,
}

impl QuestionEditor {
    /// Whether the form can be saved now.
    pub fn open(&self) -> bool {
        self.may_edit && !self.grades_published && !self.course.archived
    }
}

/// What saving a question did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionSaved {
    pub assignment: AssignmentId,
    pub seen: Timestamp,
    /// Answers that are graded again because of the change.
    pub requeued: u32,
}

impl Question {
    /// The part a student may see.
    pub fn paper(&self) -> QuestionPaper {
        let line = |criterion: &Criterion| (criterion.title.clone(), criterion.points);
        QuestionPaper {
            id: self.id,
            position: self.position,
            prompt: self.prompt.clone(),
            points: self.points,
            paper: self.key.without_answers(),
            rubric: self.rubric.iter().map(line).collect(),
        }
    }

    /// What keeps it from being published, in one sentence.
    pub fn unfinished(&self) -> Option<String> {
        let errors = QuestionContent::from(self).check();
        errors.into_iter().next().map(|error| error.message)
    }

    /// Something to know before publishing that is not an error.
    pub fn warning(&self) -> Option<&'static str> {
        QuestionContent::from(self).warning()
    }
}

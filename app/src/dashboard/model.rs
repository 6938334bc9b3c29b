//! What the first page shows.

use crate::assignment::model::Phase;
use crate::assignment::view::StaffOverview;
use crate::course::model::Role;
use crate::ids::{AssignmentId, CourseId, SubmissionId};
use crate::points::Points;
use crate::submission::model::Mine;
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// Everything for one signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Takes part in a course as a student.
    pub attends: bool,
    /// To do, what is due first first; then what is over but not yet graded.
    pub due: Vec<Mine>,
    pub grades: Vec<NewGrade>,
    /// Takes part in a course as staff.
    pub teaches: bool,
    pub teaching: Vec<Taught>,
    pub now: Timestamp,
}

/// A published grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewGrade {
    pub submission: SubmissionId,
    pub title: String,
    pub course_code: String,
    pub points: Points,
    pub of: Points,
    pub at: Moment,
}

/// A course with what is going on in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taught {
    pub course: CourseId,
    pub code: String,
    pub title: String,
    pub role: Role,
    pub assignments: Vec<Task>,
}

/// An assignment whose grades are not published yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub assignment: AssignmentId,
    pub title: String,
    pub phase: Phase,
    pub due: Option<Moment>,
    pub numbers: StaffOverview,
}

/// What an assignment asks of its staff now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Students still answer.
    Answering,
    /// Waits for the word to begin grading.
    Start,
    /// Being graded.
    Grading,
    /// Waits for a human.
    Review,
    /// All graded and reviewed.
    Publish,
    /// Over, and nobody handed in.
    Nothing,
}

impl Task {
    pub fn need(&self) -> Need {
        let n = &self.numbers;
        let open = matches!(self.phase, Phase::Open | Phase::Late);
        match () {
            () if n.waiting + n.failed > 0 => Need::Review,
            () if n.held > 0 => Need::Start,
            () if n.queued > 0 => Need::Grading,
            () if open => Need::Answering,
            () if n.submitted > 0 => Need::Publish,
            () => Need::Nothing,
        }
    }
}

/// How long something that is over stays on a student's first page: a week.
pub fn is_recent(over_since: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(over_since.0) < 7 * Timestamp::DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(phase: Phase, numbers: StaffOverview) -> Task {
        Task {
            assignment: AssignmentId(uuid::Uuid::nil()),
            title: String::new(),
            phase,
            due: None,
            numbers,
        }
    }

    #[test]
    fn an_assignment_asks_for_the_next_step() {
        let none = StaffOverview::default();
        let some = StaffOverview { submitted: 3, ..none };
        let queued = StaffOverview { queued: 2, ..some };
        let held = StaffOverview { held: 2, ..queued };
        let waiting = StaffOverview { waiting: 2, ..queued };
        let graded = StaffOverview { graded: 9, ..some };
        assert_eq!(task(Phase::Open, none).need(), Need::Answering);
        for (numbers, need) in [
            (none, Need::Nothing),
            (queued, Need::Grading),
            (held, Need::Start),
            (waiting, Need::Review),
            (graded, Need::Publish),
        ] {
            assert_eq!(task(Phase::Closed, numbers).need(), need);
        }
    }
}

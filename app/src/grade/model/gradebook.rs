//! The gradebook: students down, assignments across.

use crate::ids::{AssignmentId, CourseId, SubmissionId, UserId};
use crate::points::Points;
use serde::{Deserialize, Serialize};

/// A page of the gradebook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Gradebook {
    pub course: CourseId,
    pub code: String,
    pub title: String,
    pub columns: Vec<GradebookColumn>,
    pub rows: Vec<GradebookRow>,
    /// Students in the course.
    pub students: u32,
    /// The last student of this page, when more follow.
    pub next: Option<UserId>,
    /// Whether this is not the first page.
    pub paged: bool,
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GradebookColumn {
    pub assignment: AssignmentId,
    pub title: String,
    pub of: Points,
    pub questions: u32,
    /// Whether students see these grades.
    pub published: bool,
    /// Whether no more answers are taken: a missing submission counts nothing from then on.
    pub ended: bool,
}

/// One student; cells in the order of the columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GradebookRow {
    pub student: UserId,
    pub name: String,
    pub email: String,
    pub cells: Vec<Option<GradebookCell>>,
}

/// One submission's total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GradebookCell {
    pub submission: SubmissionId,
    /// Less the deduction for lateness.
    pub total: Points,
    pub late_percent: i32,
    /// Answers without any grade yet.
    pub ungraded: u32,
    /// Answers waiting for review.
    pub waiting: u32,
    /// Answers that stand as the grader suggests, at which no person has looked.
    #[serde(default)]
    pub unseen: u32,
    /// Answers that a person decided.
    #[serde(default)]
    pub decided: u32,
}

impl GradebookCell {
    /// How far people have looked, in the words of the export: the least settled answer says it.
    pub fn status(&self) -> &'static str {
        match self {
            cell if cell.ungraded + cell.waiting > 0 => "waiting",
            cell if cell.unseen > 0 => "accepted by the grader",
            cell if cell.decided > 0 => "reviewed",
            // Choices and numbers need nobody to look.
            _ => "marked by key",
        }
    }
}

impl GradebookRow {
    /// Points over all assignments.
    pub fn total(&self) -> Points {
        self.cells.iter().flatten().map(|cell| cell.total).sum()
    }

    /// What could have been earned so far: submitted assignments, and those that have ended.
    pub fn of(&self, columns: &[GradebookColumn]) -> Points {
        columns
            .iter()
            .zip(&self.cells)
            .filter(|(column, cell)| cell.is_some() || column.ended)
            .map(|(column, _)| column.of)
            .sum()
    }

    /// The total as a percentage with one decimal; none before anything counts.
    pub fn percentage(&self, columns: &[GradebookColumn]) -> Option<String> {
        super::percent(self.total(), self.of(columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn column(of: i32, ended: bool) -> GradebookColumn {
        GradebookColumn {
            assignment: AssignmentId(Uuid::nil()),
            title: "A".into(),
            of: Points(of),
            questions: 1,
            published: true,
            ended,
        }
    }

    fn cell(total: i32) -> GradebookCell {
        GradebookCell {
            submission: SubmissionId(Uuid::nil()),
            total: Points(total),
            late_percent: 0,
            ungraded: 0,
            waiting: 0,
            unseen: 0,
            decided: 0,
        }
    }

    fn row(cells: Vec<Option<GradebookCell>>) -> GradebookRow {
        GradebookRow {
            student: UserId(Uuid::nil()),
            name: "Ada".into(),
            email: "ada@school.example".into(),
            cells,
        }
    }

    #[test]
    fn an_open_assignment_costs_nothing_yet() {
        let columns = [column(1000, true), column(500, false)];
        assert_eq!(
            row(vec![Some(cell(700)), None]).percentage(&columns).as_deref(),
            Some("70.0")
        );
        assert_eq!(
            row(vec![None, Some(cell(500))]).percentage(&columns).as_deref(),
            Some("33.3")
        );
        assert_eq!(row(vec![None, None]).percentage(&columns[1..]), None);
    }

    #[test]
    fn the_least_settled_answer_says_how_far_a_sheet_is() {
        let of = |ungraded, waiting, unseen, decided| {
            GradebookCell {
                ungraded,
                waiting,
                unseen,
                decided,
                ..cell(0)
            }
            .status()
        };
        assert_eq!(of(1, 0, 0, 3), "waiting");
        assert_eq!(of(0, 1, 2, 3), "waiting");
        assert_eq!(of(0, 0, 1, 3), "accepted by the grader");
        assert_eq!(of(0, 0, 0, 1), "reviewed");
        assert_eq!(of(0, 0, 0, 0), "marked by key");
    }

    proptest! {
        #[test]
        fn a_total_is_the_sum_of_its_cells(totals in prop::collection::vec(prop::option::of(0..100_000i32), 0..12)) {
            let cells = totals.iter().map(|total| total.map(cell)).collect();
            prop_assert_eq!(row(cells).total(), Points(totals.iter().flatten().sum()));
        }
    }
}

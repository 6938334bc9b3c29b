//! What was typed for an answer and is not saved yet. It waits here while one looks at other answers, or at another page.

use crate::drafts::Shelf;
use crate::grade::model::ReviewItem;
use crate::ids::GradeId;
use crate::points::Points;
use serde::{Deserialize, Serialize};

pub use crate::drafts::any_dear;

const SHELF: Shelf = Shelf::of_page("grade");

/// Points and comment as they stand in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub points: String,
    pub comment: String,
    /// Whether it would be missed: a decision that was taken back on purpose is not.
    pub dear: bool,
}

impl Draft {
    pub fn typed(points: String, comment: String) -> Draft {
        Draft {
            points,
            comment,
            dear: true,
        }
    }

    /// The decision so far, else the suggestion.
    pub fn of(item: &ReviewItem) -> Draft {
        let human = item.human.as_ref();
        let points: Option<Points> = human
            .map(|human| human.points)
            .or(item.machine.as_ref().map(|machine| machine.points));
        Draft {
            points: points.map(|points| points.to_string()).unwrap_or_default(),
            comment: human.map(|human| human.comment.clone()).unwrap_or_default(),
            dear: false,
        }
    }

    pub fn says_the_same(&self, other: &Draft) -> bool {
        self.points == other.points && self.comment == other.comment
    }
}

pub fn keep(grade: GradeId, draft: Draft) {
    SHELF.keep(grade, &draft, draft.dear);
}

pub fn kept(grade: GradeId) -> Option<Draft> {
    SHELF.kept(grade)
}

pub fn forget(grade: GradeId) {
    SHELF.forget(grade);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_waits_for_its_answer() {
        let (one, other) = (GradeId(uuid::Uuid::from_u128(1)), GradeId(uuid::Uuid::from_u128(2)));
        assert!(!any_dear());
        keep(one, Draft::typed("2.5".into(), "Why?".into()));
        assert_eq!(kept(one).map(|draft| draft.comment).as_deref(), Some("Why?"));
        assert_eq!(kept(other), None);
        assert!(any_dear());
        keep(
            one,
            Draft {
                dear: false,
                ..Draft::default()
            },
        );
        assert!(!any_dear());
        forget(one);
        assert_eq!(kept(one), None);
    }
}

//! What travels about learning from teachers: the risk dial with its audit, answer groups, and the consistency radar.

use crate::ids::{AssignmentId, CourseId, GradeId, GroupActId, QuestionId};
use crate::points::Points;
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Wanted agreements of accepted suggestions with teachers, in thousandths. The first accepts nothing by itself.
pub const TARGETS: [i32; 7] = [1000, 990, 970, 950, 900, 850, 800];
/// What the model itself aims at when nobody has set a dial.
pub const DEFAULT_TARGET: i32 = 950;

/// The newest lesson of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Learnt {
    /// How often suggestions were made anew; a page that has seen a smaller number is behind.
    pub lessons: i64,
    /// Decisions learnt from.
    pub decisions: u32,
    /// Undecided answers looked at.
    pub answers: u32,
    /// How many of those got other points or another standing.
    pub changed: u32,
    pub at: Moment,
}

/// A graded answer like the one at hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Similar {
    pub grade: GradeId,
    /// 0–1.
    pub similarity: f32,
    pub points: Points,
    /// Its words; looked up when it is shown, never stored with the evidence.
    #[serde(default)]
    pub text: String,
}

/// One setting of the dial, and what it would do now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DialChoice {
    /// Wanted agreement in thousandths.
    pub target: i32,
    /// Undecided answers that would be accepted without a person.
    pub accepted: u32,
    /// Of those, how many now wait for a person.
    pub released: u32,
    /// Answers that are accepted now and would wait for a person.
    pub held: u32,
    /// Mean estimated agreement of what would be accepted, 0–1; none when that is nothing.
    pub expected: Option<f32>,
}

/// How many answers a threshold would accept, and how well those are expected to agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CurvePoint {
    /// Share of the undecided answers, 0–1.
    pub coverage: f32,
    /// 0–1.
    pub agreement: f32,
}

/// Agreement counted on answers that people looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Agreement {
    pub looked_at: u32,
    /// The same points as the suggestion had.
    pub agreed: u32,
}

impl Agreement {
    /// The share that agreed with its 95 % interval by Wilson, 0–1; none before anything was looked at.
    pub fn interval(self) -> Option<(f64, f64, f64)> {
        if self.looked_at == 0 {
            return None;
        }
        const Z: f64 = 1.959_963_984_540_054;
        let (n, share) = (
            f64::from(self.looked_at),
            f64::from(self.agreed) / f64::from(self.looked_at),
        );
        let scale = 1.0 + Z * Z / n;
        let centre = (share + Z * Z / (2.0 * n)) / scale;
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
        Some((share, (centre - half).max(0.0), (centre + half).min(1.0)))
    }

    /// `23 of 24 agreed: 96 % (80–99 %)`
    pub fn words(self) -> String {
        match self.interval() {
            None => "none looked at yet".into(),
            Some((share, low, high)) => format!(
                "{} of {} agreed: {:.0} % (with 95 % certainty between {:.0} and {:.0} %)",
                self.agreed,
                self.looked_at,
                share * 100.0,
                low * 100.0,
                high * 100.0
            ),
        }
    }
}

/// The risk dial of an assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Dial {
    pub assignment: AssignmentId,
    /// In thousandths; none while the model's own aim holds.
    pub target: Option<i32>,
    pub set: Option<(String, Moment)>,
    /// Undecided answers with a suggestion by a model.
    pub undecided: u32,
    /// Of those, accepted without a person now.
    pub accepted: u32,
    pub choices: Vec<DialChoice>,
    pub curve: Vec<CurvePoint>,
    /// The random sample of accepted answers: how many were drawn, and how those looked at agreed.
    pub drawn: u32,
    pub audit: Agreement,
    /// All answers that people decided; not a random sample.
    pub decided: Agreement,
    /// Once grades are published the dial rests.
    pub published: bool,
}

impl Dial {
    pub fn in_force(&self) -> i32 {
        self.target.unwrap_or(DEFAULT_TARGET)
    }

    pub fn choice(&self, target: i32) -> Option<&DialChoice> {
        self.choices.iter().find(|choice| choice.target == target)
    }
}

/// What the dial's page opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DialPage {
    pub place: Place,
    pub dial: Dial,
}

/// Where a page about an assignment stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub assignment: AssignmentId,
    pub title: String,
    pub course: CourseId,
    pub course_title: String,
}

/// Answers that say the same, to be graded once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = AnswerGroup))]
pub struct Group {
    pub group: GradeId,
    /// One of its answers, whole.
    pub text: String,
    pub answers: u32,
    /// Not yet decided by a person.
    pub open: u32,
    /// What the machine suggests for the answer shown.
    pub suggestion: Option<Points>,
    /// The fewest and the most points that count now.
    pub lowest: Points,
    pub highest: Points,
    /// Stands for exactly the undecided answers that were seen; sent back with a decision.
    pub seen: String,
}

/// One answer of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Member {
    pub grade: GradeId,
    pub label: String,
    pub text: String,
    pub points: Points,
    pub decided: bool,
}

/// The last act on groups that can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GroupAct {
    pub act: GroupActId,
    /// What it did, in words.
    pub words: String,
    pub by: String,
    pub at: Moment,
}

/// A question whose answers are grouped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GroupedQuestion {
    pub question: QuestionId,
    pub position: i32,
    pub prompt: String,
    pub points: Points,
}

/// A piece of the groups of one question, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = AnswerGroups))]
pub struct Groups {
    /// Every question with free text.
    pub questions: Vec<GroupedQuestion>,
    /// The one whose groups these are.
    pub question: Option<QuestionId>,
    pub groups: Vec<Group>,
    pub next: Option<GroupCursor>,
    pub last: Option<GroupAct>,
    /// The answers of the group that was asked for, at most two hundred.
    pub members: Vec<Member>,
}

/// What the page of groups opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupsPage {
    pub place: Place,
    pub groups: Groups,
}

/// A place among groups, which stand by size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GroupCursor {
    pub answers: i64,
    pub group: GradeId,
}

impl fmt::Display for GroupCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.answers, self.group)
    }
}

impl FromStr for GroupCursor {
    type Err = super::CursorError;
    fn from_str(text: &str) -> Result<Self, super::CursorError> {
        let (answers, group) = text.split_once('.').ok_or(super::CursorError)?;
        Ok(Self {
            answers: answers.parse().map_err(|_| super::CursorError)?,
            group: group.parse().map_err(|_| super::CursorError)?,
        })
    }
}

/// What a decision about a group did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GroupDecided {
    pub act: GroupActId,
    /// Answers it settled, or moved.
    pub answers: u32,
}

/// Answers that say the same and have different points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Uneven {
    pub question: QuestionId,
    pub position: i32,
    pub of: Points,
    pub answers: u32,
    /// The one with the fewest points, and the one with the most.
    pub lowest: Member,
    pub highest: Member,
}

/// One grader's decisions beside the suggestions they saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GraderTrend {
    pub name: String,
    pub decisions: u32,
    /// Mean of decision less suggestion, as a share of the points, −1 to 1; and half the width of its 95 % interval.
    pub mean: f64,
    pub margin: Option<f64>,
    /// The same over time: ten pieces of equally many decisions, or fewer.
    pub course: Vec<f64>,
}

/// What to look at again in an assignment. It says where scores differ, never who is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Radar {
    pub uneven: Vec<Uneven>,
    /// Whether there are more than are listed.
    pub more: bool,
    pub graders: Vec<GraderTrend>,
}

/// What the radar's page opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RadarPageData {
    pub place: Place,
    pub radar: Radar,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        let of = |agreed, looked_at| Agreement { agreed, looked_at }.interval().expect("some");
        // From Wilson's formula by hand: 9 of 10.
        let (share, low, high) = of(9, 10);
        assert!((share - 0.9).abs() < 1e-9 && (low - 0.5958).abs() < 1e-3 && (high - 0.9821).abs() < 1e-3);
        // Nothing wrong so far promises little while few were looked at.
        assert!((of(5, 5).1 - 0.5655).abs() < 1e-3 && of(5, 5).2 == 1.0);
        assert!(of(100, 100).1 > 0.96);
        assert_eq!(Agreement::default().interval(), None);
    }

    #[test]
    fn group_cursors_come_back() {
        let cursor = GroupCursor {
            answers: 23,
            group: GradeId(uuid::Uuid::from_u128(7)),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("23".parse::<GroupCursor>().is_err());
    }
}

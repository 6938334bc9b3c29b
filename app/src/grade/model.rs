//! Suggestions, evidence, decisions, and the live picture of an assignment being graded.

mod gradebook;
mod learning;
mod result;
mod review;
mod totals;

pub use gradebook::*;
pub use learning::*;
pub use result::*;
pub use review::*;
pub use totals::*;

use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Moment;
use serde::{Deserialize, Serialize};

/// Whether the machine would decide by itself. Stored in `grades.machine_decision` as `accept` / `review`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Accept,
    Review,
}

impl Decision {
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Review => "review",
        }
    }
}

/// Where a grade stands with the teacher. Stored in `grades.review_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// The machine is sure enough; nobody has to look.
    Accepted,
    /// Waits in the review queue.
    Waiting,
    /// A human has decided.
    Reviewed,
}

impl ReviewState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Waiting => "waiting",
            Self::Reviewed => "reviewed",
        }
    }

    pub fn from_name(name: &str) -> ReviewState {
        match name {
            "accepted" => Self::Accepted,
            "reviewed" => Self::Reviewed,
            _ => Self::Waiting,
        }
    }
}

/// Why the machine suggests what it suggests. Stored as JSON in `grades.machine_evidence`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Evidence {
    /// One sentence: the rule's ruling, or why this waits for review.
    pub why: String,
    /// The reference answer that fits best.
    pub reference: Option<String>,
    /// Byte ranges of the graded text whose words carried the score, with their weight (0–1).
    pub spans: Vec<EvidenceSpan>,
    /// How well each part of the rubric is met.
    pub rubric: Vec<RubricMatch>,
    /// The text that was graded when it is not the typed answer itself (text of an attached file).
    pub graded_text: Option<String>,
    /// Graded answers most like this one, the closest first; for the staff only.
    pub similar: Vec<Similar>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EvidenceSpan {
    pub start: u32,
    pub end: u32,
    pub weight: f32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RubricMatch {
    /// The criterion or item, in its own words.
    pub text: String,
    pub points: Points,
    /// 0–1.
    pub strength: f32,
    pub span: Option<EvidenceSpan>,
    /// What the student is told about this part.
    pub feedback: String,
}

/// What a worker found out about one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub points: Points,
    /// 0–1; none for exact rules.
    pub confidence: Option<f32>,
    pub decision: Decision,
    pub reason: Option<String>,
    pub evidence: Evidence,
    pub model: String,
    pub input_hash: String,
}

/// Lower edge of each confidence band.
pub const BANDS: [(&str, f32); 3] = [("Sure", 0.9), ("Fairly sure", 0.7), ("Unsure", 0.0)];

/// Which band a confidence falls into: 0 is the surest. Exact rules are sure.
pub fn band(confidence: Option<f32>) -> usize {
    let confidence = confidence.unwrap_or(1.0);
    BANDS
        .iter()
        .position(|(_, least)| confidence >= *least)
        .unwrap_or(BANDS.len() - 1)
}

/// Bins of the score histogram: 0–10 %, …, 90–100 % of the question's points.
pub const BINS: usize = 10;

/// The live picture of one assignment: what the cockpit shows, and what each event of the stream carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Number of the newest grade event this picture includes: the stream's event id.
    pub sequence: i64,
    pub questions: Vec<QuestionProgress>,
    /// Answers graded in the last seconds, per second.
    pub per_second: f32,
    /// Seconds until the queue is empty at that speed; none when nothing is queued or nothing moves.
    pub seconds_left: Option<u32>,
    /// The newest happenings, newest first.
    pub recent: Vec<Happening>,
}

/// One question's part of the picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionProgress {
    pub question: QuestionId,
    pub position: i32,
    pub prompt: String,
    pub points: Points,
    /// Waiting or being graded.
    pub queued: u32,
    /// Of those, held back until a teacher starts grading.
    #[serde(default)]
    pub held: u32,
    pub graded: u32,
    /// Could not be graded, even after several tries; a human has to.
    pub failed: u32,
    /// Waits for a human.
    pub waiting: u32,
    /// Stands as the machine suggests, without a human.
    #[serde(default)]
    pub accepted: u32,
    /// Decided by a human.
    pub reviewed: u32,
    /// Drawn at random from what was accepted, and not looked at yet.
    #[serde(default)]
    pub sample: u32,
    /// What the last lesson from the teacher changed.
    #[serde(default)]
    pub learnt: Option<Learnt>,
    /// `bins[bin][band]`: answers by share of points and confidence band.
    pub bins: Vec<Vec<u32>>,
}

/// Something that just happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Happening {
    pub sequence: i64,
    pub grade: GradeId,
    pub position: i32,
    pub by_human: bool,
    pub points: Points,
    pub of: Points,
    pub confidence: Option<f32>,
    pub at: Moment,
}

impl Progress {
    pub fn total(&self, part: impl Fn(&QuestionProgress) -> u32) -> u32 {
        self.questions.iter().map(part).sum()
    }
}

/// Which assignment a stream is about, and from where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    pub assignment: AssignmentId,
    pub after: i64,
}

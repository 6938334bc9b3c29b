//! What travels between the student's browser and the journal, and the receipt.

use crate::ids::{AssignmentId, JournalId, QuestionId, SubmissionId};
use crate::question::model::AnswerValue;
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// One change of one answer, made in the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Change {
    /// Made by the browser (UUIDv4 or v7); the same id is never applied twice.
    pub id: JournalId,
    pub question: QuestionId,
    pub value: AnswerValue,
    /// When it was typed, by the browser's clock: only orders changes of this browser.
    pub typed_at: Timestamp,
}

/// The journal's answer: these changes are on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Saved {
    pub at: Moment,
    pub acknowledged: Vec<JournalId>,
}

/// Proof of a submission. The signature covers `text()`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Receipt {
    pub submission: SubmissionId,
    pub assignment: AssignmentId,
    pub assignment_title: String,
    pub student: String,
    pub submitted_at: Moment,
    /// SHA-256 of the answers, hex.
    pub content_hash: String,
    pub signature: String,
}

impl Receipt {
    /// The signed text: stable for ever, one fact a line.
    pub fn text(submission: SubmissionId, submitted_at: Timestamp, content_hash: &str) -> String {
        format!("auto-grader receipt v1\nsubmission {submission}\nsubmitted {}\nsha256 {content_hash}\n", submitted_at.0)
    }
}

//! What travels between the student's browser and the journal, and the receipt.

use crate::assignment::model::Phase;
use crate::assignment::view::StaffOverview;
use crate::file::model::Attachment;
use crate::ids::{AssignmentId, CourseId, JournalId, QuestionId, SubmissionId};
use crate::points::Points;
use crate::question::model::{AnswerValue, QuestionKind, QuestionPaper};
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
    /// When it was typed, by the server's clock (see `Change::by_our_clock`): decides between a late replay and newer words.
    pub typed_at: Timestamp,
}

impl Change {
    /// A browser's clock may be anywhere, but the age of a change by that clock is right: `sent_at - typed_at`.
    pub fn by_our_clock(self, sent_at: Timestamp, now: Timestamp) -> Change {
        let age = sent_at.0.saturating_sub(self.typed_at.0).max(0);
        Change {
            typed_at: now.plus(-age),
            ..self
        }
    }
}

/// The most changes taken in one request.
pub const MOST_CHANGES: usize = 200;

/// The journal's answer: these changes are on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Saved {
    pub at: Moment,
    pub acknowledged: Vec<JournalId>,
    /// Changes that can never be taken, and why; the others are not held up by them.
    #[serde(default)]
    pub refused: Vec<Refused>,
}

/// A change that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Refused {
    pub id: JournalId,
    pub question: QuestionId,
    pub message: String,
}

/// The latest words for one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Given {
    pub question: QuestionId,
    pub value: AnswerValue,
    pub revision: i32,
    /// When this was typed, by the server's clock.
    pub updated_at: Timestamp,
}

/// What a reader needs to know about an assignment's dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Terms {
    pub phase: Phase,
    pub due: Option<Moment>,
    /// When no more answers are taken.
    pub ends: Option<Moment>,
    pub late_percent_per_day: i32,
    /// The deduction if it were submitted now.
    pub late_percent_now: i32,
    pub now: Moment,
}

/// Which assignment of which course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Whereabouts {
    pub assignment: AssignmentId,
    pub title: String,
    pub course: CourseId,
    pub course_code: String,
    pub course_title: String,
}

/// The paper on the student's desk: the questions, and what is written so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Sheet {
    pub submission: SubmissionId,
    pub place: Whereabouts,
    pub instructions: String,
    pub terms: Terms,
    pub questions: Vec<QuestionPaper>,
    pub answers: Vec<Given>,
    /// Files that the answers point to.
    pub attachments: Vec<Attachment>,
    pub submitted: Option<Moment>,
    /// When something was last saved.
    pub saved: Option<Moment>,
}

impl Sheet {
    pub fn given(&self, question: QuestionId) -> Option<&Given> {
        self.answers.iter().find(|given| given.question == question)
    }

    /// The file in the answer to a question.
    pub fn attachment(&self, question: QuestionId) -> Option<&Attachment> {
        match self.given(question)?.value {
            AnswerValue::File { file, .. } => self.attachments.iter().find(|attachment| attachment.id == file),
            _ => None,
        }
    }

    pub fn is_answered(&self, question: QuestionId) -> bool {
        self.given(question).is_some_and(|given| !given.value.is_empty())
    }
}

/// How far somebody is with an assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = OwnStanding))]
pub struct Standing {
    pub submission: SubmissionId,
    pub answered: u32,
    pub submitted: Option<Moment>,
    /// Deduction fixed at submission, in percent.
    pub late_percent: i32,
}

/// An assignment as a student meets it, before and after answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = AssignmentOverview))]
pub struct Overview {
    pub place: Whereabouts,
    pub instructions: String,
    pub terms: Terms,
    pub points: Points,
    pub questions: Vec<Preview>,
    /// None before the start.
    pub standing: Option<Standing>,
    /// The grades can be seen.
    pub published: bool,
}

/// What can be told about a question before the start: everything but its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = QuestionPreview))]
pub struct Preview {
    pub position: i32,
    pub kind: QuestionKind,
    pub points: Points,
    /// Criteria and what each is worth.
    pub rubric: Vec<(String, Points)>,
}

/// What the page of an assignment shows depends on who looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AssignmentView {
    Student(Overview),
    Staff {
        overview: Overview,
        numbers: StaffOverview,
        may_edit: bool,
    },
}

/// One of a student's assignments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Mine {
    pub place: Whereabouts,
    pub terms: Terms,
    pub questions: u32,
    pub standing: Option<Standing>,
    pub published: Option<Moment>,
}

/// What the institution says about a receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ReceiptVerdict))]
pub struct Verdict {
    /// The signature is ours and covers exactly what follows, and our records agree.
    pub valid: bool,
    /// One sentence for people.
    pub message: String,
    /// What was signed; only of a valid receipt.
    pub receipt: Option<Receipt>,
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
        format!(
            "auto-grader receipt v1\nsubmission {submission}\nsubmitted {}\nsha256 {content_hash}\n",
            submitted_at.0
        )
    }

    /// A file worth keeping: the facts for people above, the signed lines and the signature below.
    pub fn document(&self) -> String {
        let signed = Receipt::text(self.submission, self.submitted_at.at, &self.content_hash);
        format!(
            "Receipt of submission\n\nAssignment: {}\nStudent: {}\nSubmitted: {} ({})\n\n----- signed -----\n{signed}----- signature (ed25519) -----\n{}\n",
            self.assignment_title,
            self.student,
            self.submitted_at.date_time(),
            self.submitted_at.zone(),
            self.signature,
        )
    }

    /// Where anyone can have this receipt checked.
    pub fn verify_link(&self) -> String {
        format!(
            "/receipts/verify?submission={}&signature={}",
            self.submission, self.signature
        )
    }

    /// The document as a link to save, which needs neither script nor server.
    pub fn download_link(&self) -> String {
        let mut link = String::from("data:text/plain;charset=utf-8,");
        for byte in self.document().bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => link.push(char::from(byte)),
                _ => link.push_str(&format!("%{byte:02X}")),
            }
        }
        link
    }

    /// The fingerprint in groups that can be read aloud.
    pub fn fingerprint(&self) -> String {
        let groups: Vec<&str> = (0..self.content_hash.len())
            .step_by(8)
            .filter_map(|at| self.content_hash.get(at..at + 8))
            .collect();
        groups.join(" ")
    }
}

/// What somebody claims: parts of a receipt found in pasted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub submission: Option<SubmissionId>,
    pub submitted: Option<Timestamp>,
    pub content_hash: Option<String>,
    pub signature: Option<String>,
}

impl Claim {
    /// Reads a pasted receipt, whatever stands around the signed lines.
    pub fn read(text: &str) -> Claim {
        let mut claim = Claim::default();
        for line in text.lines().map(str::trim) {
            match line.split_once(' ') {
                Some(("submission", id)) => claim.submission = id.trim().parse().ok(),
                Some(("submitted", at)) => claim.submitted = at.trim().parse().ok().map(Timestamp),
                Some(("sha256", hash)) => claim.content_hash = Some(hash.trim().to_owned()),
                None if is_signature(line) => claim.signature = Some(line.to_owned()),
                _ => {}
            }
        }
        claim
    }
}

/// 64 bytes in URL-safe base64.
fn is_signature(line: &str) -> bool {
    line.len() == 86
        && line
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receipt() -> Receipt {
        Receipt {
            submission: SubmissionId(uuid::Uuid::from_u128(7)),
            assignment: AssignmentId(uuid::Uuid::from_u128(8)),
            assignment_title: "Cells and energy".into(),
            student: "Ada Example".into(),
            submitted_at: Moment {
                at: Timestamp(1_781_093_640_000_000),
                offset_minutes: 120,
            },
            content_hash: "0123456789abcdef".repeat(4),
            signature: "A".repeat(86),
        }
    }

    #[test]
    fn the_signed_text_never_changes() {
        let r = receipt();
        assert_eq!(
            Receipt::text(r.submission, r.submitted_at.at, "ab"),
            "auto-grader receipt v1\nsubmission 00000000-0000-0000-0000-000000000007\nsubmitted 1781093640000000\nsha256 ab\n"
        );
    }

    #[test]
    fn a_document_reads_back_as_what_was_signed() {
        let r = receipt();
        let indented: String = r.document().lines().map(|line| format!("  {line}\r\n")).collect();
        let claim = Claim::read(&indented);
        assert_eq!(claim.submission, Some(r.submission));
        assert_eq!(claim.submitted, Some(r.submitted_at.at));
        assert_eq!(claim.content_hash.as_deref(), Some(r.content_hash.as_str()));
        assert_eq!(claim.signature.as_deref(), Some(r.signature.as_str()));
    }

    #[test]
    fn the_link_to_save_holds_the_whole_document() {
        let link = receipt().download_link();
        assert!(link.starts_with("data:text/plain;charset=utf-8,Receipt%20of%20submission%0A"));
        assert!(link.is_ascii() && !link.contains([' ', '"', '#', '\n']));
    }

    #[test]
    fn a_fingerprint_is_read_in_groups_of_eight() {
        assert_eq!(receipt().fingerprint().split(' ').count(), 8);
    }

    #[test]
    fn a_wrong_clock_does_not_change_an_age() {
        let now = Timestamp(1_000_000);
        let change = |typed| Change {
            id: JournalId(uuid::Uuid::nil()),
            question: QuestionId(uuid::Uuid::nil()),
            value: AnswerValue::Text(String::new()),
            typed_at: Timestamp(typed),
        };
        assert_eq!(change(50).by_our_clock(Timestamp(80), now).typed_at, now.plus(-30));
        // A clock set back while typing: not in the future, at worst now.
        assert_eq!(change(90).by_our_clock(Timestamp(80), now).typed_at, now);
    }

    proptest! {
        #[test]
        fn any_pasted_text_is_read_without_panic(text in ".{0,200}") {
            let _ = Claim::read(&text);
        }
    }
}

//! The page where a file is attached without script.

mod attach;

pub use attach::AttachPage;

use crate::ids::{QuestionId, SubmissionId};

/// The address of the page.
pub fn attach_path(submission: SubmissionId, question: QuestionId) -> String {
    format!("/submissions/{submission}/attach/{question}")
}

/// Why a plain form's file was not even looked at. Travels in the address as a word, so that nobody can put words of their
/// own on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hitch {
    TooLarge,
    Unfit,
    Closed,
    TooMany,
    Unavailable,
}

impl Hitch {
    const ALL: [Hitch; 5] = [
        Self::TooLarge,
        Self::Unfit,
        Self::Closed,
        Self::TooMany,
        Self::Unavailable,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Unfit => "unfit",
            Self::Closed => "closed",
            Self::TooMany => "too-many",
            Self::Unavailable => "unavailable",
        }
    }

    pub fn from_name(name: &str) -> Option<Hitch> {
        Self::ALL.into_iter().find(|hitch| hitch.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "The file is too large. Attach a smaller one.",
            Self::Unfit => "Choose a PDF, DOCX, TXT or Markdown file that is not empty.",
            Self::Closed => {
                "The file was not taken: this submission can no longer be changed, did not get the whole file, or has too many files."
            }
            Self::TooMany => "Too many tries. Wait a few minutes and try again.",
            Self::Unavailable => {
                "The file store does not answer right now. Nothing was changed; try again in a moment."
            }
        }
    }
}

//! Kinds of question, their settings, and the answers they take.

use crate::ids::{CriterionId, FileId, QuestionId, RubricItemId};
use crate::points::Points;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kinds of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    ShortAnswer,
    SingleChoice,
    MultipleChoice,
    TrueFalse,
    Numeric,
}

impl QuestionKind {
    pub const ALL: [QuestionKind; 5] = [
        Self::ShortAnswer,
        Self::SingleChoice,
        Self::MultipleChoice,
        Self::TrueFalse,
        Self::Numeric,
    ];

    /// As stored and sent: `short_answer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ShortAnswer => "short_answer",
            Self::SingleChoice => "single_choice",
            Self::MultipleChoice => "multiple_choice",
            Self::TrueFalse => "true_false",
            Self::Numeric => "numeric",
        }
    }

    /// For people: `Short answer`.
    pub fn label(self) -> &'static str {
        match self {
            Self::ShortAnswer => "Short answer",
            Self::SingleChoice => "Single choice",
            Self::MultipleChoice => "Multiple choice",
            Self::TrueFalse => "True or false",
            Self::Numeric => "Number",
        }
    }

    /// Graded by the model rather than by an exact rule.
    pub fn is_free_text(self) -> bool {
        self == Self::ShortAnswer
    }
}

impl fmt::Display for QuestionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no kind of question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is no kind of question.")]
pub struct KindError;

impl FromStr for QuestionKind {
    type Err = KindError;
    fn from_str(text: &str) -> Result<Self, KindError> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(KindError)
    }
}

/// What is particular to a kind: the key. Stored as JSON in `questions.settings`; only for staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Key {
    ShortAnswer {
        /// Whether a file may be attached.
        #[serde(default)]
        allow_file: bool,
    },
    SingleChoice {
        options: Vec<ChoiceOption>,
    },
    MultipleChoice {
        options: Vec<ChoiceOption>,
    },
    TrueFalse {
        correct: bool,
    },
    Numeric {
        /// Exact decimal text, as the teacher wrote it: `3.14`.
        value: String,
        /// Largest accepted distance from the value, as decimal text.
        tolerance: String,
        #[serde(default)]
        unit: String,
    },
}

/// One option of a choice question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ChoiceOption {
    pub text: String,
    pub correct: bool,
}

impl Key {
    pub fn kind(&self) -> QuestionKind {
        match self {
            Self::ShortAnswer { .. } => QuestionKind::ShortAnswer,
            Self::SingleChoice { .. } => QuestionKind::SingleChoice,
            Self::MultipleChoice { .. } => QuestionKind::MultipleChoice,
            Self::TrueFalse { .. } => QuestionKind::TrueFalse,
            Self::Numeric { .. } => QuestionKind::Numeric,
        }
    }

    /// The part a student may see.
    pub fn without_answers(&self) -> Paper {
        let texts = |options: &[ChoiceOption]| options.iter().map(|option| option.text.clone()).collect();
        match self {
            Self::ShortAnswer { allow_file } => Paper::ShortAnswer {
                allow_file: *allow_file,
            },
            Self::SingleChoice { options } => Paper::SingleChoice {
                options: texts(options),
            },
            Self::MultipleChoice { options } => Paper::MultipleChoice {
                options: texts(options),
            },
            Self::TrueFalse { .. } => Paper::TrueFalse,
            Self::Numeric { unit, .. } => Paper::Numeric { unit: unit.clone() },
        }
    }
}

/// What a student sees of a question's kind: never the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Paper {
    ShortAnswer { allow_file: bool },
    SingleChoice { options: Vec<String> },
    MultipleChoice { options: Vec<String> },
    TrueFalse,
    Numeric { unit: String },
}

/// A whole question, for staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Question {
    pub id: QuestionId,
    pub position: i32,
    pub prompt: String,
    pub points: Points,
    pub key: Key,
    pub references: Vec<String>,
    pub rubric: Vec<Criterion>,
}

/// One criterion of a rubric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Criterion {
    pub id: CriterionId,
    pub title: String,
    pub points: Points,
    pub items: Vec<RubricItem>,
}

/// One thing an answer may say, what it earns and what the student is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RubricItem {
    pub id: RubricItemId,
    pub text: String,
    pub points: Points,
    pub feedback: String,
}

/// A question as a student sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionPaper {
    pub id: QuestionId,
    pub position: i32,
    pub prompt: String,
    pub points: Points,
    pub paper: Paper,
    /// Titles and points of the criteria.
    pub rubric: Vec<(String, Points)>,
}

/// What a student gave as an answer. Stored as JSON in `answers.value` and in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum AnswerValue {
    /// Free text, or a number as typed.
    Text(String),
    /// Positions of the chosen options, ascending; for true/false 0 is true and 1 is false.
    Choice(Vec<u16>),
    /// An attached file, with the student's words beside it.
    File { file: FileId, text: String },
}

/// The longest answer taken, in characters.
pub const MAX_ANSWER_CHARS: usize = 50_000;

impl AnswerValue {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Choice(chosen) => chosen.is_empty(),
            Self::File { .. } => false,
        }
    }

    /// The student's own words.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::File { text, .. } => text,
            Self::Choice(_) => "",
        }
    }

    /// Whether this kind of answer fits the question; the error is for the student.
    pub fn check(&self, paper: &Paper) -> Result<(), String> {
        let options = match paper {
            Paper::SingleChoice { options } | Paper::MultipleChoice { options } => options.len(),
            Paper::TrueFalse => 2,
            Paper::ShortAnswer { .. } | Paper::Numeric { .. } => 0,
        };
        match (self, paper) {
            (Self::Text(text), Paper::ShortAnswer { .. } | Paper::Numeric { .. }) => check_text(text),
            (Self::File { text, .. }, Paper::ShortAnswer { allow_file: true }) => check_text(text),
            (Self::Choice(chosen), Paper::MultipleChoice { .. }) if ascending_below(chosen, options) => Ok(()),
            (Self::Choice(chosen), Paper::SingleChoice { .. } | Paper::TrueFalse)
                if chosen.len() <= 1 && ascending_below(chosen, options) =>
            {
                Ok(())
            }
            _ => Err("This answer does not fit the question. Reload the page and try again.".into()),
        }
    }
}

fn check_text(text: &str) -> Result<(), String> {
    if text.chars().count() > MAX_ANSWER_CHARS {
        return Err(format!(
            "An answer has at most {MAX_ANSWER_CHARS} characters. Shorten it, or attach it as a file."
        ));
    }
    if text.contains('\0') {
        return Err("The answer contains a character that cannot be stored (a null character).".into());
    }
    Ok(())
}

fn ascending_below(chosen: &[u16], options: usize) -> bool {
    chosen.windows(2).all(|pair| pair[0] < pair[1]) && chosen.iter().all(|&i| usize::from(i) < options)
}

//! Parts of the pages about grades.

mod answer;
mod audited;
mod coverage;
mod happenings;
mod hold;
mod publish;
mod questions;
mod severity;
mod suggestion;

pub use answer::Answer;
pub use audited::Audited;
pub use coverage::{Coverage, percent, share};
pub use happenings::Happenings;
pub use hold::Hold;
pub use publish::Publish;
pub use questions::QuestionRows;
pub use severity::Severity;
pub use suggestion::{Suggestion, worth};

//! Parts of the pages about grades.

mod answer;
mod happenings;
mod hold;
mod publish;
mod questions;
mod suggestion;

pub use answer::Answer;
pub use happenings::Happenings;
pub use hold::Hold;
pub use publish::Publish;
pub use questions::QuestionRows;
pub use suggestion::Suggestion;

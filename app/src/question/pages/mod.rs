//! The page on which staff write a question.

mod edit;
mod unsaved;

pub use edit::EditQuestionPage;

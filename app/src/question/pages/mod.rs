//! The page on which staff write a question.

mod edit;

pub use edit::EditQuestionPage;

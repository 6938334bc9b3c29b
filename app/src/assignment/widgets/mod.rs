//! Parts of an assignment's pages.

mod fields;
mod phase;
mod publishing;
mod questions;

pub use fields::AssignmentFields;
pub use phase::PhaseBadge;
pub(super) use publishing::{Deleting, Publishing};
pub(super) use questions::QuestionList;

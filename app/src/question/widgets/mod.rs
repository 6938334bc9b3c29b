//! Parts of a question's pages: the editors of keys, references and rubrics, and the paper as students see it.
//!
//! Rows work without script: a few spare empty ones are always sent along, and empty rows are left out on saving. With script
//! the spare rows stay hidden until asked for.

mod kinds;
mod options;
mod paper;
mod references;
mod rows;
mod rubric;
mod state;

pub(super) use kinds::KeyEditor;
pub use paper::PaperPreview;
pub(super) use references::ReferenceEditor;
pub(crate) use rows::focus_soon;
pub(super) use rubric::RubricEditor;
pub(super) use state::{Draft, write};

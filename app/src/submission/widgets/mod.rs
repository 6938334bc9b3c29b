//! Parts of the student's pages.

mod answer;
mod saving;

pub use answer::{AnswerField, Attach, points};
pub use saving::{LeftBehind, OfflineStrip, SaveLine};

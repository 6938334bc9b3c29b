//! How good grades are, measured so that nothing of a test question helps.
//!
//! `metrics` the numbers of a report · `unseen` questions nobody has graded yet, nested, several seeds

mod metrics;
pub mod unseen;

pub use self::metrics::{Judged, TOLERANCE, Table, pearson, render, table};

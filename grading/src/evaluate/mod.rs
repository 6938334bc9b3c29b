//! How good grades are, measured so that nothing of a test question helps.
//!
//! `metrics` the numbers of a report · `unseen` questions nobody has graded yet, nested, several seeds · `perturb`
//! what changes a grade although the meaning stays

mod metrics;
pub mod perturb;
pub mod unseen;

pub use self::metrics::{Judged, TOLERANCE, Table, pearson, render, table};

//! How good grades are, measured so that nothing of a test question helps.
//!
//! `metrics` the numbers of a report · `unseen` questions nobody has graded yet, nested, several seeds · `kshot` the
//! same when a teacher has graded a few answers · `teaching` clicks until none waits · `perturb` what changes a grade although the meaning stays

pub mod kshot;
mod metrics;
pub mod perturb;
pub mod teaching;
pub mod unseen;

pub use self::metrics::{Between, ByQuestion, Judged, TOLERANCE, Table, by_question, pearson, render, table};

/// The agreement accepted suggestions should reach where reports name no other.
const TARGET: f32 = 0.95;

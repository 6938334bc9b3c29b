//! Grades short answers inside our own process. Knows nothing of HTTP, SQL, accounts or courses.
//!
//! ```text
//!  GradeRequest ─▶ Grader (a handle; clone it freely)
//!                    │  permits: refuses early when too much waits
//!                    ▼
//!                  queue ─▶ worker threads, each owning one backend on one device
//!                             prepare   text → tokens, words, warning signs
//!                             batch     which texts go together (no padding)
//!                             backend   tokens → token states and a sentence embedding
//!                             features  answer × reference → numbers a person can name
//!                             model     numbers → expected score
//!                             lesson    what the teacher graded of this question so far
//!                             calibrate expected score → P(a teacher agrees) → accept or review
//!                             explain   which reference, which words
//!                    ▼
//!  Grade ◀── oneshot reply
//! ```
//!
//! Same weights, same kind of device, same request: same grade, whatever else is in the batch.

pub mod adapt;
pub mod backend;
pub mod batch;
pub mod calibrate;
pub mod commands;
pub mod consistency;
pub mod dataset;
pub mod evaluate;
pub mod groups;
pub mod model;
pub mod train;
pub mod weights;

mod cache;
mod decide;
mod engine;
mod error;
mod explain;
mod features;
mod grader;
mod guard;
mod lesson;
pub mod prepare;
mod request;
mod study;
mod teach;
pub(crate) mod text;

pub use error::GradingError;
pub use grader::{Device, Grader, GraderConfig, Health, Precision, STAGE_BOUNDS, SelfTest, Stages, Stats, Times};
pub use request::{
    Decision, Evidence, Grade, GradeRequest, GradedExample, Limits, ReviewReason, RubricMatch, RubricPart,
    SimilarExample, Span,
};
pub use teach::{QuestionRequest, QuestionSuggestions};

//! Grades: the machine's suggestion beside the human's decision, and the work that makes them.
//!
//! `grading_work` is queued by the transaction that submits; workers claim it under a lease, grade, and `service::record` writes score,
//! evidence and model in one transaction, once, however often the work was tried. A human decision is written beside the suggestion, never
//! over it, and only if nobody else decided in the meantime. The effective points are the human's, else the machine's. Students
//! see nothing before the teacher publishes.
//!
//! `service` has one file per matter: `work` (for workers), `live` (progress), `review`, `publishing`, `result`, `gradebook`.

pub mod api;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(all(test, feature = "ssr"))]
mod learning_tests;
pub mod live;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod widgets;

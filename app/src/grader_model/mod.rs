//! Grading models: which there are, how well they do, and which one grades.
//!
//! A model is the encoder with a head fitted on graded answers. Heads are small files; registering one keeps it under its checksum in the
//! file storage, where every worker can fetch it. The head built into a program is kept there as well, for the programs after it. Exactly
//! one model is active; workers look every few seconds, load it beside the old one, and switch between two batches. A trial has a worker
//! grade stored answers with a candidate and with the active model and compares both with what teachers decided, before anybody activates
//! it. Stored grades keep the name of the model that made them.
//!
//! `trials` is the comparison, `service` registers, activates and rolls back.

pub mod api;
#[cfg(feature = "ssr")]
pub mod bars;
#[cfg(feature = "ssr")]
pub mod http;
pub mod model;
pub mod page;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(feature = "ssr")]
pub mod trials;

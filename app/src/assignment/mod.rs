//! Assignments: questions with instructions, dates and a late rule, drafted and then published to the course.
//!
//! A published assignment is answered until `closes_at` (or `due_at` when there is no late time); each day begun after
//! `due_at` costs `late_percent_per_day`. Grades are published separately, when the teacher is content.

pub mod api;
pub mod content;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
pub(crate) mod text;
pub mod view;
pub mod widgets;

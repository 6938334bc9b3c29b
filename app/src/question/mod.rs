//! Questions: what is asked, what it is worth, and what a right answer looks like.
//!
//! Kinds: short answer (graded by the model against reference answers and rubric), single and multiple choice, true/false and
//! numeric (graded by exact rules in `rules`). What a student may see of a question never contains its key.

pub mod api;
#[cfg(feature = "ssr")]
pub mod cache;
pub mod content;
pub mod form;
pub mod model;
pub mod pages;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;
pub mod widgets;

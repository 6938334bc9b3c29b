//! Questions: what is asked, what it is worth, and what a right answer looks like.
//!
//! Kinds: short answer (graded by the model against reference answers and rubric), single and multiple choice, true/false and
//! numeric (graded by exact rules in `rules`). What a student may see of a question never contains its key.

pub mod model;
pub mod rules;

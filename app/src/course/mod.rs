//! Courses and who takes part in them.
//!
//! A role is held per course: *teacher* (everything in the course), *assistant* (grades and reviews), *student* (answers).
//! An administrator may do what a teacher may, in every course, and each such act is in the audit log. `policy` is the one
//! place that decides; the services of the other rooms ask it.

pub mod model;
#[cfg(feature = "ssr")]
pub mod policy;
#[cfg(feature = "ssr")]
pub mod store;

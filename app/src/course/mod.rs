//! Courses and who takes part in them.
//!
//! A role is held per course: *teacher* (everything in the course), *assistant* (grades and reviews), *student* (answers).
//! An administrator may do what a teacher may, in every course, and each such act is in the audit log. `policy` is the one
//! place that decides; the services of the other rooms ask it.
//!
//! People come one by one or as a table (`import`), and only ever all or none. Somebody unknown gets an account with a one-time
//! password, shown once to whoever invited them (`admin::one_time`). Only an administrator makes somebody a teacher who is not
//! one anywhere yet. An archived course can be read and restored, not changed.

pub mod api;
pub mod form;
pub mod import;
pub mod model;
pub mod pages;
pub mod shape;
pub mod widgets;

#[cfg(feature = "ssr")]
pub mod enrolling;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod members;
#[cfg(feature = "ssr")]
pub mod policy;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(all(test, feature = "ssr"))]
mod tests;

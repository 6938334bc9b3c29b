//! Maintenance: a planned time in which the system is read-only, told ahead and fair to deadlines.
//!
//! A window is one row that every process reads (held for two seconds): from its start until somebody ends it, every changing door answers 503
//! with `Retry-After`, except what students type, signing in and out, and maintenance itself. The list of doors is in the server's
//! `layers/maintenance.rs`. A deadline that falls into a window moves to as long after the window's end as it was after its
//! beginning (`model::later`), so nobody loses time in which submitting was impossible.

pub mod api;
pub mod model;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod cache;
#[cfg(feature = "ssr")]
pub mod service;

#[cfg(feature = "ssr")]
pub use cache::Cache;

//! Settings of the institution: its name and time zone, kept in one row as JSON so that new settings need no migration.

pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

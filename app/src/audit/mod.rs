//! The audit log: who did what to what, append-only, each entry chained to the one before by its hash.
//!
//! An entry is written in the same transaction as the act, so there is no act without its entry. Editing or removing an
//! entry breaks every hash after it; `service::verify` finds the first break.

pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

//! Backups: made while the system runs, encrypted to a public key, proven by restoring them, and restored.
//!
//! One logical format for every database (`format`), so that a backup of SQLite restores into MySQL and the other way round. `create` reads
//! the database as of one instant (`source`), seals the stream (`seal`), copies the files that are new (`objects`) and uploads the signed
//! manifest last (`manifest`, `place`): without it, there is no backup. `prove` restores into a scratch database (`target`) and compares
//! every table. `restore` does the same for good. `prune` removes what is old, never the last proven one.

pub mod cell;
pub mod create;
pub mod env;
pub mod format;
pub mod jobs;
pub mod manifest;
pub mod numbers;
pub mod objects;
pub mod place;
pub mod prove;
pub mod prune;
pub mod record;
pub mod replay;
pub mod restore;
pub mod seal;
pub mod source;
pub mod stream;
pub mod target;

//! Looking at what is in a database: counts and checksums to compare before and after, and whether it is whole.
//!
//! A checksum is the sum of the hashes of the rows, so the order in which a database returns them does not matter, and the same rows give
//! the same sum on SQLite and on MySQL. Rows are streamed: memory stays small however large a table is.

mod integrity;
mod snapshot;
mod tables;

pub use integrity::{Finding, integrity};
pub use snapshot::{Difference, Snapshot, TableState, compare, snapshot};

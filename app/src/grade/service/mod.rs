//! What can be done with grades. Workers: `claim`, `record_many`, `fail`, `release`. People: watch, review, publish, read.

mod live;
mod work;

pub use live::{progress, snapshot};
pub use work::{Job, Lease, Recorded, claim, fail, record, record_many, release};

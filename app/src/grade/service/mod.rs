//! What can be done with grades. Workers: `claim`, `record_many`, `fail`, `release`. People: watch, review, publish, read.

mod gradebook;
mod holding;
mod live;
mod publishing;
mod reading;
mod result;
mod review;
mod work;

pub use gradebook::{gradebook, gradebook_csv};
pub use holding::{hold, pause, start};
pub use live::{cockpit, progress, snapshot};
pub use publishing::{publish, publishing, unpublish};
pub use result::result;
pub use review::{accept, clear, decide, desk, queue, review_item};
pub use work::{Job, Lease, Recorded, claim, fail, record, record_many, release};

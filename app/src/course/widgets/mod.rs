//! Pieces that the pages of courses share.

mod accounts;
mod failure;
mod fields;
mod head;
mod phase;

pub use accounts::NewAccounts;
pub use failure::{done, failure, wrong};
pub use fields::CourseFields;
pub use head::{CourseHead, Place};
pub use phase::{PhaseBadge, When};

//! An attached file on the screen: attaching one, and showing one.

mod attach;
mod attached;
#[cfg(feature = "hydrate")]
mod send;

pub use attach::AttachFile;
pub use attached::AttachedFile;

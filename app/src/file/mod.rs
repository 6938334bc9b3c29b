//! Files attached to answers: from the student's device into the store, and the text the grader reads from them.
//!
//! A browser uploads straight to the object store with a pre-signed address that fits one file of a declared type and size
//! (`begin`), then says it is done (`finish`): the server checks size and SHA-256, looks at the content itself, and reads the
//! text under hard limits. Only then is the file `ready`; otherwise it is `rejected` with words a student can act on.
//! Uploads land below `incoming/`; what was checked is kept below `files/`, where no handed-out address can write.
//!
//! Without JavaScript the file goes through the server by a plain form (`http`).

pub mod api;
pub mod model;
pub mod pages;
pub mod widgets;

#[cfg(feature = "ssr")]
pub mod extract;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod sweep;

pub use widgets::AttachFile;

#[cfg(all(test, feature = "ssr"))]
mod tests;

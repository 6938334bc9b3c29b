//! The house around the rooms: the HTML document, the frame with its navigation, and how a page shows loading and errors.

mod app;
mod document;
mod loaded;
mod viewer;

pub use app::App;
pub use document::document;
pub use loaded::{ErrorView, FormError, changes, followed, loaded, sign_in_address};
#[cfg(feature = "ssr")]
pub use viewer::Announcements;
pub use viewer::{signed_in, viewer};

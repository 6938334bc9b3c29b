//! The book: what is written in `docs/`, readable inside the application at `/help`.
//!
//! The pages are compiled into the server, so that the help always belongs to the version that runs. Anyone may read them; a school that
//! wonders whether to use this can. Adding a page: write `docs/<name>.md`, add it to `book::PAGES`.

mod api;
mod model;
mod page;

#[cfg(feature = "ssr")]
mod book;

pub use page::{HelpPage, HelpTopicPage};

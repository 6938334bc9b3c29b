//! The guided tour: a strip above the real pages says what is to be seen there and leads on to the next one.
//!
//! A tour has stops, each a page of the person who takes it: their course, their assignment, their result. Where somebody stands is in the
//! address (`?tour=teacher-2`), so a tour survives a reload, works without script, and ends with the first link that leads elsewhere.

mod api;
mod bar;
pub mod model;
mod page;

#[cfg(feature = "ssr")]
mod service;
#[cfg(all(test, feature = "ssr"))]
mod tests;

pub use bar::TourBar;
pub use page::TourPage;

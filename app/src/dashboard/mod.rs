//! The first page: what to do next, and what has arrived.
//!
//! A student sees what is due, how much of it is written, and new grades; a teacher sees what waits to be graded, reviewed or
//! published; an administrator also finds the way to the console; a visitor a calm door. It owns no table: everything here is
//! read from the other rooms.

pub mod api;
pub mod model;
mod page;
mod widgets;

#[cfg(feature = "ssr")]
pub mod service;

pub use page::DashboardPage;

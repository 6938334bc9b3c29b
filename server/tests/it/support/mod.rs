//! A whole server on a free port, people to use it, and what it logs.

mod app;
mod client;
mod log;
mod school;
mod sink;

pub use app::{Database, PASSWORD, TestApp, email};
pub use client::{Client, Reply};
pub use log::logged;
pub use school::{School, save, short_answer};
pub use sink::Sink;

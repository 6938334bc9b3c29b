//! Auto-Grader's application: every noun in a room of its own, in two faces.
//!
//! With `ssr` this is the application inside the server: pages, server functions, services, stores. With `hydrate` it is what the
//! browser runs: the same pages and models, with server functions as calls. A room repeats one pattern: `model` (both
//! faces) · `api` (server functions) · `page`, `widgets` (what is seen) · `service` (may I, is it valid, one transaction) · `store`
//! (queries). See ARCHITECTURE.md.

#![recursion_limit = "512"]

mod device;
mod drafts;
pub mod error;
pub mod ids;
pub mod points;
pub mod time;

pub mod account;
pub mod admin;
pub mod assignment;
pub mod audit;
pub mod course;
pub mod dashboard;
pub mod file;
pub mod grade;
pub mod grader_model;
pub mod help;
pub mod mail;
pub mod maintenance;
pub mod question;
pub mod routes;
pub mod settings;
pub mod shell;
pub mod submission;
pub mod tour;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod platform;
#[cfg(all(test, feature = "ssr"))]
pub(crate) mod testing;

//! The administrator's room: people and their accounts, the health of every part, the audit log, the institution.
//!
//! Everything here asks `ctx.admin()` first. Green is silent and trouble is loud: `service::system` is one look at every part,
//! `service::health` the same for programs (`GET /health/ready`). There is always an administrator left who can sign in.

pub mod api;
pub mod model;
pub mod pages;
pub mod widgets;

#[cfg(feature = "ssr")]
pub mod health;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod one_time;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod users;

#[cfg(all(test, feature = "ssr"))]
mod tests;

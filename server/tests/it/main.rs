//! The server from outside: through HTTP, on real databases, with the real worker. One binary, because each takes long to link.

// The futures of whole stories are deep.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod authorisation;
mod backup;
mod bad_input;
mod durability;
mod files;
mod learning;
mod mail;
mod main_job;
mod maintenance;
mod models;
mod pages;
mod redis;
mod support;

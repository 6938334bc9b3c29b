//! The server from outside: through HTTP, on real databases, with the real worker. One binary, because each takes long to link.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod authorisation;
mod bad_input;
mod durability;
mod mail;
mod learning;
mod main_job;
mod maintenance;
mod support;

//! The server: the one binary that serves pages, grades answers and runs the commands of an installation.
//!
//! Nothing depends on this crate, and only this crate sees both `app` and `grading`; `worker` translates between them. `boot` is the one
//! place where the parts are put together, `http` the one screen with every route, `cli` the one list of commands.

pub mod backup;
pub mod boot;
pub mod cli;
pub mod config;
pub mod http;
pub mod layers;
pub mod mail;
pub mod metrics;
pub mod redis;
pub mod report;
pub mod rest;
pub mod schedule;
pub mod seed;
pub mod telemetry;
pub mod verify;
pub mod worker;

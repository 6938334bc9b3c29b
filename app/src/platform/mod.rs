//! What the rooms stand on, server side only: the request context, the database, sessions, files, the clock.
//!
//! Nothing here knows a course or a grade. Rooms see `Ctx` and, through it, everything else.

pub mod blobs;
pub mod cache;
pub mod clock;
pub mod ctx;
pub mod db;
pub mod hints;
pub mod http;
pub mod incident;
pub mod limits;
pub mod password;
pub mod schedule;
pub mod sessions;
pub mod signer;
pub mod state;
pub mod typed;

pub use ctx::{Actor, Ctx, run};
pub use state::AppState;

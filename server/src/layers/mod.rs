//! What surrounds every route, one layer a file. The order is in `http::router`.

pub mod announce;
pub mod ctx;
pub mod maintenance;
pub mod origin;
pub mod panics;
pub mod security;
pub mod unread;
pub mod watch;

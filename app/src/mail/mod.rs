//! Mail and notifications: what the program tells people, by e-mail and in the app.
//!
//! A mail is a row of the outbox, written in the transaction of what it tells about (`enqueue`), so there is no mail about something that
//! was rolled back and nothing happens silently. `dedupe_key` is unique: the same event is told once. The server's sender claims rows
//! under a lease and hands them to the SMTP server; see `delivery` for its states and for the one moment in which nobody can know
//! whether a mail arrived. Each kind of mail says whether people may switch it off and whether it waits out their quiet hours;
//! the same events are listed in the app at `/notifications`. All words are in `words`, their looks in `template`.

pub mod api;
pub mod model;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod delivery;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod outbox;
#[cfg(feature = "ssr")]
pub mod quiet;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod template;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use outbox::{Mail, To, enqueue, enqueue_all};
#[cfg(feature = "ssr")]
pub use settings::Settings;
#[cfg(feature = "ssr")]
pub use words::Message;

//! Submissions: a student's answers to one assignment, from the first keystroke to the signed receipt.
//!
//! Typing goes to a **durable journal**: a change is acknowledged when it is committed, replays are recognised by the id the
//! browser gave the change, and `answers` holds the latest value of each question. Submitting freezes the answers, queues
//! their grading in the same transaction, and gives a receipt that anyone can verify.
//!
//! In the browser every keystroke is first kept on the device (`queue`, `autosave`), then sent; the journal's acknowledgement
//! removes it there.

pub mod api;
mod autosave;
pub mod form;
pub mod model;
pub mod pages;
pub mod queue;
mod widgets;
pub mod words;

#[cfg(feature = "ssr")]
pub mod content;
#[cfg(feature = "ssr")]
pub mod journal;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;

//! Accounts: who people are, how they sign in, their sessions and API tokens.
//!
//! Anyone may register and is then a student; teachers and administrators are made by an administrator. Signing in gives a
//! session with a fresh id; sessions end after twelve idle hours or thirty days, are listed in the profile and can be revoked there.
//! Sign-in errors never tell whether an account exists, and bring the address back that was typed (`typed`). API tokens are shown once and
//! stored as a hash.

pub mod api;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod recovery;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod tokens;
#[cfg(feature = "ssr")]
mod typed;

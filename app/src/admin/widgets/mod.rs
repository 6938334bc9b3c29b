//! Pieces that the administrator's pages share.

mod head;
mod health;

pub use head::{AdminHead, Place};
pub use health::HealthPanel;

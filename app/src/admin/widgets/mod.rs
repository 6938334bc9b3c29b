//! Pieces that the administrator's pages share.

mod backups;
mod head;
mod health;

pub use backups::BackupsPanel;
pub use head::{AdminHead, Place};
pub use health::HealthPanel;

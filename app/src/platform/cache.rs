//! What a shared memory between processes can do for us, when there is one. The server fills it in (Redis); without it, or while it is gone,
//! the database answers instead.

use crate::ids::UserId;
use async_trait::async_trait;
use std::sync::Arc;

/// It did not answer. Whoever asked does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

#[async_trait]
pub trait Cache: Send + Sync {
    /// Whether it answers now.
    async fn ping(&self) -> Result<(), Gone>;
    /// Counts one more under `key`, which is forgotten after `seconds`; the count so far, this one included.
    async fn count(&self, key: &str, seconds: i64) -> Result<i64, Gone>;
    async fn forget(&self, key: &str) -> Result<(), Gone>;
    /// From now on, copies of this person's sessions made before are worth nothing; the database knows which ones go on.
    async fn end_sessions(&self, user: UserId) -> Result<(), Gone>;
}

/// The shared memory, if one is configured.
#[derive(Clone, Default)]
pub struct SharedCache(pub Option<Arc<dyn Cache>>);

impl SharedCache {
    /// To be called after the sessions of somebody ended in the database. If the shared memory is away right now, its copies end by
    /// themselves within a minute.
    pub async fn end_sessions(&self, user: UserId) {
        if let Some(cache) = &self.0
            && cache.end_sessions(user).await.is_err()
        {
            tracing::warn!("copies of ended sessions could not be removed; they run out within a minute");
        }
    }
}

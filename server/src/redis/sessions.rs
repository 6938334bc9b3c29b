//! Where sessions are kept: the database is the truth; Redis, when configured, holds a copy that spares it most reads.

use app::platform::sessions::DbSessions;
use async_trait::async_trait;
use fred::prelude::Pool;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;
use tower_sessions_redis_store::RedisStore;

#[derive(Clone, Debug)]
pub struct Store {
    database: DbSessions,
    copy: Option<RedisStore<Pool>>,
}

impl Store {
    pub fn new(database: DbSessions, redis: Option<Pool>) -> Store {
        Store {
            database,
            copy: redis.map(RedisStore::new),
        }
    }

    /// The truth behind the copy.
    pub fn database(&self) -> &DbSessions {
        &self.database
    }
}

/// Trouble with the copy is logged and otherwise no trouble.
fn note<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| tracing::warn!(%error, "the session copy is unavailable"))
        .ok()
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.database.create(record).await?;
        if let Some(copy) = &self.copy {
            note(copy.save(record).await);
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.database.save(record).await?;
        if let Some(copy) = &self.copy {
            note(copy.save(record).await);
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        match &self.copy {
            Some(copy) => match note(copy.load(id).await).flatten() {
                Some(record) => Ok(Some(record)),
                // Not in the copy: Redis was emptied or is away, or the session has ended. The database knows.
                None => self.database.load(id).await,
            },
            None => self.database.load(id).await,
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.database.delete(id).await?;
        if let Some(copy) = &self.copy {
            note(copy.delete(id).await);
        }
        Ok(())
    }
}

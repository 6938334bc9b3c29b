//! Where sessions are kept: the database is the truth; Redis, when configured, holds a copy for a minute that spares it most reads. Ending
//! the sessions of a person makes all copies of theirs worthless at once (see `RedisCache::ended`).

use super::RedisCache;
use app::platform::sessions::{DbSessions, key};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;

#[derive(Clone)]
pub struct Store {
    database: DbSessions,
    copies: Option<RedisCache>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("copies", &self.copies.is_some()).finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Copy {
    record: Record,
    /// How often sessions of this person had been ended when the copy was made.
    ended: i64,
}

impl Store {
    pub fn new(database: DbSessions, copies: Option<RedisCache>) -> Store {
        Store { database, copies }
    }

    /// The truth behind the copies.
    pub fn database(&self) -> &DbSessions {
        &self.database
    }

    /// Sessions of nobody are not worth a copy; trouble with the copy is no trouble.
    async fn keep(&self, record: &Record, ended: i64) {
        if let Some(copies) = &self.copies
            && let Ok(text) = serde_json::to_string(&Copy {
                record: record.clone(),
                ended,
            })
        {
            let _ = copies.keep_copy(&record.id.to_string(), text).await;
        }
    }

    async fn fresh_copy(&self, id: &Id) -> Option<Record> {
        let copies = self.copies.as_ref()?;
        let text = copies.copy(&id.to_string()).await.ok()??;
        let copy: Copy = serde_json::from_str(&text).ok()?;
        let user = user_of(&copy.record)?;
        let fresh = copies.ended(&user).await.ok()? == copy.ended;
        let now = i128::from(self.database.clock.now().0) * 1000;
        (fresh && copy.record.id == *id && copy.record.expiry_date.unix_timestamp_nanos() > now).then_some(copy.record)
    }
}

fn user_of(record: &Record) -> Option<String> {
    record.data.get(key::USER)?.as_str().map(str::to_owned)
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.database.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.database.save(record).await?;
        if let Some(copies) = &self.copies {
            // The next read makes a new one.
            let _ = copies.drop_copy(&record.id.to_string()).await;
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        if let Some(record) = self.fresh_copy(id).await {
            return Ok(Some(record));
        }
        // The number first: sessions that end between the two reads make this copy worthless from its birth.
        let Some(copies) = &self.copies else {
            return self.database.load(id).await;
        };
        let before = self.database.load(id).await?;
        let Some(user) = before.as_ref().and_then(user_of) else {
            return Ok(before);
        };
        let Ok(ended) = copies.ended(&user).await else {
            return Ok(before);
        };
        let record = self.database.load(id).await?;
        if let Some(record) = &record {
            self.keep(record, ended).await;
        }
        Ok(record)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.database.delete(id).await?;
        if let Some(copies) = &self.copies {
            let _ = copies.drop_copy(&id.to_string()).await;
        }
        Ok(())
    }
}

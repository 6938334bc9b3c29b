//! Sessions in the database: listable and revocable per user, the default store of `tower-sessions`.

use crate::entity::session;
use crate::ids::UserId;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::time::Timestamp;
use async_trait::async_trait;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{ExpiredDeletion, SessionStore};

/// Keys inside a session.
pub mod key {
    pub const USER: &str = "user";
    pub const SIGNED_IN_AT: &str = "signed_in_at";
    pub const USER_AGENT: &str = "user_agent";
    pub const ADDRESS: &str = "address";
}

#[derive(Clone)]
pub struct DbSessions {
    pub db: Db,
    pub clock: Clock,
}

impl std::fmt::Debug for DbSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DbSessions")
    }
}

#[async_trait]
impl SessionStore for DbSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while self.load(&record.id).await?.is_some() {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let now = self.clock.now();
        let text = |key: &str, most: usize| {
            record
                .data
                .get(key)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .chars()
                .take(most)
                .collect::<String>()
        };
        let user = record
            .data
            .get(key::USER)
            .and_then(|v| v.as_str())
            .and_then(|id| id.parse::<UserId>().ok());
        let row = session::ActiveModel {
            id: Set(record.id.to_string()),
            data: Set(serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?),
            user_id: Set(user),
            user_agent: Set(text(key::USER_AGENT, 300)),
            address: Set(text(key::ADDRESS, 64)),
            created_at: Set(now),
            last_seen_at: Set(now),
            expires_at: Set(Timestamp((record.expiry_date.unix_timestamp_nanos() / 1000) as i64)),
        };
        let update = OnConflict::column(session::Column::Id)
            .update_columns([
                session::Column::Data,
                session::Column::UserId,
                session::Column::UserAgent,
                session::Column::Address,
                session::Column::LastSeenAt,
                session::Column::ExpiresAt,
            ])
            .to_owned();
        session::Entity::insert(row)
            .on_conflict(update)
            .exec_without_returning(self.db.read())
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = session::Entity::find_by_id(id.to_string())
            .filter(session::Column::ExpiresAt.gt(self.clock.now()))
            .one(self.db.read())
            .await
            .map_err(backend)?;
        row.map(|row| {
            let data: HashMap<_, _> = serde_json::from_str(&row.data).map_err(|e| Error::Decode(e.to_string()))?;
            let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.expires_at.0) * 1000)
                .map_err(|e| Error::Decode(e.to_string()))?;
            Ok(Record {
                id: *id,
                data,
                expiry_date,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::Entity::delete_by_id(id.to_string())
            .exec(self.db.read())
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl ExpiredDeletion for DbSessions {
    async fn delete_expired(&self) -> Result<()> {
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(self.clock.now()))
            .exec(self.db.read())
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn backend(error: sea_orm::DbErr) -> Error {
    Error::Backend(error.to_string())
}

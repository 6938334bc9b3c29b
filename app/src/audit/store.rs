//! Appending to the chain, and checking it.

use crate::entity::audit_entry;
use crate::error::AppResult;
use crate::platform::Ctx;
use crate::platform::db::is_duplicate;
use crate::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use sha2::{Digest, Sha256};

/// What was done, to be chained.
pub struct Act<'a> {
    /// `noun.verb`
    pub action: &'a str,
    pub target_kind: &'a str,
    pub target_id: String,
    pub detail: serde_json::Value,
}

/// Appends one entry; call it inside the transaction of the act.
pub async fn record(ctx: &Ctx, tx: &impl ConnectionTrait, act: Act<'_>) -> AppResult<()> {
    match append(ctx, tx, &act).await {
        // Two acts at once were the first ever, and the other one was written: this one queues behind it.
        Err(error) if is_duplicate(&error) => append(ctx, tx, &act).await?,
        done => done?,
    }
    Ok(())
}

async fn append(ctx: &Ctx, tx: &impl ConnectionTrait, act: &Act<'_>) -> Result<(), DbErr> {
    let chain = audit_entry::Entity::find();
    // One after another: everyone queues for the first entry, which never changes, and only then asks which is the last. (Queueing for the
    // last one would not do: who waited for it gets it although another has been added meanwhile.) SQLite has one writer anyway.
    if ctx.state.db.has_row_locks() {
        let first = chain.clone().select_only().column(audit_entry::Column::Id);
        let _: Option<i64> = first
            .order_by_asc(audit_entry::Column::Id)
            .lock_exclusive()
            .into_tuple()
            .one(tx)
            .await?;
    }
    let last = chain.order_by_desc(audit_entry::Column::Id).one(tx).await?;
    let previous = last.map_or_else(String::new, |entry| entry.hash);
    let mut entry = audit_entry::Model {
        id: 0,
        at: ctx.now(),
        actor_id: ctx.actor.as_ref().map(|actor| actor.id),
        actor_name: ctx.actor.as_ref().map_or("system", |actor| &actor.name).to_owned(),
        action: act.action.to_owned(),
        target_kind: act.target_kind.to_owned(),
        target_id: act.target_id.clone(),
        detail: act.detail.to_string(),
        previous_hash: previous,
        hash: String::new(),
    };
    entry.hash = hash(&entry);
    let mut row = audit_entry::ActiveModel::from(entry).reset_all();
    row.id = NotSet;
    audit_entry::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A page of entries, newest first, older than `before`.
pub async fn page(db: &impl ConnectionTrait, before: Option<i64>, most: u64) -> AppResult<Vec<audit_entry::Model>> {
    let mut query = audit_entry::Entity::find()
        .order_by_desc(audit_entry::Column::Id)
        .limit(most);
    if let Some(before) = before {
        query = query.filter(audit_entry::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// Walks the chain; the id of the first entry that does not fit.
pub async fn first_break(db: &impl ConnectionTrait) -> AppResult<Option<i64>> {
    let (mut last, mut previous) = (0, String::new());
    loop {
        let batch = audit_entry::Entity::find()
            .filter(audit_entry::Column::Id.gt(last))
            .order_by_asc(audit_entry::Column::Id)
            .limit(500)
            .all(db)
            .await?;
        let Some(end) = batch.last().map(|entry| entry.id) else {
            return Ok(None);
        };
        for entry in &batch {
            if entry.previous_hash != previous || entry.hash != hash(entry) {
                return Ok(Some(entry.id));
            }
            previous.clone_from(&entry.hash);
        }
        last = end;
    }
}

fn hash(entry: &audit_entry::Model) -> String {
    let actor = entry.actor_id.map_or_else(String::new, |id| id.to_string());
    let parts = [
        entry.previous_hash.as_str(),
        &entry.at.0.to_string(),
        &actor,
        &entry.actor_name,
        &entry.action,
        &entry.target_kind,
        &entry.target_id,
        &entry.detail,
    ];
    let mut digest = Sha256::new();
    for part in parts {
        // Lengths keep "ab","c" apart from "a","bc".
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

/// The newest instant in the log, for health checks.
pub async fn last_at(db: &impl ConnectionTrait) -> AppResult<Option<Timestamp>> {
    Ok(audit_entry::Entity::find()
        .order_by_desc(audit_entry::Column::Id)
        .one(db)
        .await?
        .map(|entry| entry.at))
}

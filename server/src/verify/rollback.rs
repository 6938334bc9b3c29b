//! `verify rollback`: the previous version serves, and whatever was submitted until then is still there.
//!
//! Before the switch, `record` writes down a sum over everything that can no longer change: submissions with their receipts. Afterwards
//! `compare` makes the same sum over the same rows. What came later is not looked at, so people may go on working meanwhile.

use super::walk::Walk;
use super::{Checks, Seen, well};
use crate::backup::cell::{Cell, Sum};
use crate::config::Config;
use anyhow::{Context, ensure};
use app::entity::{answer, submission};
use app::platform::clock::Clock;
use app::platform::db::Db;
use app::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What must not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub until: Timestamp,
    pub submissions: u64,
    /// Over id, content hash and receipt of every submission handed in until then.
    pub sum: String,
    pub answers: u64,
    pub version: String,
}

/// Sums up what was handed in until `until`.
async fn sum(db: &Db, until: Timestamp) -> anyhow::Result<Record> {
    let (mut sum, mut last) = (Sum::default(), None);
    loop {
        let mut page = submission::Entity::find()
            .filter(submission::Column::SubmittedAt.lte(until))
            .order_by_asc(submission::Column::Id)
            .limit(1000);
        if let Some(last) = last {
            page = page.filter(submission::Column::Id.gt(last));
        }
        let rows = page.all(db.read()).await?;
        for row in &rows {
            let text = |value: &Option<String>| value.clone().map_or(Cell::Null, Cell::Text);
            sum.add(&[
                Cell::Text(row.id.to_string()),
                text(&row.content_hash),
                text(&row.receipt),
            ]);
        }
        match rows.last() {
            Some(row) => last = Some(row.id),
            None => break,
        }
    }
    let answers = answer::Entity::find()
        .filter(answer::Column::UpdatedAt.lte(until))
        .count(db.read())
        .await?;
    Ok(Record {
        until,
        submissions: sum.rows,
        sum: sum.hex(),
        answers,
        version: env!("CARGO_PKG_VERSION").into(),
    })
}

/// Writes the record to `file`.
pub async fn record(config: &Config, file: &Path) -> anyhow::Result<Record> {
    let db = Db::connect(&config.database_url(), 2).await?;
    let record = sum(&db, Clock::default().now()).await?;
    std::fs::write(file, serde_json::to_vec_pretty(&record)?)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(record)
}

/// Compares with the record, and looks at the server.
pub async fn compare(config: &Config, walk: &Walk, file: Option<&Path>, expected: Option<&str>, checks: &mut Checks) {
    checks.run("rollback.version", "version", version(walk, expected)).await;
    checks
        .run("rollback.ready", "ready", async {
            well(walk.page("/health/ready", "ready").await?)
        })
        .await;
    let db = match Db::connect(&config.database_url(), 2).await {
        Ok(db) => db,
        Err(error) => {
            checks
                .run("rollback.database", "database", async { Err(error.into()) })
                .await;
            return;
        }
    };
    checks
        .run("rollback.schema", "schema", super::migration::schema(&db))
        .await;
    if let Some(file) = file {
        checks.run("rollback.kept", "nothing was lost", kept(&db, file)).await;
    }
}

async fn version(walk: &Walk, expected: Option<&str>) -> anyhow::Result<Seen> {
    let (status, body) = walk.call(reqwest::Method::GET, "/health", None, None).await?;
    ensure!(status.is_success(), "answered {status}");
    let version = body["version"].as_str().context("no version")?;
    if let Some(expected) = expected {
        ensure!(version == expected, "version {version} serves, not {expected}");
    }
    well(format!("version {version} serves"))
}

async fn kept(db: &Db, file: &Path) -> anyhow::Result<Seen> {
    let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let before: Record = serde_json::from_slice(&text).context("the record is damaged")?;
    let after = sum(db, before.until).await?;
    ensure!(
        after.submissions == before.submissions && after.sum == before.sum,
        "of {} submissions handed in until then, {} are there as they were",
        before.submissions,
        after.submissions
    );
    well(format!(
        "all {} submissions handed in until {} are there as they were",
        before.submissions,
        before.until.rfc3339()
    ))
}

//! Row counts and checksums of every table, saved to a file and compared later.

use super::tables::{Column, columns, quoted, tables, written};
use futures::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, Statement, StreamTrait,
    TransactionTrait,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Tables that change by themselves while nobody does anything.
const RESTLESS: &[&str] = &[
    "seaql_migrations",
    "schema_versions",
    "sessions",
    "attempts",
    "job_runs",
    "replication_heartbeat",
    "grading_workers",
];

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableState {
    pub rows: u64,
    /// 32 hexadecimal digits over all rows and `columns`.
    pub checksum: String,
    pub columns: Vec<String>,
}

/// What a database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub migrations: Vec<String>,
    pub tables: BTreeMap<String, TableState>,
}

/// One table that is not as it was, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub table: String,
    pub problem: String,
    /// More rows than before and nothing else: what a system does that went on working.
    pub grown: bool,
}

/// Counts and sums everything as of one instant. With `like`, over the columns which that snapshot knows, so that columns added since do
/// not count as a difference.
pub async fn snapshot(db: &DatabaseConnection, like: Option<&Snapshot>) -> Result<Snapshot, DbErr> {
    let backend = db.get_database_backend();
    let isolation = (backend == sea_orm::DbBackend::MySql).then_some(IsolationLevel::RepeatableRead);
    let tx = db.begin_with_config(isolation, None).await?;
    let mut found = Snapshot::default();
    for table in tables(&tx).await? {
        if table == "seaql_migrations" {
            let text = "SELECT version FROM seaql_migrations ORDER BY version";
            for row in tx.query_all_raw(Statement::from_string(backend, text)).await? {
                found.migrations.push(row.try_get("", "version")?);
            }
        }
        if RESTLESS.contains(&table.as_str()) {
            continue;
        }
        let mut all = columns(&tx, &table).await?;
        if let Some(before) = like.and_then(|like| like.tables.get(&table)) {
            all.retain(|column| before.columns.contains(&column.name));
        }
        let state = table_state(&tx, &table, &all).await?;
        found.tables.insert(table, state);
    }
    tx.rollback().await?;
    Ok(found)
}

async fn table_state(db: &DatabaseTransaction, table: &str, columns: &[Column]) -> Result<TableState, DbErr> {
    let backend = ConnectionTrait::get_database_backend(db);
    // One text per row: null as ~, values as hexadecimal, so that nothing can be mistaken for something else.
    let parts: Vec<String> = columns
        .iter()
        .map(|column| format!("COALESCE({}, '~')", written(backend, column)))
        .collect();
    let line = match (backend, parts.is_empty()) {
        (_, true) => "''".to_owned(),
        (sea_orm::DbBackend::MySql, _) => format!("CONCAT_WS(',', {})", parts.join(", ")),
        _ => parts.join(" || ',' || "),
    };
    let text = format!("SELECT {line} AS line FROM {}", quoted(backend, table));
    let rows = db.stream_raw(Statement::from_string(backend, text)).await?;
    let mut rows = std::pin::pin!(rows);
    let (mut count, mut sum) = (0, 0_u128);
    while let Some(row) = rows.try_next().await? {
        let line: String = row.try_get("", "line")?;
        let hash = Sha256::digest(line.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        sum = sum.wrapping_add(u128::from_be_bytes(first));
        count += 1;
    }
    Ok(TableState {
        rows: count,
        checksum: format!("{sum:032x}"),
        columns: columns.iter().map(|column| column.name.clone()).collect(),
    })
}

/// Where `after` is not what `before` was. `after` must have been taken with `like: Some(before)`.
pub fn compare(before: &Snapshot, after: &Snapshot) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut say = |table: &str, grown: bool, problem: String| {
        differences.push(Difference {
            table: table.to_owned(),
            problem,
            grown,
        });
    };
    for (table, old) in &before.tables {
        let Some(new) = after.tables.get(table) else {
            say(table, false, format!("The table is gone; it had {} rows.", old.rows));
            continue;
        };
        let gone: Vec<&str> = old
            .columns
            .iter()
            .filter(|column| !new.columns.contains(column))
            .map(String::as_str)
            .collect();
        if !gone.is_empty() {
            say(table, false, format!("Columns are gone: {}.", gone.join(", ")));
        } else if new.rows < old.rows {
            say(
                table,
                false,
                format!("{} rows of {} are missing.", old.rows - new.rows, old.rows),
            );
        } else if new.rows > old.rows {
            say(
                table,
                true,
                format!("{} rows more than the {} before.", new.rows - old.rows, old.rows),
            );
        } else if new.checksum != old.checksum {
            say(
                table,
                false,
                format!("The {} rows are as many as before, but not the same.", old.rows),
            );
        }
    }
    differences
}

//! Filling an empty database from a backup.
//!
//! A marker table goes in first and out last. Who finds it (a server that starts, the next restore) knows that the restore was cut
//! short; the next restore then clears the half and begins anew.

use super::cell::Cell;
use super::format::Table;
use super::source::{NOT_OURS, place_of};
use anyhow::{Context, bail, ensure};
use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement, TransactionTrait, Value,
};
use std::time::Duration;

pub const MARKER: &str = "restore_in_progress";
/// Values in one INSERT; SQLite takes 32766, MySQL 65535.
const MOST_VALUES: usize = 8_000;
/// Bytes in one INSERT; MySQL's smallest usual packet is 16 MB.
const MOST_BYTES: usize = 2_000_000;

/// A database to be filled.
pub struct Target {
    db: DatabaseConnection,
    url: String,
}

impl Target {
    /// One connection that does not check foreign keys: tables come in any order.
    pub async fn open(url: &str) -> anyhow::Result<Target> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(Duration::from_secs(30))
                    .foreign_keys(false)
            });
        let db = Database::connect(options)
            .await
            .with_context(|| format!("the database {} cannot be opened", place_of(url)))?;
        if db.get_database_backend() == DatabaseBackend::MySql {
            db.execute_unprepared("SET SESSION foreign_key_checks = 0").await?;
            // MariaDB's limit for pages; MySQL's is for SELECT alone.
            let _ = db.execute_unprepared("SET SESSION max_statement_time = 0").await;
        }
        Ok(Target {
            db,
            url: url.to_owned(),
        })
    }

    fn statement(&self, sql: impl Into<String>) -> Statement {
        Statement::from_string(self.db.get_database_backend(), sql.into())
    }

    async fn names(&self) -> anyhow::Result<Vec<String>> {
        let sql = match self.db.get_database_backend() {
            DatabaseBackend::MySql => {
                "SELECT CAST(table_name AS CHAR) AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
            }
            _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        };
        let rows = self.db.query_all_raw(self.statement(sql)).await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get("", "name"))
            .collect::<Result<_, _>>()?)
    }

    /// Whether a restore was cut short here.
    pub async fn is_half(&self) -> anyhow::Result<bool> {
        Ok(self.names().await?.iter().any(|name| name == MARKER))
    }

    /// Whether somebody's data is here: a table, other than those of the machinery, with a row in it.
    pub async fn has_data(&self) -> anyhow::Result<bool> {
        for name in self.names().await? {
            if !NOT_OURS.contains(&name.as_str()) {
                let first = self.statement(format!("SELECT 1 AS one FROM `{name}` LIMIT 1"));
                if self.db.query_one_raw(first).await?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Leaves a database with the marker and nothing else.
    pub async fn clear(&self, backup: &str) -> anyhow::Result<()> {
        let make = format!("CREATE TABLE IF NOT EXISTS `{MARKER}` (backup VARCHAR(64) NOT NULL)");
        self.db.execute_unprepared(&make).await?;
        let note = format!("INSERT INTO `{MARKER}` (backup) VALUES (?)");
        let values = [Value::from(backup)];
        self.db
            .execute_raw(Statement::from_sql_and_values(
                self.db.get_database_backend(),
                note,
                values,
            ))
            .await?;
        for name in self.names().await? {
            if name != MARKER {
                self.db.execute_unprepared(&format!("DROP TABLE `{name}`")).await?;
            }
        }
        Ok(())
    }

    /// The schema the backup had: exactly, when its migrations are the first of ours; otherwise all of ours, in which newer columns
    /// have defaults.
    pub async fn shape(&self, migrations: &[String]) -> anyhow::Result<()> {
        let ours: Vec<String> = Migrator::migrations().iter().map(|one| one.name().to_owned()).collect();
        if let Some(unknown) = migrations.iter().find(|name| !ours.contains(name)) {
            bail!(
                "the backup was made by a newer version: this one does not know {unknown}. Restore with the version named in its manifest"
            );
        }
        let first = ours.iter().take(migrations.len()).eq(migrations.iter());
        let steps = first.then_some(migrations.len() as u32);
        // A migration may need a second connection; this one does not check foreign keys, so it is not used.
        let db = app::platform::db::Db::connect(&self.url, 2).await?;
        Migrator::up(db.read(), steps)
            .await
            .context("the schema cannot be made")?;
        for name in self.names().await? {
            if !NOT_OURS.contains(&name.as_str()) {
                self.db.execute_unprepared(&format!("DELETE FROM `{name}`")).await?;
            }
        }
        Ok(())
    }

    /// Brings the schema to this program's.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let db = app::platform::db::Db::connect(&self.url, 2).await?;
        migration::control::up(db.read())
            .await
            .context("the schema cannot be brought to this version")?;
        Ok(())
    }

    /// Adds rows, all or none.
    pub async fn load(&self, table: &Table, rows: Vec<Vec<Cell>>) -> anyhow::Result<()> {
        let width = table.columns.len();
        ensure!(width > 0, "the table {} has no columns", table.name);
        let columns: Vec<String> = table.columns.iter().map(|name| format!("`{name}`")).collect();
        let places = format!("({})", vec!["?"; width].join(", "));
        let tx = self.db.begin().await?;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let (mut values, mut bytes, mut count) = (Vec::new(), 0, 0);
            while let Some(row) = rows.next_if(|_| values.len() + width <= MOST_VALUES && bytes < MOST_BYTES) {
                ensure!(
                    row.len() == width,
                    "a row of {} has {} values, not {width}",
                    table.name,
                    row.len()
                );
                bytes += row.iter().map(Cell::size).sum::<usize>();
                values.extend(row.into_iter().map(value));
                count += 1;
            }
            let sql = format!(
                "INSERT INTO `{}` ({}) VALUES {}",
                table.name,
                columns.join(", "),
                vec![places.as_str(); count].join(", ")
            );
            let insert = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
            tx.execute_raw(insert)
                .await
                .with_context(|| format!("rows of {} cannot be stored", table.name))?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whether every reference leads somewhere; the first that does not.
    pub async fn broken_reference(&self) -> anyhow::Result<Option<String>> {
        if self.db.get_database_backend() != DatabaseBackend::MySql {
            let rows = self
                .db
                .query_all_raw(self.statement("PRAGMA foreign_key_check"))
                .await?;
            let first = rows.first().map(|row| row.try_get::<String>("", "table"));
            return Ok(first.transpose()?);
        }
        let sql = "SELECT CAST(table_name AS CHAR) AS child, CAST(column_name AS CHAR) AS col, CAST(referenced_table_name AS CHAR) AS parent, CAST(referenced_column_name AS CHAR) AS id FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL";
        for row in self.db.query_all_raw(self.statement(sql)).await? {
            let get = |name: &str| row.try_get::<String>("", name);
            let (child, column, parent, id) = (get("child")?, get("col")?, get("parent")?, get("id")?);
            let lost = format!(
                "SELECT 1 AS one FROM `{child}` c LEFT JOIN `{parent}` p ON c.`{column}` = p.`{id}` WHERE c.`{column}` IS NOT NULL AND p.`{id}` IS NULL LIMIT 1"
            );
            if self.db.query_one_raw(self.statement(lost)).await?.is_some() {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    /// The restore is whole.
    pub async fn done(&self) -> anyhow::Result<()> {
        self.db.execute_unprepared(&format!("DROP TABLE `{MARKER}`")).await?;
        Ok(())
    }

    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.db.close().await?)
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::String(None),
        Cell::Int(value) => Value::BigInt(Some(value)),
        Cell::Real(value) => Value::Double(Some(value)),
        Cell::Text(text) => Value::from(text),
        Cell::Bytes(bytes) => Value::from(bytes),
    }
}

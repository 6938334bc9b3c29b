//! Reading a whole database as of one instant, while others go on writing.
//!
//! A connection of its own with one read transaction: on SQLite the write-ahead log keeps the instant, on MySQL the undo log does. Rows
//! are streamed, never collected. The differences between the databases end here: everything leaves as `Cell`s.

use super::cell::{Cell, Sum};
use super::format::{End, Frame, Table};
use super::manifest::LogPosition;
use anyhow::{Context, bail};
use futures::TryStreamExt;
use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Executor, Row, TypeInfo, ValueRef};
use std::str::FromStr;
use tokio::sync::mpsc;

/// Rows go out in pieces of about this many bytes.
const PIECE: usize = 256 * 1024;
/// Made by the machinery, or by a restore that is under way.
pub(super) const NOT_OURS: [&str; 3] = ["seaql_migrations", "schema_versions", super::target::MARKER];

/// How a column's values are read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Int,
    Float,
    Real,
    Text,
    Bytes,
}

/// A table as the database has it now.
pub struct Shape {
    pub table: Table,
    kinds: Vec<Kind>,
}

/// A database to be read.
pub enum Source {
    Sqlite(SqliteConnection),
    MySql {
        connection: MySqlConnection,
        maria: bool,
        name: String,
    },
}

/// A URL without its password, for messages.
pub fn place_of(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, place)) if url.starts_with("mysql") => format!("mysql://{place}"),
        _ => url.split('?').next().unwrap_or(url).to_owned(),
    }
}

impl Source {
    pub async fn open(url: &str) -> anyhow::Result<Source> {
        let failed = || format!("the database {} cannot be opened", place_of(url));
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(false)
                .busy_timeout(std::time::Duration::from_secs(30));
            return Ok(Source::Sqlite(options.connect().await.with_context(failed)?));
        }
        let options = MySqlConnectOptions::from_str(url)?;
        let name = options.get_database().unwrap_or_default().to_owned();
        let mut connection = options.connect().await.with_context(failed)?;
        let (version,): (String,) = sqlx::query_as("SELECT VERSION()").fetch_one(&mut connection).await?;
        let maria = version.contains("MariaDB");
        // Reading everything takes as long as it takes; the limits are for pages.
        let unlimited = if maria {
            "SET SESSION max_statement_time = 0, net_write_timeout = 3600"
        } else {
            "SET SESSION max_execution_time = 0, net_write_timeout = 3600"
        };
        connection.execute(unlimited).await?;
        Ok(Source::MySql {
            connection,
            maria,
            name,
        })
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Source::Sqlite(_) => "sqlite",
            Source::MySql { .. } => "mysql",
        }
    }

    /// From here on, everything is read as of this instant. Where the binary log stood then, if there is one and we may know.
    pub async fn freeze(&mut self) -> anyhow::Result<Option<LogPosition>> {
        match self {
            Source::Sqlite(connection) => {
                connection.execute("BEGIN").await?;
                // The instant is that of the first look.
                connection.execute("SELECT 1 FROM sqlite_master").await?;
                Ok(None)
            }
            Source::MySql {
                connection,
                maria,
                name,
            } => {
                connection
                    .execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    .await?;
                // MariaDB tells the position of the snapshot by itself; MySQL must hold still for a moment, if it lets us.
                let held = !*maria && connection.execute("FLUSH TABLES WITH READ LOCK").await.is_ok();
                connection
                    .execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                    .await?;
                let found = if *maria {
                    maria_position(connection).await
                } else {
                    mysql_position(connection, held).await
                };
                if held {
                    connection.execute("UNLOCK TABLES").await?;
                }
                Ok(found.map(|(file, position)| LogPosition {
                    file,
                    position,
                    database: name.clone(),
                }))
            }
        }
    }

    /// Names of the migrations that were applied, in order; none where there is no schema.
    pub async fn migrations(&mut self) -> anyhow::Result<Vec<String>> {
        if !self.names().await?.iter().any(|name| name == "seaql_migrations") {
            return Ok(Vec::new());
        }
        let query = "SELECT version FROM seaql_migrations ORDER BY version";
        let names: Vec<(String,)> = match self {
            Source::Sqlite(connection) => sqlx::query_as(query).fetch_all(connection).await?,
            Source::MySql { connection, .. } => sqlx::query_as(query).fetch_all(connection).await?,
        };
        Ok(names.into_iter().map(|(name,)| name).collect())
    }

    async fn names(&mut self) -> anyhow::Result<Vec<String>> {
        let names: Vec<(String,)> = match self {
            Source::Sqlite(connection) => {
                sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
                    .fetch_all(connection)
                    .await?
            }
            Source::MySql { connection, .. } => {
                sqlx::query_as("SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name")
                    .fetch_all(connection)
                    .await?
            }
        };
        Ok(names.into_iter().map(|(name,)| name).collect())
    }

    /// Every table of the application.
    pub async fn shapes(&mut self) -> anyhow::Result<Vec<Shape>> {
        let mut shapes = Vec::new();
        for name in self.names().await? {
            if !NOT_OURS.contains(&name.as_str()) {
                shapes.push(self.shape(&name).await?);
            }
        }
        Ok(shapes)
    }

    async fn shape(&mut self, name: &str) -> anyhow::Result<Shape> {
        let columns: Vec<(String, String)> = match self {
            Source::Sqlite(connection) => {
                let sql = "SELECT name, type FROM pragma_table_info(?) ORDER BY name";
                sqlx::query_as(sql).bind(name).fetch_all(connection).await?
            }
            Source::MySql { connection, .. } => {
                let sql = "SELECT CAST(column_name AS CHAR), CAST(data_type AS CHAR) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY column_name";
                sqlx::query_as(sql).bind(name).fetch_all(connection).await?
            }
        };
        let kinds = columns.iter().map(|(_, declared)| kind_of(declared)).collect();
        Ok(Shape {
            table: Table {
                name: name.to_owned(),
                columns: columns.into_iter().map(|(name, _)| name).collect(),
            },
            kinds,
        })
    }

    /// The shape of a table, reading these columns alone, in this order. Fails when one is missing.
    pub async fn shape_like(&mut self, table: &Table) -> anyhow::Result<Shape> {
        let found = self.shape(&table.name).await?;
        let mut kinds = Vec::new();
        for column in &table.columns {
            match found.table.columns.iter().position(|name| name == column) {
                Some(place) => kinds.push(found.kinds[place]),
                None => bail!("the table {} has no column {column}", table.name),
            }
        }
        Ok(Shape {
            table: table.clone(),
            kinds,
        })
    }

    /// Reads a table; the rows go to `out`, when there is one.
    pub async fn read(&mut self, shape: &Shape, out: Option<&mpsc::Sender<Frame>>) -> anyhow::Result<End> {
        let list: Vec<String> = shape
            .table
            .columns
            .iter()
            .zip(&shape.kinds)
            .map(|(column, kind)| match (&self, kind) {
                (Source::MySql { .. }, Kind::Int) => format!("CAST(`{column}` AS SIGNED)"),
                (Source::MySql { .. }, Kind::Float | Kind::Real) => format!("`{column}` + 0E0"),
                _ => format!("`{column}`"),
            })
            .collect();
        let sql = format!("SELECT {} FROM `{}`", list.join(", "), shape.table.name);
        let mut going = Going {
            out,
            ..Going::default()
        };
        match self {
            Source::Sqlite(connection) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    going.add(sqlite_row(&row, &shape.kinds)?).await?;
                }
            }
            Source::MySql { connection, .. } => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    going.add(mysql_row(&row, &shape.kinds)?).await?;
                }
            }
        }
        going.end().await
    }

    pub async fn close(self) {
        let closed = match self {
            Source::Sqlite(connection) => connection.close().await,
            Source::MySql { connection, .. } => connection.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a connection did not close well");
        }
    }
}

#[derive(Default)]
struct Going<'a> {
    out: Option<&'a mpsc::Sender<Frame>>,
    rows: Vec<Vec<Cell>>,
    size: usize,
    sum: Sum,
}

impl Going<'_> {
    async fn add(&mut self, row: Vec<Cell>) -> anyhow::Result<()> {
        self.sum.add(&row);
        if self.out.is_some() {
            self.size += row.iter().map(Cell::size).sum::<usize>();
            self.rows.push(row);
            if self.size > PIECE {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        self.size = 0;
        let rows = std::mem::take(&mut self.rows);
        match self.out {
            Some(out) if !rows.is_empty() => out
                .send(Frame::Rows(rows))
                .await
                .map_err(|_| anyhow::anyhow!("the backup could not be written any further")),
            _ => Ok(()),
        }
    }

    async fn end(mut self) -> anyhow::Result<End> {
        self.send().await?;
        Ok(End {
            rows: self.sum.rows,
            sum: self.sum.hex(),
        })
    }
}

fn kind_of(declared: &str) -> Kind {
    let declared = declared.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if says(&["int", "bool", "bit"]) {
        Kind::Int
    } else if says(&["float"]) {
        Kind::Float
    } else if says(&["double", "real"]) {
        Kind::Real
    } else if says(&["blob", "binary"]) {
        Kind::Bytes
    } else {
        Kind::Text
    }
}

/// SQLite's values know their own kind.
fn sqlite_row(row: &SqliteRow, kinds: &[Kind]) -> anyhow::Result<Vec<Cell>> {
    let cell = |place: usize| -> anyhow::Result<Cell> {
        let raw = row.try_get_raw(place)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        let kind = raw.type_info().name().to_owned();
        Ok(match kind.as_str() {
            "INTEGER" | "INT4" | "INT8" | "BOOLEAN" => Cell::Int(row.try_get_unchecked(place)?),
            "REAL" => {
                let value: f64 = row.try_get_unchecked(place)?;
                // A `float` holds single precision elsewhere.
                Cell::Real(if kinds[place] == Kind::Float {
                    f64::from(value as f32)
                } else {
                    value
                })
            }
            "BLOB" => Cell::Bytes(row.try_get_unchecked(place)?),
            _ => Cell::Text(row.try_get_unchecked(place)?),
        })
    };
    (0..kinds.len()).map(cell).collect()
}

fn mysql_row(row: &MySqlRow, kinds: &[Kind]) -> anyhow::Result<Vec<Cell>> {
    let cell = |(place, kind): (usize, &Kind)| -> anyhow::Result<Cell> {
        Ok(match kind {
            Kind::Int => row
                .try_get_unchecked::<Option<i64>, _>(place)?
                .map_or(Cell::Null, Cell::Int),
            Kind::Float | Kind::Real => row
                .try_get_unchecked::<Option<f64>, _>(place)?
                .map_or(Cell::Null, Cell::Real),
            Kind::Bytes => row
                .try_get_unchecked::<Option<Vec<u8>>, _>(place)?
                .map_or(Cell::Null, Cell::Bytes),
            Kind::Text => match row.try_get_unchecked::<Option<Vec<u8>>, _>(place)? {
                Some(bytes) => Cell::Text(String::from_utf8(bytes).context("a text column holds something else")?),
                None => Cell::Null,
            },
        })
    };
    kinds.iter().enumerate().map(cell).collect()
}

async fn maria_position(connection: &mut MySqlConnection) -> Option<(String, u64)> {
    let rows: Vec<(String, String)> = sqlx::query_as("SHOW STATUS LIKE 'binlog_snapshot_%'")
        .fetch_all(connection)
        .await
        .ok()?;
    let value = |name: &str| {
        let found = rows.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let file = value("binlog_snapshot_file").filter(|file| !file.is_empty())?;
    Some((file, value("binlog_snapshot_position")?.parse().ok()?))
}

/// Without the lock the position would be that of another instant, which is worse than none.
async fn mysql_position(connection: &mut MySqlConnection, held: bool) -> Option<(String, u64)> {
    if !held {
        return None;
    }
    for sql in ["SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"] {
        if let Ok(Some(row)) = sqlx::query(sql).fetch_optional(&mut *connection).await {
            let (file, position) = (row.try_get_unchecked(0).ok()?, row.try_get_unchecked(1).ok()?);
            return Some((file, position));
        }
    }
    None
}

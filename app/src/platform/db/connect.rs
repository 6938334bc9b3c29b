//! How a connection is opened and what is agreed on it first. The differences between SQLite, MySQL and MariaDB in this stand here alone.
//!
//! Encryption on the way to MySQL is part of the address: `?ssl-mode=REQUIRED` encrypts, `VERIFY_CA` and `VERIFY_IDENTITY` with
//! `&ssl-ca=/path/ca.pem` also check whom they talk to.

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, MySqlConnection};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What to open and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite://path?mode=rwc` or `mysql://user:password@host:port/name`.
    pub url: String,
    /// Copies of the same database, to read from.
    pub replicas: Vec<String>,
    /// The most connections to each.
    pub connections: u32,
    /// A replica further behind is not read from.
    pub max_lag: Duration,
    /// No statement may take longer; None for migrations and backups.
    pub statement: Option<Duration>,
}

impl Settings {
    pub fn of(url: &str, connections: u32) -> Settings {
        Settings {
            url: url.to_owned(),
            replicas: Vec::new(),
            connections,
            max_lag: Duration::from_secs(5),
            statement: None,
        }
    }
}

pub(super) async fn sqlite(settings: &Settings) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(&settings.url);
    options
        .max_connections(settings.connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            // FULL: an acknowledged answer is on disk, also after a power cut.
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("cache_size", "-8000")
        });
    Database::connect(options).await
}

/// A connection unused for longer is asked whether it lives before it is used again. Asking every time would cost each query a second way
/// to the server and back; the pool asks when a connection comes back anyway.
const ASK_AFTER: Duration = Duration::from_millis(250);

/// A pool on one MySQL server. `lazy`: it need not answer yet. While `suspect` is set, connections to a server that takes no changes are
/// dropped rather than used again, so that a name which now leads to another server is followed.
pub(super) async fn mysql(
    url: &str,
    settings: &Settings,
    lazy: bool,
    suspect: Arc<AtomicBool>,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(settings.connections)
        .min_connections(if lazy { 0 } else { 1 })
        .connect_lazy(lazy)
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(Duration::from_secs(600))
        .max_lifetime(Duration::from_secs(1800))
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(ASK_AFTER);
    let statement = settings.statement;
    options.map_sqlx_mysql_pool_opts(move |pool| {
        pool.after_connect(move |connection, _| Box::pin(async move { agree(connection, statement).await }))
    });
    options.map_sqlx_mysql_before_acquire(move |connection, _| {
        let suspect = suspect.clone();
        Box::pin(async move {
            if suspect.load(Ordering::Relaxed) {
                return Ok(!read_only(connection).await?);
            }
            Ok(true)
        })
    });
    Database::connect(options).await
}

/// The limits on time: MariaDB counts seconds for every statement, MySQL milliseconds for reading ones.
async fn agree(connection: &mut MySqlConnection, statement: Option<Duration>) -> Result<(), sqlx::Error> {
    let Some(limit) = statement else { return Ok(()) };
    let version: String = sqlx::query_scalar("SELECT VERSION()")
        .fetch_one(&mut *connection)
        .await?;
    let limit = if version.contains("MariaDB") {
        format!(
            "SET SESSION max_statement_time = {}, SESSION innodb_lock_wait_timeout = 10",
            limit.as_secs_f64()
        )
    } else {
        format!(
            "SET SESSION max_execution_time = {}, SESSION innodb_lock_wait_timeout = 10",
            limit.as_millis()
        )
    };
    sqlx::raw_sql(sqlx::AssertSqlSafe(limit)).execute(connection).await?;
    Ok(())
}

/// Whether the server takes no changes.
async fn read_only(connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let word: String = sqlx::query_scalar(READ_ONLY).fetch_one(connection).await?;
    Ok(is_on(&word))
}

/// `0`, `1`, or a word in newer versions.
pub(super) const READ_ONLY: &str = "SELECT CAST(@@global.read_only AS CHAR(20)) AS word";

pub(super) fn is_on(word: &str) -> bool {
    !matches!(word, "0" | "OFF")
}

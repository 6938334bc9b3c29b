//! The database: one pool, short write transactions, and the differences between SQLite and MySQL in one place.

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: DatabaseConnection,
    // SQLite has one writer at a time. Waiting here is fair and quick; waiting in its busy handler is neither.
    writer: Option<Arc<Mutex<()>>>,
}

/// A write transaction; dropped without `commit`, it rolls back.
pub struct Tx {
    inner: DatabaseTransaction,
    _writer: Option<OwnedMutexGuard<()>>,
}

impl Db {
    /// Connects to `sqlite://path?mode=rwc` or `mysql://user:password@host:port/name`.
    pub async fn connect(url: &str, connections: u32) -> Result<Db, DbErr> {
        let sqlite = url.starts_with("sqlite:");
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                // FULL: an acknowledged answer is on disk, also after a power cut.
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(10))
                    .foreign_keys(true)
                    .pragma("cache_size", "-8000")
            });
        if !sqlite {
            options.test_before_acquire(true);
        }
        let pool = Database::connect(options).await?;
        Ok(Db {
            pool,
            writer: sqlite.then(Default::default),
        })
    }

    /// For questions.
    pub fn read(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// For changes. Keep it short, and never wait for anything else inside.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let writer = match &self.writer {
            Some(mutex) => Some(mutex.clone().lock_owned().await),
            None => None,
        };
        let immediate = self.writer.as_ref().map(|_| SqliteTransactionMode::Immediate);
        // MySQL's default locks the gaps between rows, in which workers that claim and record side by side would deadlock.
        let isolation_level = self.writer.is_none().then_some(IsolationLevel::ReadCommitted);
        let options = TransactionOptions {
            sqlite_transaction_mode: immediate,
            isolation_level,
            ..Default::default()
        };
        Ok(Tx {
            inner: self.pool.begin_with_options(options).await?,
            _writer: writer,
        })
    }

    /// Whether rows can be claimed with `FOR UPDATE SKIP LOCKED`.
    pub fn has_row_locks(&self) -> bool {
        self.pool.get_database_backend() == DatabaseBackend::MySql
    }

    pub fn is_sqlite(&self) -> bool {
        self.writer.is_some()
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

/// Whether an insert failed because the row is already there.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

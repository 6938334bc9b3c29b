//! The database: one pool per server, short write transactions, and the differences between SQLite and MySQL in one place.
//!
//! `read()` is the primary, where what was just written can be seen; `replica()` is a copy that may be some seconds old, for lists and reports
//! (requests ask `Ctx::reports`, which also knows who has just written). Changes go through `begin()`, and what must not fail because two
//! people met goes through `retry`.

mod connect;
mod errors;
mod sites;

pub use connect::Settings;
pub use errors::{Trouble, is_duplicate, retry, trouble};

use sea_orm::{
    DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sites::{Site, Sites};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    sites: Arc<Sites>,
    // SQLite has one writer at a time. Waiting here is fair and quick; waiting in its busy handler is neither.
    writer: Option<Arc<Mutex<()>>>,
}

/// A write transaction; dropped without `commit`, it rolls back.
pub struct Tx {
    inner: DatabaseTransaction,
    _writer: Option<OwnedMutexGuard<()>>,
}

/// One server at a glance, for metrics and the health page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteState {
    /// `host:port`.
    pub name: String,
    pub up: bool,
    pub is_primary: bool,
    /// Microseconds behind the primary, if known.
    pub lag: Option<i64>,
    /// Whether reads go there.
    pub in_use: bool,
    /// Connections that are open, and those of them that nobody uses now.
    pub connections: u32,
    pub idle: u32,
}

impl Db {
    /// Connects to `sqlite://path?mode=rwc` or `mysql://user:password@host:port/name`, without replicas and limits on time.
    pub async fn connect(url: &str, connections: u32) -> Result<Db, DbErr> {
        Db::open(Settings::of(url, connections)).await
    }

    /// Connects. With replicas, also starts to watch all servers, for as long as the handle lives.
    pub async fn open(settings: Settings) -> Result<Db, DbErr> {
        let sqlite = settings.url.starts_with("sqlite:");
        let mut all = Vec::new();
        if sqlite {
            all.push(site(&settings.url, connect::sqlite(&settings).await?, Arc::default()));
        } else {
            let lazy = !settings.replicas.is_empty();
            for url in std::iter::once(&settings.url).chain(&settings.replicas) {
                let suspect = Arc::new(AtomicBool::new(false));
                let pool = connect::mysql(url, &settings, lazy, suspect.clone()).await?;
                all.push(site(url, pool, suspect));
            }
        }
        let sites = Arc::new(Sites {
            all,
            primary: Default::default(),
            turn: Default::default(),
            max_lag: settings.max_lag,
        });
        // Only where somebody serves: commands come and go.
        if !sqlite && (settings.statement.is_some() || !settings.replicas.is_empty()) {
            sites.look().await;
            tokio::spawn(Sites::watch(Arc::downgrade(&sites)));
        }
        let db = Db {
            sites,
            writer: sqlite.then(Default::default),
        };
        db.read().ping().await?;
        Ok(db)
    }

    /// For questions whose answer must hold what was just written: the primary.
    pub fn read(&self) -> &DatabaseConnection {
        &self.sites.primary().pool
    }

    /// For questions whose answer may be some seconds old: a fresh replica if there is one, else the primary. Never for changes.
    pub fn replica(&self) -> &DatabaseConnection {
        &self.sites.reading().pool
    }

    /// Whether there are replicas at all.
    pub fn has_replicas(&self) -> bool {
        self.sites.all.len() > 1
    }

    /// How long after a change its author reads from the primary, in whole seconds: by then every replica in use has it.
    pub fn settled_after(&self) -> u64 {
        self.sites.max_lag.as_secs() + 2
    }

    /// Every server, as of the last look.
    pub fn servers(&self) -> Vec<SiteState> {
        let primary: *const Site = self.sites.primary();
        let state = |site: &Site| {
            let lag = site.lag.load(Ordering::Acquire);
            let (connections, idle) = if self.is_sqlite() {
                let pool = site.pool.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            } else {
                let pool = site.pool.get_mysql_connection_pool();
                (pool.size(), pool.num_idle())
            };
            SiteState {
                name: site.name.clone(),
                up: site.up.load(Ordering::Acquire),
                is_primary: std::ptr::eq(primary, site),
                lag: (lag >= 0).then_some(lag),
                in_use: site.in_use.load(Ordering::Acquire),
                connections,
                idle: u32::try_from(idle).unwrap_or(u32::MAX),
            }
        };
        self.sites.all.iter().map(state).collect()
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
            inner: self.read().begin_with_options(options).await?,
            _writer: writer,
        })
    }

    /// Whether rows can be claimed with `FOR UPDATE SKIP LOCKED`.
    pub fn has_row_locks(&self) -> bool {
        self.read().get_database_backend() == DatabaseBackend::MySql
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

fn site(url: &str, pool: DatabaseConnection, suspect: Arc<AtomicBool>) -> Site {
    let name = url.parse::<url::Url>().ok().and_then(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        url.host_str()
            .filter(|host| !host.is_empty())
            .map(|host| format!("{host}{port}"))
    });
    Site {
        name: name.unwrap_or_else(|| "sqlite".into()),
        pool,
        up: AtomicBool::new(true),
        lag: AtomicI64::new(-1),
        in_use: AtomicBool::new(false),
        suspect,
        was_read_only: AtomicBool::new(false),
    }
}

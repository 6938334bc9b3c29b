//! The servers of one database: which of them is the primary, and which replicas are fresh enough to read from.
//!
//! A watcher looks every second, and at once when a statement meets a lost connection or a primary that takes no changes. The primary's pulse
//! (`replication_heartbeat`) is compared with what a replica has of it, so clocks do not matter and no privilege is needed; where
//! `SHOW REPLICA STATUS` is allowed, its word counts too. A replica that was promoted, that is, takes changes and follows nobody any more,
//! becomes the primary here as soon as the old one is gone or takes no changes. Nothing is promoted by this program itself.

use super::connect::{READ_ONLY, is_on};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// One server.
pub(super) struct Site {
    /// `host:port`, without secrets.
    pub name: String,
    pub pool: DatabaseConnection,
    pub up: AtomicBool,
    /// Microseconds behind the primary; negative when unknown.
    pub lag: AtomicI64,
    /// Whether reads go there now.
    pub in_use: AtomicBool,
    /// Its connections are tested for taking changes before they are used again.
    pub suspect: Arc<AtomicBool>,
    pub was_read_only: AtomicBool,
}

pub(super) struct Sites {
    pub all: Vec<Site>,
    pub primary: AtomicUsize,
    pub turn: AtomicUsize,
    pub max_lag: Duration,
}

/// What one look at a server found.
struct Look {
    read_only: bool,
    /// Follows another server; None where this may not be asked.
    follows: Option<Following>,
    /// The newest pulse it has.
    pulse: Option<i64>,
}

enum Following {
    Nobody,
    /// Seconds behind; None while it stands still.
    Behind(Option<i64>),
}

impl Sites {
    pub fn primary(&self) -> &Site {
        &self.all[self.primary.load(Ordering::Acquire)]
    }

    /// A server to read from: the next fresh replica, or the primary.
    pub fn reading(&self) -> &Site {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let fresh = self
            .all
            .iter()
            .filter(|site| site.in_use.load(Ordering::Acquire))
            .count();
        if fresh == 0 {
            return self.primary();
        }
        self.all
            .iter()
            .filter(|site| site.in_use.load(Ordering::Acquire))
            .nth(turn % fresh)
            .unwrap_or_else(|| self.primary())
    }

    /// Looks until nobody holds the database any more.
    pub async fn watch(sites: Weak<Sites>) {
        loop {
            let Some(held) = sites.upgrade() else { return };
            held.look().await;
            drop(held);
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                // Not in a row, however often it rings.
                () = super::errors::ALARM.notified() => tokio::time::sleep(LOOK_EVERY / 10).await,
            }
        }
    }

    /// One look at every server.
    #[expect(
        clippy::disallowed_methods,
        reason = "a pulse is compared with pulses alone, and no test moves them"
    )]
    pub async fn look(&self) {
        let old = self.primary.load(Ordering::Acquire);
        let pulse = chrono::Utc::now().timestamp_micros();
        if let Err(error) = bounded(beat(&self.all[old].pool, pulse)).await {
            tracing::debug!(site = self.all[old].name, %error, "no pulse could be written");
        }
        let looks = futures::future::join_all(
            self.all
                .iter()
                .map(|site| async { bounded(look(&site.pool)).await.ok() }),
        )
        .await;
        for (site, look) in self.all.iter().zip(&looks) {
            if site.up.swap(look.is_some(), Ordering::AcqRel) != look.is_some() {
                tracing::warn!(site = site.name, up = look.is_some(), "a database server changed");
            }
            if look.as_ref().is_some_and(|look| look.read_only) {
                site.was_read_only.store(true, Ordering::Release);
            }
        }
        let primary = self.choose(old, &looks);
        let newest = looks[primary].as_ref().and_then(|look| look.pulse);
        for (i, (site, look)) in self.all.iter().zip(&looks).enumerate() {
            let lag = look.as_ref().and_then(|look| lag(look, newest, pulse));
            site.lag
                .store(if i == primary { 0 } else { lag.unwrap_or(-1) }, Ordering::Release);
            let fresh = lag.is_some_and(|lag| lag <= self.max_lag.as_micros() as i64);
            let was = site.in_use.swap(i != primary && fresh, Ordering::AcqRel);
            if was != (i != primary && fresh) {
                tracing::warn!(
                    site = site.name,
                    in_use = !was,
                    lag_ms = lag.map(|lag| lag / 1000),
                    "reading from a replica changed"
                );
            }
        }
    }

    /// The primary by these looks, which becomes ours.
    fn choose(&self, old: usize, looks: &[Option<Look>]) -> usize {
        let takes_changes = |i: usize| looks[i].as_ref().is_some_and(|look| !look.read_only);
        self.all[old].suspect.store(!takes_changes(old), Ordering::Release);
        if takes_changes(old) {
            return old;
        }
        let promoted = (0..looks.len()).find(|i| {
            takes_changes(*i)
                && match looks[*i].as_ref().and_then(|look| look.follows.as_ref()) {
                    Some(Following::Nobody) => true,
                    Some(Following::Behind(_)) => false,
                    // It may not be asked: then it counts if it was seen to change.
                    None => self.all[*i].was_read_only.load(Ordering::Acquire),
                }
        });
        match promoted {
            Some(new) => {
                tracing::warn!(
                    from = self.all[old].name,
                    to = self.all[new].name,
                    "another server is the primary now"
                );
                self.all[new].suspect.store(false, Ordering::Release);
                self.primary.store(new, Ordering::Release);
                new
            }
            None => old,
        }
    }
}

/// How far behind; None when nobody can tell. A replica that stands still gets no new pulse, so the pulse tells that too where the server's
/// own word says nothing.
fn lag(look: &Look, newest: Option<i64>, now: i64) -> Option<i64> {
    // Without a primary to compare with, time itself goes on.
    let by_pulse = newest.unwrap_or(now).saturating_sub(look.pulse?).max(0);
    match look.follows {
        Some(Following::Behind(Some(seconds))) => Some(by_pulse.max(seconds.saturating_mul(1_000_000))),
        _ => Some(by_pulse),
    }
}

async fn bounded<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => Err(DbErr::Custom("no answer in time".into())),
    }
}

async fn beat(db: &DatabaseConnection, now: i64) -> Result<(), DbErr> {
    let text = "INSERT INTO replication_heartbeat (id, at) VALUES (1, ?) ON DUPLICATE KEY UPDATE at = GREATEST(at, ?)";
    db.execute_raw(ask(text, [now.into(), now.into()])).await?;
    Ok(())
}

async fn look(db: &DatabaseConnection) -> Result<Look, DbErr> {
    let row = db.query_one_raw(ask(READ_ONLY, [])).await?;
    let word: String = row.map(|row| row.try_get("", "word")).transpose()?.unwrap_or_default();
    // An older schema has no pulse, and not everyone may ask about replication.
    let pulse = match db
        .query_one_raw(ask("SELECT at FROM replication_heartbeat WHERE id = 1", []))
        .await
    {
        Ok(Some(row)) => row.try_get("", "at").ok(),
        _ => None,
    };
    Ok(Look {
        read_only: is_on(&word),
        follows: following(db).await,
        pulse,
    })
}

async fn following(db: &DatabaseConnection) -> Option<Following> {
    // MySQL 8.4 knows only the new words, older MariaDB only the old ones.
    for text in ["SHOW REPLICA STATUS", "SHOW SLAVE STATUS"] {
        match db.query_one_raw(ask(text, [])).await {
            Ok(None) => return Some(Following::Nobody),
            Ok(Some(row)) => {
                let seconds = ["Seconds_Behind_Source", "Seconds_Behind_Master"]
                    .into_iter()
                    .find_map(|column| {
                        let signed = row.try_get::<Option<i64>>("", column);
                        signed
                            .or_else(|_| row.try_get::<Option<u64>>("", column).map(|n| n.map(|n| n as i64)))
                            .ok()
                    });
                return Some(Following::Behind(seconds.flatten()));
            }
            Err(_) => {}
        }
    }
    None
}

fn ask<const N: usize>(text: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::MySql, text, values)
}

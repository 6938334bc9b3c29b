//! What an error of the database means: try again, wait for another primary, or a fault of ours. The numbers of MySQL and MariaDB and the
//! codes of SQLite stand here alone.

use crate::error::{AppError, AppResult, ErrorKind};
use sea_orm::{DbErr, RuntimeErr, sqlx};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Rung when a connection is lost or a primary turns out to be none: whoever watches the databases looks at once.
pub(super) static ALARM: Notify = Notify::const_new();

/// Trouble that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A deadlock, a lock waited for too long, a lost race: the transaction was undone and may be tried again.
    Busy,
    /// No connection, or one that broke.
    Lost,
    /// This is no primary (any more).
    ReadOnly,
    /// The statement took longer than statements may.
    Slow,
}

/// The passing trouble behind an error; None for every other error.
pub fn trouble(error: &DbErr) -> Option<Trouble> {
    let cause = match error {
        DbErr::ConnectionAcquire(_) => return Some(Trouble::Lost),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        DbErr::Conn(_) => return Some(Trouble::Lost),
        _ => return None,
    };
    match &**cause {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            Some(mysql) => match mysql.number() {
                1213 | 1205 | 1020 | 3572 => Some(Trouble::Busy),
                1040 | 1042 | 1047 | 1053 | 1077 | 1079 | 1927 | 2006 | 2013 => Some(Trouble::Lost),
                1290 | 1836 | 3100 => Some(Trouble::ReadOnly),
                1969 | 3024 | 1317 => Some(Trouble::Slow),
                _ => None,
            },
            // SQLITE_BUSY and SQLITE_LOCKED, with their extended forms.
            None => match inner.code().and_then(|code| code.parse::<i32>().ok()) {
                Some(code) if matches!(code & 0xff, 5 | 6) => Some(Trouble::Busy),
                _ => None,
            },
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Trouble::Lost),
        _ => None,
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        let Some(trouble) = trouble(&error) else {
            return Self::internal(error);
        };
        if matches!(trouble, Trouble::Lost | Trouble::ReadOnly) {
            ALARM.notify_waiters();
        }
        match trouble {
            Trouble::Busy => {
                tracing::info!(cause = %error, "a transaction gave way to another");
                Self::unavailable("Many people are writing right now. Nothing was changed; try again in a moment.")
            }
            Trouble::Lost => {
                tracing::error!(cause = %error, "database unavailable");
                Self::unavailable("The database does not answer right now. Nothing was changed; try again in a moment.")
            }
            Trouble::ReadOnly => {
                tracing::error!(cause = %error, "the database takes no changes");
                Self::unavailable(
                    "The database takes no changes right now. Nothing was changed; try again in a moment.",
                )
            }
            Trouble::Slow => {
                tracing::error!(cause = %error, "a statement was stopped because it took too long");
                Self::unavailable(
                    "This took too long. Nothing was changed; try again in a moment, or ask for less at once.",
                )
            }
        }
    }
}

/// Does `work` again while passing trouble undoes it: a deadlock at once, a lost connection with growing pauses, for some seconds in all.
///
/// `work` is one whole transaction, from `begin` to `commit`. A connection that breaks during the commit leaves open whether it happened, so
/// `work` must be something that may happen twice, such as what looks first whether it is done.
pub async fn retry<T, F, Fut>(work: F) -> AppResult<T>
where
    F: Fn() -> Fut,
    Fut: Future<Output = AppResult<T>>,
{
    const PATIENCE: Duration = Duration::from_secs(8);
    const PAUSES: [u64; 6] = [10, 40, 150, 500, 1200, 2000];
    let began = Instant::now();
    for pause in PAUSES {
        match work().await {
            Err(error) if error.kind == ErrorKind::Unavailable && began.elapsed() < PATIENCE => {
                // Not all of those who met at one lock should meet there again.
                tokio::time::sleep(Duration::from_millis(pause + rand::random_range(0..=pause))).await;
            }
            done => return done,
        }
    }
    work().await
}

/// Whether an insert failed because the row is already there.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn passing_trouble_is_tried_again_and_other_trouble_is_not() {
        let tries = AtomicU32::new(0);
        let third = retry(|| async {
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => Err(AppError::unavailable("busy")),
                n => Ok(n),
            }
        });
        assert_eq!(third.await, Ok(2));
        tries.store(0, Ordering::SeqCst);
        let refused: AppResult<()> = retry(|| async {
            tries.fetch_add(1, Ordering::SeqCst);
            Err(AppError::conflict("no"))
        })
        .await;
        assert!(refused.is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }
}

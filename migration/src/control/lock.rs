//! One migrating process at a time: a named lock of MySQL, or a lock on a file beside a SQLite database. Both go with the process.

use super::SchemaError;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, TransactionTrait};
use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const NAME: &str = "auto-grader.schema";

pub enum Lock {
    /// The lock belongs to the connection, which the open transaction keeps.
    Named(DatabaseTransaction),
    File(File),
    /// A database in memory has nobody else.
    Alone,
}

impl Lock {
    pub async fn take(db: &DatabaseConnection) -> Result<Lock, SchemaError> {
        let began = Instant::now();
        if db.get_database_backend() != DbBackend::Sqlite {
            let keeper = db.begin().await?;
            // In short steps: a limit on the time of statements must not end the waiting.
            let ask = Statement::from_sql_and_values(
                DbBackend::MySql,
                "SELECT CAST(COALESCE(GET_LOCK(CONCAT(?, '.', DATABASE()), 2), 0) AS SIGNED) AS got",
                [NAME.into()],
            );
            loop {
                let row = keeper.query_one_raw(ask.clone()).await?;
                let got: i64 = row.map(|row| row.try_get("", "got")).transpose()?.unwrap_or_default();
                if got == 1 {
                    return Ok(Lock::Named(keeper));
                }
                out_of_patience(began)?;
            }
        }
        let row = db
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "SELECT file FROM pragma_database_list WHERE name = 'main'",
            ))
            .await?;
        let path: String = row.map(|row| row.try_get("", "file")).transpose()?.unwrap_or_default();
        if path.is_empty() {
            return Ok(Lock::Alone);
        }
        let file = File::create(format!("{path}.migrating"))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock::File(file)),
                Err(TryLockError::WouldBlock) => out_of_patience(began)?,
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Lets the next one in. A failure here means the connection is gone, and the lock with it.
    pub async fn release(self) {
        match self {
            Lock::Named(keeper) => {
                let text = "SELECT RELEASE_LOCK(CONCAT(?, '.', DATABASE()))";
                let _ = keeper
                    .query_one_raw(Statement::from_sql_and_values(DbBackend::MySql, text, [NAME.into()]))
                    .await;
                let _ = keeper.rollback().await;
            }
            Lock::File(file) => drop(file),
            Lock::Alone => {}
        }
    }
}

fn out_of_patience(began: Instant) -> Result<(), SchemaError> {
    if began.elapsed() > PATIENCE {
        Err(SchemaError::Busy(PATIENCE.as_secs()))
    } else {
        Ok(())
    }
}

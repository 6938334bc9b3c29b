//! Bringing a schema up and down, one process at a time, and telling whether this program may run on what it finds.
//!
//! The rule of compatibility. Each migration states the oldest migration a program must know to run on the schema it leaves behind; for one
//! that only adds tables and columns that may stay empty, this is the first schema that was ever launched. The table `schema_versions`
//! keeps these statements, so a program that meets migrations it does not know can look up whether it still fits: it serves if it does, and
//! refuses if not. Changing the schema from there is always refused: that is the newer program's business.

mod lock;
mod versions;

use crate::columns::planned;
use crate::{Migrator, MigratorTrait};
use lock::Lock;
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::SchemaManager;
use std::collections::BTreeSet;

/// Why a schema is left alone.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "The database has a newer schema ({unknown}), on which this program cannot run: it needs a program that knows {needs}. Nothing was changed. Run that program, or restore a backup."
    )]
    TooNew { unknown: String, needs: String },
    #[error(
        "The database has a newer schema ({0}) than this program knows. Nothing was changed. Migrate with the program that made it."
    )]
    Unknown(String),
    #[error("Another process has been migrating for {0} seconds. Nothing was changed; try again when it is done.")]
    Busy(u64),
    #[error("The database refused: {0}")]
    Database(#[from] DbErr),
    #[error("The migration lock cannot be taken: {0}")]
    Lock(#[from] std::io::Error),
}

/// Where the database stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Schema {
    /// Migrations applied, oldest first.
    pub applied: Vec<String>,
    /// Known here and not applied yet.
    pub pending: Vec<String>,
    /// Applied by a newer program.
    pub unknown: Vec<String>,
    /// What a program must know at least to run on the unknown part; None when there is no unknown part.
    pub needs: Option<String>,
}

impl Schema {
    /// Whether this program may serve on the schema as it stands.
    pub fn suits(&self) -> bool {
        match &self.needs {
            None => true,
            Some(needs) => self.pending.is_empty() && known().contains(needs),
        }
    }

    fn refuse_newer(&self) -> Result<(), SchemaError> {
        if self.unknown.is_empty() {
            Ok(())
        } else {
            Err(SchemaError::Unknown(self.unknown.join(", ")))
        }
    }
}

/// One pending migration and the SQL it would run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    pub migration: String,
    pub statements: Vec<String>,
}

fn known() -> BTreeSet<String> {
    Migrator::migrations().iter().map(|m| m.name().to_owned()).collect()
}

/// Looks, and changes nothing.
pub async fn look(db: &DatabaseConnection) -> Result<Schema, SchemaError> {
    let applied = versions::applied(db).await?;
    let known = known();
    let unknown: Vec<String> = applied.iter().filter(|name| !known.contains(*name)).cloned().collect();
    let pending = known.iter().filter(|name| !applied.contains(*name)).cloned().collect();
    let needs = versions::needs(db, &unknown).await?;
    Ok(Schema {
        applied,
        pending,
        unknown,
        needs,
    })
}

/// What `up` would run, in the words of this database. Nothing is changed.
pub async fn plan(db: &DatabaseConnection) -> Result<Vec<Step>, SchemaError> {
    let schema = look(db).await?;
    schema.refuse_newer()?;
    let mut steps = Vec::new();
    for migration in Migrator::migrations() {
        if schema.pending.iter().any(|name| name == migration.name()) {
            let manager = SchemaManager::new(db);
            let statements = planned(migration.up(&manager)).await?;
            steps.push(Step {
                migration: migration.name().to_owned(),
                statements,
            });
        }
    }
    Ok(steps)
}

/// Applies what is pending and returns its names. One process at a time; the others wait and then find nothing to do.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, SchemaError> {
    let lock = Lock::take(db).await?;
    let result = up_locked(db).await;
    lock.release().await;
    result
}

async fn up_locked(db: &DatabaseConnection) -> Result<Vec<String>, SchemaError> {
    let schema = look(db).await?;
    schema.refuse_newer()?;
    if !schema.pending.is_empty() {
        Migrator::up(db, None).await?;
    }
    versions::write(db, &known()).await?;
    Ok(schema.pending)
}

/// Takes back the newest `steps` migrations and returns their names, newest first.
pub async fn down(db: &DatabaseConnection, steps: u32) -> Result<Vec<String>, SchemaError> {
    let lock = Lock::take(db).await?;
    let result = down_locked(db, steps).await;
    lock.release().await;
    result
}

async fn down_locked(db: &DatabaseConnection, steps: u32) -> Result<Vec<String>, SchemaError> {
    let schema = look(db).await?;
    schema.refuse_newer()?;
    let taken: Vec<String> = schema.applied.iter().rev().take(steps as usize).cloned().collect();
    Migrator::down(db, Some(steps)).await?;
    versions::forget(db, &taken).await?;
    Ok(taken)
}

/// For a program that starts: brings an older schema up to date, accepts a newer one that suits, refuses any other.
pub async fn ensure(db: &DatabaseConnection) -> Result<Schema, SchemaError> {
    let schema = look(db).await?;
    if schema.unknown.is_empty() {
        up(db).await?;
        return look(db).await;
    }
    if schema.suits() {
        return Ok(schema);
    }
    Err(SchemaError::TooNew {
        unknown: schema.unknown.join(", "),
        needs: schema.needs.unwrap_or_default(),
    })
}

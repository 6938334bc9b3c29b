//! What each applied migration asks of a program, in the table `schema_versions`; the database's side of the rule of compatibility.

use sea_orm::{ConnectionTrait, Statement};
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::SchemaManager;
use std::collections::BTreeSet;

/// The first schema that was launched: every program since runs on schemas that only added to it.
pub const BASE: &str = "m20261101_000006_create_administration";
const TABLE: &str = "schema_versions";

/// The oldest migration a program must know to run on the schema that `migration` leaves behind. A migration that takes something away,
/// renames it, or begins to demand it, gets a line of its own here: with the name of the migration that brought the replacement.
pub fn suits(migration: &str) -> &'static str {
    #[expect(clippy::match_single_binding, reason = "contracting migrations get a line each")]
    match migration {
        _ => BASE,
    }
}

/// Names of applied migrations, oldest first; none in an empty database.
pub async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = db
        .query_all_raw(statement(
            db,
            "SELECT version FROM seaql_migrations ORDER BY version",
            [],
        ))
        .await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// What the unknown migrations ask for together: the newest of their statements. One without a statement asks for itself.
pub async fn needs(db: &DatabaseConnection, unknown: &[String]) -> Result<Option<String>, DbErr> {
    let stated = SchemaManager::new(db).has_table(TABLE).await?;
    let mut newest: Option<String> = None;
    for name in unknown {
        let text = "SELECT suits FROM schema_versions WHERE version = ?";
        let row = if stated {
            db.query_one_raw(statement(db, text, [name.clone().into()])).await?
        } else {
            None
        };
        let needs = match row {
            Some(row) => row.try_get("", "suits")?,
            None => name.clone(),
        };
        newest = Some(newest.map_or_else(|| needs.clone(), |newest| Ord::max(newest, needs.clone())));
    }
    Ok(newest)
}

/// Writes down the statement of every known migration.
pub async fn write(db: &DatabaseConnection, known: &BTreeSet<String>) -> Result<(), DbErr> {
    let create = "CREATE TABLE IF NOT EXISTS schema_versions (version VARCHAR(190) NOT NULL PRIMARY KEY, suits VARCHAR(190) NOT NULL)";
    db.execute_unprepared(create).await?;
    for name in known {
        let text = "SELECT suits FROM schema_versions WHERE version = ?";
        if db
            .query_one_raw(statement(db, text, [name.clone().into()]))
            .await?
            .is_none()
        {
            let text = "INSERT INTO schema_versions (version, suits) VALUES (?, ?)";
            db.execute_raw(statement(db, text, [name.clone().into(), suits(name).into()]))
                .await?;
        }
    }
    Ok(())
}

pub async fn forget(db: &DatabaseConnection, names: &[String]) -> Result<(), DbErr> {
    for name in names {
        db.execute_raw(statement(
            db,
            "DELETE FROM schema_versions WHERE version = ?",
            [name.clone().into()],
        ))
        .await?;
    }
    Ok(())
}

fn statement<const N: usize>(db: &DatabaseConnection, text: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), text, values)
}

//! Whether a database is whole: its files, and every reference from row to row.

use super::tables::{quoted, tables};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

/// Something that is not whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub place: String,
    pub problem: String,
}

/// Everything that is not whole; empty is good. Reads every page of every table.
pub async fn integrity(db: &DatabaseConnection) -> Result<Vec<Finding>, DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => sqlite(db).await,
        _ => mysql(db).await,
    }
}

async fn sqlite(db: &DatabaseConnection) -> Result<Vec<Finding>, DbErr> {
    let ask = |text: &str| Statement::from_string(DbBackend::Sqlite, text);
    let mut findings = Vec::new();
    for row in db
        .query_all_raw(ask("SELECT integrity_check AS word FROM pragma_integrity_check"))
        .await?
    {
        let word: String = row.try_get("", "word")?;
        if word != "ok" {
            findings.push(Finding {
                place: "database file".into(),
                problem: word,
            });
        }
    }
    let text =
        "SELECT \"table\" AS place, \"parent\" AS parent, COUNT(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2";
    for row in db.query_all_raw(ask(text)).await? {
        let (parent, n): (String, i64) = (row.try_get("", "parent")?, row.try_get("", "n")?);
        findings.push(Finding {
            place: row.try_get("", "place")?,
            problem: format!("{n} rows refer to rows of {parent} that do not exist."),
        });
    }
    Ok(findings)
}

async fn mysql(db: &DatabaseConnection) -> Result<Vec<Finding>, DbErr> {
    let ask = |text: String| Statement::from_string(DbBackend::MySql, text);
    let mut findings = Vec::new();
    for table in tables(db).await? {
        for row in db
            .query_all_raw(ask(format!("CHECK TABLE {}", quoted(DbBackend::MySql, &table))))
            .await?
        {
            let (kind, text): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
            if kind == "error" || (kind == "status" && text != "OK") {
                findings.push(Finding {
                    place: table.clone(),
                    problem: text,
                });
            }
        }
    }
    let text = "SELECT CAST(table_name AS CHAR(200)) AS child, CAST(column_name AS CHAR(200)) AS child_column, CAST(referenced_table_name AS CHAR(200)) AS parent, CAST(referenced_column_name AS CHAR(200)) AS parent_column FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL ORDER BY 1, 2";
    for row in db.query_all_raw(ask(text.into())).await? {
        let name = |column: &str| row.try_get::<String>("", column);
        let (child, parent) = (name("child")?, name("parent")?);
        let quote = |name: &str| quoted(DbBackend::MySql, name);
        let count = format!(
            "SELECT COUNT(*) AS n FROM {} c LEFT JOIN {} p ON p.{} = c.{} WHERE c.{} IS NOT NULL AND p.{} IS NULL",
            quote(&child),
            quote(&parent),
            quote(&name("parent_column")?),
            quote(&name("child_column")?),
            quote(&name("child_column")?),
            quote(&name("parent_column")?)
        );
        let n: i64 = match db.query_one_raw(ask(count)).await? {
            Some(row) => row.try_get("", "n")?,
            None => 0,
        };
        if n > 0 {
            findings.push(Finding {
                place: child,
                problem: format!("{n} rows refer to rows of {parent} that do not exist."),
            });
        }
    }
    Ok(findings)
}

//! Which tables and columns there are. The differences between the dialects in naming them stand here alone.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// How a column's value is written down, the same on every database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// Single precision is not the same text everywhere; a millionth is exact enough.
    Float,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// The tables of this database, by name.
pub async fn tables(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let text = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        _ => {
            "SELECT CAST(table_name AS CHAR(200)) AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), text))
        .await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}

/// The columns of a table, by name.
pub async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<Vec<Column>, DbErr> {
    let backend = db.get_database_backend();
    let text = match backend {
        DbBackend::Sqlite => "SELECT name, lower(type) AS kind FROM pragma_table_info(?) ORDER BY name",
        _ => {
            "SELECT CAST(column_name AS CHAR(200)) AS name, CAST(data_type AS CHAR(200)) AS kind FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY 1"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(backend, text, [table.into()]))
        .await?;
    let mut columns = Vec::with_capacity(rows.len());
    for row in rows {
        let (name, kind): (String, String) = (row.try_get("", "name")?, row.try_get("", "kind")?);
        let float = ["float", "double", "real"].iter().any(|word| kind.contains(word));
        columns.push(Column {
            name,
            kind: if float { Kind::Float } else { Kind::Plain },
        });
    }
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(columns)
}

/// A name in this database's quotes.
pub fn quoted(backend: DbBackend, name: &str) -> String {
    match backend {
        DbBackend::MySql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The expression that writes a column down as hexadecimal text, null as null.
pub fn written(backend: DbBackend, column: &Column) -> String {
    let name = quoted(backend, &column.name);
    match (column.kind, backend) {
        (Kind::Plain, DbBackend::MySql) => format!("HEX(CAST({name} AS BINARY))"),
        (Kind::Plain, _) => format!("hex({name})"),
        (Kind::Float, DbBackend::MySql) => format!("HEX(CAST(CAST(ROUND({name} * 1000000) AS SIGNED) AS BINARY))"),
        (Kind::Float, _) => format!("hex(CAST(round({name} * 1000000) AS INTEGER))"),
    }
}

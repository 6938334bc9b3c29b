//! Column and table helpers that mean the same thing on every database we support. Migrations change the schema through `create`, `drop`
//! and `change` only, so that `migrate plan` can show the SQL without running it.

use sea_orm::{ConnectionTrait, RuntimeErr, StatementBuilder, sqlx};
use sea_orm_migration::prelude::*;
pub use sea_orm_migration::schema::{
    big_integer as at, big_integer_null as at_null, boolean, float_null, integer, integer_null, pk_uuid, string_len,
    string_len_null, uuid, uuid_null,
};
use std::cell::RefCell;

/// Text without a practical length limit: `LONGTEXT` on MySQL, `TEXT` affinity on SQLite.
pub fn long_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).custom("longtext").not_null().take()
}

/// The same, nullable.
pub fn long_text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).custom("longtext").null().take()
}

/// An ever-growing sequence number as primary key.
pub fn pk_sequence(name: &'static str) -> ColumnDef {
    // SQLite only auto-increments a column declared exactly INTEGER, which is 64-bit there.
    ColumnDef::new(name)
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .take()
}

/// A table with these columns; foreign keys as (column, table, column) delete with their parent.
pub fn table(
    name: &'static str,
    columns: Vec<ColumnDef>,
    foreign: &[(&'static str, &'static str)],
) -> TableCreateStatement {
    let mut create = Table::create();
    create.table(name).if_not_exists();
    for mut column in columns {
        create.col(&mut column);
    }
    for (column, parent) in foreign {
        create.foreign_key(
            ForeignKey::create()
                .name(format!("fk_{name}_{column}"))
                .from(name, *column)
                .to(*parent, "id")
                .on_delete(ForeignKeyAction::Cascade),
        );
    }
    create
}

/// An index named after its columns.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut create = Index::create();
    create
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(table)
        .if_not_exists();
    for column in columns {
        create.col(*column);
    }
    create
}

/// A unique index named after its columns.
pub fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut create = index(table, columns);
    create.name(format!("uq_{table}_{}", columns.join("_"))).unique();
    create
}

tokio::task_local! {
    /// While a plan is made, statements are written down here instead of being run.
    static PLAN: RefCell<Vec<String>>;
}

/// The SQL that `work` would run.
pub async fn planned(work: impl Future<Output = Result<(), DbErr>>) -> Result<Vec<String>, DbErr> {
    PLAN.scope(RefCell::default(), async {
        work.await?;
        Ok(PLAN.with(|plan| plan.take()))
    })
    .await
}

/// Every change of the schema goes through here. What is already there, or already gone, is fine: MySQL has no transactions around
/// changes of the schema, so a migration that was broken off begins anew.
pub async fn change<S: StatementBuilder + Sync>(manager: &SchemaManager<'_>, statement: &S) -> Result<(), DbErr> {
    let built = manager.get_database_backend().build(statement);
    if PLAN.try_with(|plan| plan.borrow_mut().push(built.to_string())).is_ok() {
        return Ok(());
    }
    match manager.get_connection().execute_raw(built).await {
        Err(error) if already_done(&error) => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Table, column or index exists; column or index does not exist.
fn already_done(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let number = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .map(sqlx::mysql::MySqlDatabaseError::number);
    matches!(number, Some(1050 | 1060 | 1061 | 1091))
}

/// Creates the tables, then the indexes.
pub async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for statement in tables {
        change(manager, &statement).await?;
    }
    for statement in indexes {
        change(manager, &statement).await?;
    }
    Ok(())
}

/// Drops the tables in the order given: children before parents.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for name in tables {
        change(manager, &Table::drop().table(*name).if_exists().to_owned()).await?;
    }
    Ok(())
}

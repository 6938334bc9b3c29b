//! Column and table helpers that mean the same thing on every database we support.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::schema::{
    big_integer as at, big_integer_null as at_null, boolean, float_null, integer, integer_null, pk_uuid, string_len,
    string_len_null, uuid, uuid_null,
};

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

/// Creates the tables, then the indexes.
pub async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for statement in tables {
        manager.create_table(statement).await?;
    }
    // MySQL has no CREATE INDEX IF NOT EXISTS; a migration runs once, so the clause is not needed.
    for statement in indexes {
        manager.create_index(statement).await?;
    }
    Ok(())
}

/// Drops the tables in the order given: children before parents.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for name in tables {
        manager
            .drop_table(Table::drop().table(*name).if_exists().to_owned())
            .await?;
    }
    Ok(())
}

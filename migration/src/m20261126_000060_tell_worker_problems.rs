//! Why a worker cannot grade with the active model, for the page of models.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = string_len_null("problem", 300);
        let table = Table::alter()
            .table("grading_workers")
            .add_column(&mut column)
            .to_owned();
        change(manager, &table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("grading_workers")
            .drop_column("problem")
            .to_owned();
        change(manager, &table).await
    }
}

//! The primary's pulse: one row, written every second, by which a replica's age is told without any privilege.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![integer("id").primary_key().take(), at("at")];
        create(manager, vec![table("replication_heartbeat", columns, &[])], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["replication_heartbeat"]).await
    }
}

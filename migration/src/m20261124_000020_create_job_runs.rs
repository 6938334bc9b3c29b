//! What runs by the clock: one row per job with its lease and its last outcome.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            vec![table(
                "job_runs",
                vec![
                    string_len("id", 60).primary_key().take(),
                    string_len("cadence", 120),
                    at("due_at"),
                    string_len_null("holder", 80),
                    at_null("lease_until"),
                    at_null("started_at"),
                    at_null("finished_at"),
                    at_null("succeeded_at"),
                    boolean("ok"),
                    string_len("detail", 500),
                    integer("runs"),
                    integer("failures"),
                ],
                &[],
            )],
            vec![],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["job_runs"]).await
    }
}

//! Backups and what is known of the copies of files in them; launch reports and the signatures on them.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            vec![
                table(
                    "backups",
                    vec![
                        string_len("id", 40).primary_key().take(),
                        string_len("state", 16),
                        string_len("version", 40),
                        string_len("source", 16),
                        at("requested_at"),
                        at_null("created_at"),
                        at_null("proven_at"),
                        at("alive_at"),
                        at("size"),
                        at("entries"),
                        at("files"),
                        at("new_files"),
                        at("new_file_bytes"),
                        at("milliseconds"),
                        string_len_null("problem", 500),
                    ],
                    &[],
                ),
                table(
                    "backup_objects",
                    vec![
                        string_len("id", 64).primary_key().take(),
                        string_len("etag", 120),
                        at("size"),
                        string_len("sha256", 64),
                    ],
                    &[],
                ),
                table(
                    "launch_reports",
                    vec![
                        pk_uuid("id"),
                        at("created_at"),
                        string_len("version", 40),
                        integer("passed"),
                        integer("failed"),
                        integer("unsigned_items"),
                        integer("not_here"),
                        long_text("document"),
                    ],
                    &[],
                ),
            ],
            vec![
                index("backups", &["state", "created_at"]),
                index("launch_reports", &["created_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["launch_reports", "backup_objects", "backups"]).await
    }
}

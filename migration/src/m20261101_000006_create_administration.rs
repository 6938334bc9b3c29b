//! The hash-chained audit log, settings, and answers already given to repeated API calls.

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
                    "audit_log",
                    vec![
                        pk_sequence("id"),
                        at("at"),
                        uuid_null("actor_id"),
                        string_len("actor_name", 200),
                        string_len("action", 60),
                        string_len("target_kind", 40),
                        string_len("target_id", 64),
                        long_text("detail"),
                        string_len("previous_hash", 64),
                        string_len("hash", 64),
                    ],
                    &[],
                ),
                table(
                    "settings",
                    vec![
                        string_len("id", 100).primary_key().take(),
                        long_text("value"),
                        at("updated_at"),
                    ],
                    &[],
                ),
                table(
                    "idempotency_keys",
                    vec![
                        string_len("id", 190).primary_key().take(),
                        string_len("request_hash", 64),
                        integer("status"),
                        long_text("body"),
                        at("created_at"),
                    ],
                    &[],
                ),
            ],
            vec![
                index("audit_log", &["at"]),
                index("audit_log", &["actor_id", "id"]),
                unique("audit_log", &["previous_hash"]),
                index("idempotency_keys", &["created_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["idempotency_keys", "settings", "audit_log"]).await
    }
}

//! Mail that waits to be sent, what people want to be told and when, their notifications in the app, one-time links, and windows of
//! maintenance. Only new tables: the previous program runs on this schema unchanged.

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
                outbox(),
                table(
                    "notifications",
                    vec![
                        pk_uuid("id"),
                        uuid("user_id"),
                        string_len("kind", 40),
                        string_len("title", 300),
                        string_len("body", 1000),
                        string_len_null("link", 300),
                        string_len("dedupe_key", 190),
                        at("created_at"),
                        at_null("read_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "mail_preferences",
                    vec![
                        string_len("id", 100).primary_key().take(),
                        uuid("user_id"),
                        string_len("kind", 40),
                        boolean("mail"),
                        boolean("app"),
                        at("updated_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "quiet_hours",
                    vec![
                        uuid("user_id").primary_key().take(),
                        integer("from_minute"),
                        integer("until_minute"),
                        string_len("time_zone", 60),
                        at("updated_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "one_time_links",
                    vec![
                        pk_uuid("id"),
                        uuid("user_id"),
                        string_len("purpose", 20),
                        string_len("hash", 64),
                        string_len("email", 190),
                        at("created_at"),
                        at("expires_at"),
                        at_null("used_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "email_verifications",
                    vec![
                        uuid("user_id").primary_key().take(),
                        string_len("email", 190),
                        at("requested_at"),
                        at_null("verified_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "maintenance_windows",
                    vec![
                        pk_uuid("id"),
                        string_len("message", 500),
                        at("starts_at"),
                        at_null("planned_end_at"),
                        at_null("ended_at"),
                        string_len("created_by", 200),
                        at("created_at"),
                    ],
                    &[],
                ),
            ],
            vec![
                unique("mail_outbox", &["dedupe_key"]),
                index("mail_outbox", &["state", "not_before"]),
                index("mail_outbox", &["created_at"]),
                index("mail_outbox", &["user_id"]),
                unique("notifications", &["dedupe_key"]),
                index("notifications", &["user_id", "read_at"]),
                index("notifications", &["user_id", "created_at"]),
                index("notifications", &["created_at"]),
                index("mail_preferences", &["user_id"]),
                unique("one_time_links", &["hash"]),
                index("one_time_links", &["user_id"]),
                index("one_time_links", &["expires_at"]),
                index("maintenance_windows", &["starts_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "maintenance_windows",
            "email_verifications",
            "one_time_links",
            "quiet_hours",
            "mail_preferences",
            "notifications",
            "mail_outbox",
        ];
        crate::columns::drop(manager, &tables).await
    }
}

fn outbox() -> TableCreateStatement {
    table(
        "mail_outbox",
        vec![
            pk_uuid("id"),
            string_len("kind", 40),
            uuid_null("user_id"),
            string_len("recipient", 190),
            string_len("subject", 300),
            long_text("text"),
            long_text("html"),
            string_len_null("unsubscribe", 500),
            string_len("dedupe_key", 190),
            string_len("message_id", 190),
            string_len("state", 16),
            integer("attempts"),
            string_len_null("claimed_by", 100),
            at_null("lease_until"),
            at("not_before"),
            at_null("expires_at"),
            long_text_null("problem"),
            at("created_at"),
            at_null("sending_at"),
            at_null("finished_at"),
        ],
        &[("user_id", "users")],
    )
}

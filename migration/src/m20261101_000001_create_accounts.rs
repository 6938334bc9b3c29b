//! Users, their sessions, and the API tokens they make.

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
                    "users",
                    vec![
                        pk_uuid("id"),
                        string_len("email", 190),
                        string_len("name", 200),
                        string_len("password_hash", 200),
                        boolean("is_admin"),
                        boolean("must_change_password"),
                        at("created_at"),
                        at("password_changed_at"),
                        at_null("deactivated_at"),
                        at_null("last_sign_in_at"),
                    ],
                    &[],
                ),
                table(
                    "sessions",
                    vec![
                        string_len("id", 64).primary_key().take(),
                        long_text("data"),
                        uuid_null("user_id"),
                        string_len("user_agent", 300),
                        string_len("address", 64),
                        at("created_at"),
                        at("last_seen_at"),
                        at("expires_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "api_tokens",
                    vec![
                        pk_uuid("id"),
                        uuid("user_id"),
                        string_len("name", 100),
                        string_len("hash", 64),
                        string_len("prefix", 16),
                        string_len("scopes", 300),
                        at("created_at"),
                        at_null("last_used_at"),
                        at_null("expires_at"),
                        at_null("revoked_at"),
                    ],
                    &[("user_id", "users")],
                ),
                table(
                    "attempts",
                    vec![
                        string_len("id", 100).primary_key().take(),
                        integer("used"),
                        at("window_started_at"),
                    ],
                    &[],
                ),
            ],
            vec![
                unique("users", &["email"]),
                index("users", &["name", "id"]),
                index("sessions", &["user_id"]),
                index("sessions", &["expires_at"]),
                unique("api_tokens", &["hash"]),
                index("api_tokens", &["user_id"]),
                index("attempts", &["window_started_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["attempts", "api_tokens", "sessions", "users"]).await
    }
}

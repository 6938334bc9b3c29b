//! Submissions, the answers in them, the durable journal of typing, and attached files.

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
                    "submissions",
                    vec![
                        pk_uuid("id"),
                        uuid("assignment_id"),
                        uuid("user_id"),
                        integer("attempt"),
                        at("started_at"),
                        at_null("submitted_at"),
                        integer("late_percent"),
                        string_len_null("content_hash", 64),
                        string_len_null("receipt", 200),
                        at("updated_at"),
                    ],
                    &[("assignment_id", "assignments"), ("user_id", "users")],
                ),
                table(
                    "answers",
                    vec![
                        pk_uuid("id"),
                        uuid("submission_id"),
                        uuid("question_id"),
                        long_text("value"),
                        integer("revision"),
                        at("updated_at"),
                    ],
                    &[("submission_id", "submissions"), ("question_id", "questions")],
                ),
                table(
                    "answer_journal",
                    vec![
                        pk_uuid("id"),
                        uuid("submission_id"),
                        uuid("question_id"),
                        long_text("value"),
                        at("typed_at"),
                        at("recorded_at"),
                    ],
                    &[("submission_id", "submissions")],
                ),
                table(
                    "files",
                    vec![
                        pk_uuid("id"),
                        uuid("owner_id"),
                        uuid("submission_id"),
                        uuid("question_id"),
                        string_len("name", 255),
                        string_len("media_type", 120),
                        at("size"),
                        string_len_null("sha256", 64),
                        string_len("blob_key", 200),
                        string_len("state", 16),
                        string_len_null("problem", 300),
                        long_text_null("extracted_text"),
                        at("created_at"),
                    ],
                    &[("owner_id", "users"), ("submission_id", "submissions")],
                ),
            ],
            vec![
                unique("submissions", &["assignment_id", "user_id", "attempt"]),
                index("submissions", &["user_id", "updated_at"]),
                index("submissions", &["assignment_id", "submitted_at"]),
                unique("answers", &["submission_id", "question_id"]),
                index("answers", &["question_id"]),
                index("answer_journal", &["submission_id", "recorded_at"]),
                index("files", &["submission_id", "question_id"]),
                index("files", &["state", "created_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["files", "answer_journal", "answers", "submissions"]).await
    }
}

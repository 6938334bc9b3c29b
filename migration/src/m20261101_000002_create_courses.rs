//! Courses and who takes part in them, with one role per person and course.

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
                    "courses",
                    vec![
                        pk_uuid("id"),
                        string_len("code", 40),
                        string_len("title", 200),
                        string_len("term", 60),
                        long_text("description"),
                        uuid("created_by"),
                        at("created_at"),
                        at_null("archived_at"),
                    ],
                    &[("created_by", "users")],
                ),
                table(
                    "enrolments",
                    vec![
                        pk_uuid("id"),
                        uuid("course_id"),
                        uuid("user_id"),
                        string_len("role", 16),
                        at("created_at"),
                    ],
                    &[("course_id", "courses"), ("user_id", "users")],
                ),
            ],
            vec![
                index("courses", &["code"]),
                unique("enrolments", &["course_id", "user_id"]),
                index("enrolments", &["user_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["enrolments", "courses"]).await
    }
}

//! Assignments, their questions, reference answers and rubrics.

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
                    "assignments",
                    vec![
                        pk_uuid("id"),
                        uuid("course_id"),
                        string_len("title", 200),
                        long_text("instructions"),
                        at_null("due_at"),
                        at_null("closes_at"),
                        integer("late_percent_per_day"),
                        boolean("show_distribution"),
                        at_null("published_at"),
                        at_null("grades_published_at"),
                        uuid("created_by"),
                        at("created_at"),
                        at("updated_at"),
                        integer("version"),
                    ],
                    &[("course_id", "courses")],
                ),
                table(
                    "questions",
                    vec![
                        pk_uuid("id"),
                        uuid("assignment_id"),
                        integer("position"),
                        string_len("kind", 24),
                        long_text("prompt"),
                        integer("points"),
                        long_text("settings"),
                        at("created_at"),
                        at("updated_at"),
                    ],
                    &[("assignment_id", "assignments")],
                ),
                table(
                    "reference_answers",
                    vec![
                        pk_uuid("id"),
                        uuid("question_id"),
                        integer("position"),
                        long_text("text"),
                    ],
                    &[("question_id", "questions")],
                ),
                table(
                    "rubric_criteria",
                    vec![
                        pk_uuid("id"),
                        uuid("question_id"),
                        integer("position"),
                        string_len("title", 200),
                        integer("points"),
                    ],
                    &[("question_id", "questions")],
                ),
                table(
                    "rubric_items",
                    vec![
                        pk_uuid("id"),
                        uuid("criterion_id"),
                        integer("position"),
                        long_text("text"),
                        integer("points"),
                        long_text("feedback"),
                    ],
                    &[("criterion_id", "rubric_criteria")],
                ),
            ],
            vec![
                index("assignments", &["course_id", "due_at"]),
                index("questions", &["assignment_id", "position"]),
                index("reference_answers", &["question_id", "position"]),
                index("rubric_criteria", &["question_id", "position"]),
                index("rubric_items", &["criterion_id", "position"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(
            manager,
            &[
                "rubric_items",
                "rubric_criteria",
                "reference_answers",
                "questions",
                "assignments",
            ],
        )
        .await
    }
}

//! Grading work, grades (machine beside human), their append-only events, and models.

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
                    "model_versions",
                    vec![
                        pk_uuid("id"),
                        string_len("name", 190),
                        string_len("kind", 24),
                        at("first_used_at"),
                        boolean("active"),
                    ],
                    &[],
                ),
                table(
                    "grading_work",
                    vec![
                        pk_uuid("id"),
                        uuid("answer_id"),
                        uuid("submission_id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        string_len("state", 12),
                        integer("attempts"),
                        string_len_null("claimed_by", 60),
                        at_null("lease_until"),
                        string_len_null("problem", 300),
                        at("created_at"),
                        at_null("finished_at"),
                    ],
                    &[("answer_id", "answers")],
                ),
                table(
                    "grades",
                    vec![
                        pk_uuid("id"),
                        uuid("answer_id"),
                        uuid("submission_id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        integer("machine_points"),
                        float_null("machine_confidence"),
                        string_len("machine_decision", 12),
                        string_len_null("machine_reason", 120),
                        long_text("machine_evidence"),
                        string_len("model", 190),
                        string_len("input_hash", 64),
                        at("machine_at"),
                        integer_null("human_points"),
                        long_text_null("human_comment"),
                        uuid_null("human_by"),
                        at_null("human_at"),
                        string_len("review_state", 12),
                        integer("review_order"),
                        integer("version"),
                    ],
                    &[("answer_id", "answers")],
                ),
                table(
                    "grade_events",
                    vec![
                        pk_sequence("id"),
                        uuid("grade_id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        string_len("kind", 16),
                        uuid_null("actor_id"),
                        long_text("detail"),
                        at("at"),
                    ],
                    &[],
                ),
            ],
            vec![
                unique("model_versions", &["name"]),
                unique("grading_work", &["answer_id"]),
                index("grading_work", &["state", "created_at", "id"]),
                index("grading_work", &["assignment_id", "state"]),
                index("grading_work", &["state", "lease_until"]),
                unique("grades", &["answer_id"]),
                index("grades", &["assignment_id", "question_id"]),
                index("grades", &["submission_id"]),
                index("grades", &["assignment_id", "review_state", "review_order", "id"]),
                index("grades", &["question_id", "review_state", "review_order", "id"]),
                index("grade_events", &["assignment_id", "id"]),
                index("grade_events", &["grade_id", "id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(manager, &["grade_events", "grades", "grading_work", "model_versions"]).await
    }
}

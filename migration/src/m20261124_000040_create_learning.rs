//! What graders learn from teachers: lessons and the runs that made suggestions, risk dials and their audits, answer groups,
//! and the register of grading models with their trials. New tables only.

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
                    "lessons",
                    vec![
                        pk_uuid("question_id"),
                        uuid("assignment_id"),
                        at("wanted"),
                        at("done"),
                        boolean("settle"),
                        string_len_null("claimed_by", 60),
                        at_null("lease_until"),
                        uuid_null("run_id"),
                        integer("decisions"),
                        integer("answers"),
                        integer("changed"),
                        integer("took_ms"),
                        at_null("learnt_at"),
                    ],
                    &[],
                ),
                table(
                    "suggestion_runs",
                    vec![
                        pk_uuid("id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        string_len("model", 190),
                        integer("target"),
                        long_text("examples"),
                        long_text("answers"),
                        long_text("outcome"),
                        string_len("input_hash", 64),
                        at("made_at"),
                    ],
                    &[],
                ),
                table(
                    "risk_dials",
                    vec![
                        pk_uuid("id"),
                        uuid("assignment_id"),
                        integer("target"),
                        integer("accepted"),
                        integer("waiting"),
                        uuid("set_by"),
                        at("set_at"),
                        at_null("undone_at"),
                    ],
                    &[],
                ),
                table(
                    "agreement_audits",
                    vec![
                        pk_uuid("grade_id"),
                        uuid("assignment_id"),
                        uuid("question_id"),
                        integer("machine_points"),
                        string_len("model", 190),
                        at("drawn_at"),
                        integer_null("human_points"),
                        at_null("decided_at"),
                    ],
                    &[],
                ),
                table(
                    "answer_groups",
                    vec![
                        pk_uuid("grade_id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        uuid("group_id"),
                        boolean("pinned"),
                    ],
                    &[],
                ),
                table(
                    "group_acts",
                    vec![
                        pk_uuid("id"),
                        uuid("question_id"),
                        uuid("assignment_id"),
                        string_len("kind", 12),
                        uuid("actor_id"),
                        long_text("detail"),
                        at("at"),
                        at_null("undone_at"),
                    ],
                    &[],
                ),
                table(
                    "grading_models",
                    vec![
                        pk_uuid("id"),
                        string_len("name", 190),
                        string_len_null("head_hash", 64),
                        at("head_bytes"),
                        long_text("report"),
                        long_text("thresholds"),
                        boolean("active"),
                        uuid_null("registered_by"),
                        at("registered_at"),
                        at_null("activated_at"),
                    ],
                    &[],
                ),
                table(
                    "model_trials",
                    vec![
                        pk_uuid("id"),
                        uuid("model_id"),
                        string_len("state", 12),
                        integer("wanted"),
                        long_text_null("result"),
                        string_len_null("problem", 300),
                        uuid("asked_by"),
                        at("asked_at"),
                        string_len_null("claimed_by", 60),
                        at_null("lease_until"),
                        at_null("finished_at"),
                    ],
                    &[],
                ),
                table(
                    "grading_workers",
                    vec![
                        string_len("name", 60).primary_key().take(),
                        string_len("model", 190),
                        string_len("device", 60),
                        at("seen_at"),
                    ],
                    &[],
                ),
            ],
            vec![
                index("suggestion_runs", &["question_id", "id"]),
                index("lessons", &["assignment_id"]),
                index("risk_dials", &["assignment_id", "id"]),
                index("agreement_audits", &["assignment_id", "human_points"]),
                index("answer_groups", &["question_id", "group_id"]),
                index("answer_groups", &["assignment_id", "group_id"]),
                index("group_acts", &["question_id", "id"]),
                unique("grading_models", &["name"]),
                index("model_trials", &["model_id", "id"]),
                index("model_trials", &["state"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::columns::drop(
            manager,
            &[
                "grading_workers",
                "model_trials",
                "grading_models",
                "group_acts",
                "answer_groups",
                "agreement_audits",
                "risk_dials",
                "suggestion_runs",
                "lessons",
            ],
        )
        .await
    }
}

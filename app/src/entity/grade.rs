//! The table `grades`.

use crate::ids::{AnswerId, AssignmentId, GradeId, QuestionId, SubmissionId, UserId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grades")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GradeId,
    pub answer_id: AnswerId,
    pub submission_id: SubmissionId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub machine_points: Points,
    pub machine_confidence: Option<f32>,
    pub machine_decision: String,
    pub machine_reason: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub machine_evidence: String,
    pub model: String,
    pub input_hash: String,
    pub machine_at: Timestamp,
    /// Graded answers it was made with.
    pub machine_examples: i32,
    pub human_points: Option<Points>,
    #[sea_orm(column_type = "Text", nullable)]
    pub human_comment: Option<String>,
    pub human_by: Option<UserId>,
    pub human_at: Option<Timestamp>,
    pub review_state: String,
    pub review_order: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

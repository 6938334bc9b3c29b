//! The table `grading_work`.

use crate::ids::{AnswerId, AssignmentId, QuestionId, SubmissionId, WorkId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grading_work")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkId,
    pub answer_id: AnswerId,
    pub submission_id: SubmissionId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub state: String,
    pub attempts: i32,
    pub claimed_by: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub problem: Option<String>,
    /// Since when it waits: when the answer was handed in, or when it was queued anew.
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

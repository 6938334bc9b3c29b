//! The table `grade_events`.

use crate::ids::{AssignmentId, GradeId, QuestionId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grade_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub grade_id: GradeId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub kind: String,
    pub actor_id: Option<UserId>,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

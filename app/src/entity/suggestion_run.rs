//! The table `suggestion_runs`.

use crate::ids::{AssignmentId, QuestionId, RunId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suggestion_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub model: String,
    pub target: i32,
    #[sea_orm(column_type = "Text")]
    pub examples: String,
    #[sea_orm(column_type = "Text")]
    pub answers: String,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    pub input_hash: String,
    pub made_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

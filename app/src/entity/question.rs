//! The table `questions`.

use crate::ids::{AssignmentId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "questions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuestionId,
    pub assignment_id: AssignmentId,
    pub position: i32,
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub prompt: String,
    pub points: Points,
    #[sea_orm(column_type = "Text")]
    pub settings: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

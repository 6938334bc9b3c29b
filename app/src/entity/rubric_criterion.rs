//! The table `rubric_criteria`.

use crate::ids::{CriterionId, QuestionId};
use crate::points::Points;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rubric_criteria")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CriterionId,
    pub question_id: QuestionId,
    pub position: i32,
    pub title: String,
    pub points: Points,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

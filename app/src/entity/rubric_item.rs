//! The table `rubric_items`.

use crate::ids::{CriterionId, RubricItemId};
use crate::points::Points;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rubric_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RubricItemId,
    pub criterion_id: CriterionId,
    pub position: i32,
    #[sea_orm(column_type = "Text")]
    pub text: String,
    pub points: Points,
    #[sea_orm(column_type = "Text")]
    pub feedback: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The table `reference_answers`.

use crate::ids::{QuestionId, ReferenceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_answers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReferenceId,
    pub question_id: QuestionId,
    pub position: i32,
    #[sea_orm(column_type = "Text")]
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

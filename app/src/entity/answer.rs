//! The table `answers`.

use crate::ids::{AnswerId, QuestionId, SubmissionId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnswerId,
    pub submission_id: SubmissionId,
    pub question_id: QuestionId,
    #[sea_orm(column_type = "Text")]
    pub value: String,
    pub revision: i32,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

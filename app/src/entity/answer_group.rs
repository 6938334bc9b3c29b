//! The table `answer_groups`.

use crate::ids::{AssignmentId, GradeId, QuestionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_groups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub grade_id: GradeId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub group_id: GradeId,
    pub pinned: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The table `group_acts`.

use crate::ids::{AssignmentId, GroupActId, QuestionId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_acts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GroupActId,
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub kind: String,
    pub actor_id: UserId,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

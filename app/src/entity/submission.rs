//! The table `submissions`.

use crate::ids::{AssignmentId, SubmissionId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submissions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SubmissionId,
    pub assignment_id: AssignmentId,
    pub user_id: UserId,
    pub attempt: i32,
    pub started_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub late_percent: i32,
    pub content_hash: Option<String>,
    pub receipt: Option<String>,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

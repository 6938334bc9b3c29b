//! The table `risk_dials`.

use crate::ids::{AssignmentId, DialId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_dials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DialId,
    pub assignment_id: AssignmentId,
    pub target: i32,
    pub accepted: i32,
    pub waiting: i32,
    pub set_by: UserId,
    pub set_at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

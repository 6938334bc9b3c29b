//! The table `lessons`.

use crate::ids::{AssignmentId, QuestionId, RunId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lessons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub question_id: QuestionId,
    pub assignment_id: AssignmentId,
    pub wanted: i64,
    pub done: i64,
    pub settle: bool,
    pub claimed_by: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub run_id: Option<RunId>,
    pub decisions: i32,
    pub answers: i32,
    pub changed: i32,
    pub took_ms: i32,
    pub learnt_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

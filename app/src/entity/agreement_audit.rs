//! The table `agreement_audits`.

use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement_audits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub grade_id: GradeId,
    pub assignment_id: AssignmentId,
    pub question_id: QuestionId,
    pub machine_points: Points,
    pub model: String,
    pub drawn_at: Timestamp,
    pub human_points: Option<Points>,
    pub decided_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

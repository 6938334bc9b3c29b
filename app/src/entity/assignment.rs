//! The table `assignments`.

use crate::ids::{AssignmentId, CourseId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssignmentId,
    pub course_id: CourseId,
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub instructions: String,
    pub due_at: Option<Timestamp>,
    pub closes_at: Option<Timestamp>,
    pub late_percent_per_day: i32,
    pub show_distribution: bool,
    pub published_at: Option<Timestamp>,
    pub grades_published_at: Option<Timestamp>,
    pub created_by: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

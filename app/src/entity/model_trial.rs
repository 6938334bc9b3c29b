//! The table `model_trials`.

use crate::ids::{ModelId, TrialId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "model_trials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TrialId,
    pub model_id: ModelId,
    pub state: String,
    pub wanted: i32,
    #[sea_orm(column_type = "Text", nullable)]
    pub result: Option<String>,
    pub problem: Option<String>,
    pub asked_by: UserId,
    pub asked_at: Timestamp,
    pub claimed_by: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The table `job_runs`.

use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
pub struct Model {
    /// The job's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// When it runs, in words.
    pub cadence: String,
    pub due_at: Timestamp,
    /// Who runs it now, and until when they may without a sign of life.
    pub holder: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub succeeded_at: Option<Timestamp>,
    /// How the last finished run ended, and in words.
    pub ok: bool,
    pub detail: String,
    pub runs: i32,
    pub failures: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

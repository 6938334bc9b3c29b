//! The table `backups`: a copy of what the manifests in the backup bucket say, and the one that is being made.

use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// `requested`, `creating`, `complete` or `failed`.
    pub state: String,
    pub version: String,
    pub source: String,
    pub requested_at: Timestamp,
    pub created_at: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
    /// When the process that makes it last said so.
    pub alive_at: Timestamp,
    pub size: i64,
    pub entries: i64,
    pub files: i64,
    pub new_files: i64,
    pub new_file_bytes: i64,
    pub milliseconds: i64,
    pub problem: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The table `backup_objects`: which content a file had when a backup last read it, so that unchanged files are not read again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_objects")]
pub struct Model {
    /// SHA-256 of the file's key, as hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub etag: String,
    pub size: i64,
    pub sha256: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The table `files`.

use crate::ids::{FileId, QuestionId, SubmissionId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    pub owner_id: UserId,
    pub submission_id: SubmissionId,
    pub question_id: QuestionId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: Option<String>,
    pub blob_key: String,
    pub state: String,
    pub problem: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub extracted_text: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

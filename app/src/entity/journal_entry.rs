//! The table `answer_journal`.

use crate::ids::{JournalId, QuestionId, SubmissionId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_journal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JournalId,
    pub submission_id: SubmissionId,
    pub question_id: QuestionId,
    #[sea_orm(column_type = "Text")]
    pub value: String,
    pub typed_at: Timestamp,
    pub recorded_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

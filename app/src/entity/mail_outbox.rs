//! The table `mail_outbox`.

use crate::ids::{MailId, UserId};
use crate::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub kind: String,
    pub user_id: Option<UserId>,
    pub recipient: String,
    pub subject: String,
    #[sea_orm(column_type = "Text")]
    pub text: String,
    #[sea_orm(column_type = "Text")]
    pub html: String,
    pub unsubscribe: Option<String>,
    pub dedupe_key: String,
    pub message_id: String,
    pub state: String,
    pub attempts: i32,
    pub claimed_by: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub not_before: Timestamp,
    pub expires_at: Option<Timestamp>,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    pub created_at: Timestamp,
    pub sending_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

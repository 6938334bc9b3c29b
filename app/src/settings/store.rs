//! The row of settings.

use crate::entity::setting;
use crate::error::{AppError, AppResult};
use crate::settings::model::Institution;
use crate::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

const INSTITUTION: &str = "institution";

pub async fn institution(db: &impl ConnectionTrait) -> AppResult<Institution> {
    let row = setting::Entity::find_by_id(INSTITUTION.to_owned()).one(db).await?;
    Ok(row
        .and_then(|row| serde_json::from_str(&row.value).ok())
        .unwrap_or_default())
}

pub async fn save_institution(db: &impl ConnectionTrait, institution: &Institution, now: Timestamp) -> AppResult<()> {
    let row = setting::ActiveModel {
        id: Set(INSTITUTION.to_owned()),
        value: Set(serde_json::to_string(institution).map_err(AppError::internal)?),
        updated_at: Set(now),
    };
    let update = OnConflict::column(setting::Column::Id)
        .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(update)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

//! Queries about courses and enrolments.

use crate::course::model::Role;
use crate::entity::enrolment;
use crate::error::AppResult;
use crate::ids::{CourseId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

pub async fn role_of(db: &impl ConnectionTrait, course: CourseId, user: UserId) -> AppResult<Option<Role>> {
    let row = enrolment::Entity::find()
        .filter(enrolment::Column::CourseId.eq(course))
        .filter(enrolment::Column::UserId.eq(user))
        .one(db)
        .await?;
    Ok(row.map(|row| row.role))
}

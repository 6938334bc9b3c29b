//! Queries about users, their sessions and tokens.

use crate::entity::{api_token, session, user};
use crate::error::AppResult;
use crate::ids::UserId;
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

pub async fn by_email(db: &impl ConnectionTrait, email: &str) -> AppResult<Option<user::Model>> {
    Ok(user::Entity::find()
        .filter(user::Column::Email.eq(email))
        .one(db)
        .await?)
}

pub async fn by_id(db: &impl ConnectionTrait, id: UserId) -> AppResult<Option<user::Model>> {
    Ok(user::Entity::find_by_id(id).one(db).await?)
}

/// Whether there is any user at all.
pub async fn any(db: &impl ConnectionTrait) -> AppResult<bool> {
    Ok(user::Entity::find().one(db).await?.is_some())
}

pub async fn sessions(db: &impl ConnectionTrait, user: UserId, now: Timestamp) -> AppResult<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::LastSeenAt)
        .all(db)
        .await?)
}

/// Ends all sessions of the user but one.
pub async fn end_sessions(db: &impl ConnectionTrait, user: UserId, keep: Option<&str>) -> AppResult<u64> {
    let mut delete = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
    if let Some(keep) = keep {
        delete = delete.filter(session::Column::Id.ne(keep));
    }
    Ok(delete.exec(db).await?.rows_affected)
}

pub async fn tokens(db: &impl ConnectionTrait, user: UserId) -> AppResult<Vec<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null())
        .order_by_desc(api_token::Column::CreatedAt)
        .all(db)
        .await?)
}

pub async fn token_by_hash(db: &impl ConnectionTrait, hash: &str) -> AppResult<Option<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::Hash.eq(hash))
        .filter(api_token::Column::RevokedAt.is_null())
        .one(db)
        .await?)
}

pub async fn touch_token(db: &impl ConnectionTrait, token: &api_token::Model, now: Timestamp) -> AppResult<()> {
    api_token::Entity::update_many()
        .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
        .filter(api_token::Column::Id.eq(token.id))
        .exec(db)
        .await?;
    Ok(())
}

pub async fn touch_sign_in(db: &impl ConnectionTrait, user: UserId, now: Timestamp) -> AppResult<()> {
    user::Entity::update_many()
        .col_expr(user::Column::LastSignInAt, Expr::value(now))
        .filter(user::Column::Id.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// How many people are signed in.
pub async fn count_sessions(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<i64> {
    let query = session::Entity::find()
        .filter(session::Column::UserId.is_not_null())
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(sea_orm::PaginatorTrait::count(query, db).await? as i64)
}

//! Accounts, for administrators.

use super::support::{Body, Id, Params, Who, created, limit};
use app::admin::model::{Kind, UserDetail, UserQuery, Users};
use app::admin::service::{self, FirstPlace};
use app::course::form::Person;
use app::course::model::Role;
use app::course::shape::NewAccount;
use app::error::{AppError, AppResult};
use app::ids::UserId;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(set_admin))
        .routes(routes!(deactivate))
        .routes(routes!(reactivate))
        .routes(routes!(reset_password))
        .routes(routes!(end_sessions))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Part of a name or an address.
    #[serde(default)]
    search: String,
    #[serde(default)]
    kind: Kind,
    /// The `next` of the page before.
    after: Option<UserId>,
    /// 1–50
    limit: Option<usize>,
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewUser {
    email: String,
    name: String,
    #[serde(default)]
    is_admin: bool,
    /// The code of a course to begin in, with a role there.
    course: Option<String>,
    role: Option<Role>,
}

/// An account just made; its password is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct UserMade {
    id: UserId,
    account: NewAccount,
}

#[derive(Debug, Deserialize, ToSchema)]
struct IsAdmin {
    is_admin: bool,
}

/// All accounts, by name
#[utoipa::path(get, path = "/admin/users", tag = "Administration", params(Which), responses((status = 200, body = Users)))]
async fn list(Who(ctx): Who, Params(which): Params<Which>) -> AppResult<Json<Users>> {
    let query = UserQuery {
        search: which.search,
        kind: which.kind,
        after: which.after,
        before: None,
    };
    let mut users = service::users(&ctx, query).await?;
    limit(&mut users.users, &mut users.next, which.limit, |user| user.id)?;
    Ok(Json(users))
}

/// Make an account with a one-time password
#[utoipa::path(post, path = "/admin/users", tag = "Administration", request_body = NewUser, responses((status = 201, body = UserMade)))]
async fn create(Who(ctx): Who, Body(new): Body<NewUser>) -> AppResult<Response> {
    let place = match (new.course, new.role) {
        (Some(course), Some(role)) => Some(FirstPlace { course, role }),
        (None, None) => None,
        (Some(_), None) => return Err(AppError::field("role", "Say what the person is in the course.")),
        (None, Some(_)) => {
            return Err(AppError::field(
                "course",
                "Say in which course the person has this role.",
            ));
        }
    };
    let (id, _, account) = service::create_user(
        &ctx,
        Person {
            email: new.email,
            name: new.name,
        },
        new.is_admin,
        place,
    )
    .await?;
    Ok(created(&format!("/api/v1/admin/users/{id}"), UserMade { id, account }))
}

/// One account with its places
#[utoipa::path(get, path = "/admin/users/{user}", tag = "Administration", params(("user" = UserId, Path)), responses((status = 200, body = UserDetail)))]
async fn get(Who(ctx): Who, Id(user): Id<UserId>) -> AppResult<Json<UserDetail>> {
    service::user(&ctx, user).await.map(Json)
}

/// Make somebody an administrator, or an ordinary account again
#[utoipa::path(put, path = "/admin/users/{user}/admin", tag = "Administration", params(("user" = UserId, Path)), request_body = IsAdmin, responses((status = 204)))]
async fn set_admin(Who(ctx): Who, Id(user): Id<UserId>, Body(to): Body<IsAdmin>) -> AppResult<StatusCode> {
    service::set_admin(&ctx, user, to.is_admin)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// Shut an account out at once; nothing it made is lost
#[utoipa::path(post, path = "/admin/users/{user}/deactivate", tag = "Administration", params(("user" = UserId, Path)), responses((status = 204)))]
async fn deactivate(Who(ctx): Who, Id(user): Id<UserId>) -> AppResult<StatusCode> {
    service::deactivate(&ctx, user).await.map(|()| StatusCode::NO_CONTENT)
}

/// Let a deactivated account sign in again
#[utoipa::path(post, path = "/admin/users/{user}/reactivate", tag = "Administration", params(("user" = UserId, Path)), responses((status = 204)))]
async fn reactivate(Who(ctx): Who, Id(user): Id<UserId>) -> AppResult<StatusCode> {
    service::reactivate(&ctx, user).await.map(|()| StatusCode::NO_CONTENT)
}

/// Replace a password by a one-time password, which is shown this once
#[utoipa::path(post, path = "/admin/users/{user}/reset-password", tag = "Administration", params(("user" = UserId, Path)), responses((status = 200, body = NewAccount)))]
async fn reset_password(Who(ctx): Who, Id(user): Id<UserId>) -> AppResult<Json<NewAccount>> {
    service::reset_password(&ctx, user)
        .await
        .map(|(_, account)| Json(account))
}

/// Sign somebody out everywhere
#[utoipa::path(post, path = "/admin/users/{user}/end-sessions", tag = "Administration", params(("user" = UserId, Path)), responses((status = 204)))]
async fn end_sessions(Who(ctx): Who, Id(user): Id<UserId>) -> AppResult<StatusCode> {
    service::revoke_sessions(&ctx, user)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

//! Server functions of the administrator's pages.

use crate::admin::model::{AuditPage, SettingsPageData, System, UserDetail, Users};
use crate::course::shape::NewAccount;
use crate::error::AppResult;
use crate::ids::{UserId, WorkId};
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "admin/system")]
pub async fn look_at_system() -> AppResult<System> {
    crate::platform::run(|ctx| async move { super::service::system(&ctx).await }).await
}

/// One piece of given-up work, or all of it.
#[server(prefix = "/rpc", endpoint = "admin/retry")]
pub async fn retry_work(work: Option<WorkId>) -> AppResult<u64> {
    crate::platform::run(|ctx| async move { super::service::retry(&ctx, work).await }).await
}

/// Has a job that runs by the clock run now.
#[server(prefix = "/rpc", endpoint = "admin/run_job")]
pub async fn run_job(job: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::run_job(&ctx, &job).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/users")]
pub async fn list_users(
    search: String,
    kind: String,
    after: Option<UserId>,
    before: Option<UserId>,
) -> AppResult<Users> {
    use super::model::{Kind, UserQuery};
    crate::platform::run(|ctx| async move {
        let query = UserQuery {
            search,
            kind: Kind::from_query(&kind),
            after,
            before,
        };
        super::service::users(&ctx, query).await
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "admin/user")]
pub async fn read_user(user: String) -> AppResult<UserDetail> {
    crate::platform::run(|ctx| async move { super::service::user(&ctx, id(&user)?).await }).await
}

/// The one-time password this browser has just been given for an account. A second call finds none.
#[server(prefix = "/rpc", endpoint = "admin/handed_over")]
pub async fn handed_over(user: String) -> AppResult<Vec<NewAccount>> {
    crate::platform::run(|ctx| async move {
        match super::one_time::cookie::take(is_secure(&ctx)) {
            Some(batch) => Ok(super::service::handed_over(&ctx, id(&user)?, &batch)
                .await?
                .into_iter()
                .collect()),
            None => Ok(Vec::new()),
        }
    })
    .await
}

/// `course` and `role` may be empty.
#[server(prefix = "/rpc", endpoint = "admin/create_user")]
pub async fn create_user(
    email: String,
    name: String,
    is_admin: Option<String>,
    course: String,
    role: String,
) -> AppResult<UserId> {
    use super::users::FirstPlace;
    crate::platform::run(|ctx| async move {
        let place = match course.trim() {
            "" => None,
            code => {
                let role = role.parse().map_err(|error: crate::course::model::RoleError| {
                    crate::error::AppError::field("role", error.to_string())
                })?;
                Some(FirstPlace {
                    course: code.to_owned(),
                    role,
                })
            }
        };
        let person = crate::course::form::Person { email, name };
        let (id, batch, _) = super::service::create_user(&ctx, person, is_admin.is_some(), place).await?;
        super::one_time::cookie::give(&batch, is_secure(&ctx));
        leptos_axum::redirect(&format!("/admin/users/{id}"));
        Ok(id)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "admin/set_admin")]
pub async fn set_admin(user: UserId, is_admin: bool) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::set_admin(&ctx, user, is_admin).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/deactivate")]
pub async fn deactivate_user(user: UserId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::deactivate(&ctx, user).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/reactivate")]
pub async fn reactivate_user(user: UserId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::reactivate(&ctx, user).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/reset_password")]
pub async fn reset_password(user: UserId) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let (batch, _) = super::service::reset_password(&ctx, user).await?;
        super::one_time::cookie::give(&batch, is_secure(&ctx));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "admin/revoke_sessions")]
pub async fn revoke_sessions(user: UserId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::revoke_sessions(&ctx, user).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/audit")]
pub async fn read_audit(before: Option<i64>, verify: bool) -> AppResult<AuditPage> {
    crate::platform::run(|ctx| async move { super::service::audit_page(&ctx, before, verify).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/settings")]
pub async fn read_settings() -> AppResult<SettingsPageData> {
    crate::platform::run(|ctx| async move { super::service::settings(&ctx).await }).await
}

#[server(prefix = "/rpc", endpoint = "admin/save_settings")]
pub async fn save_settings(
    name: String,
    time_zone: String,
    self_registration: Option<String>,
    verified_email: Option<String>,
) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let (registration, verified) = (self_registration.is_some(), verified_email.is_some());
        super::service::save_settings(&ctx, name, time_zone, registration, verified).await
    })
    .await
}

#[cfg(feature = "ssr")]
fn id(text: &str) -> AppResult<UserId> {
    text.parse()
        .map_err(|_| crate::error::AppError::not_found("The account"))
}

#[cfg(feature = "ssr")]
fn is_secure(ctx: &crate::platform::Ctx) -> bool {
    ctx.client.origin.starts_with("https:")
}

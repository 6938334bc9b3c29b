//! Server functions about courses. Where an account is made, its one-time password reaches the page through
//! `admin::one_time::cookie`, so that it is seen once, with and without JavaScript.

use crate::course::import::Draft;
#[cfg(feature = "ssr")]
use crate::course::model::Role;
use crate::course::shape::{Course, CourseList, NewAccount, Overview, People};
use crate::error::AppResult;
use crate::ids::{CourseId, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[server(prefix = "/rpc", endpoint = "course/mine")]
pub async fn my_courses(archived: bool, after: Option<CourseId>) -> AppResult<CourseList> {
    crate::platform::run(|ctx| async move { super::service::mine(&ctx, archived, after).await }).await
}

#[server(prefix = "/rpc", endpoint = "course/overview")]
pub async fn course_overview(course: String) -> AppResult<Overview> {
    crate::platform::run(|ctx| async move { super::service::get(&ctx, id(&course)?).await }).await
}

/// The same for those who may change the course.
#[server(prefix = "/rpc", endpoint = "course/settings")]
pub async fn course_settings(course: String) -> AppResult<Overview> {
    crate::platform::run(|ctx| async move {
        let course = id(&course)?;
        super::service::to_change(&ctx, course).await?;
        super::service::get(&ctx, course).await
    })
    .await
}

/// `teacher_email` is for administrators: who teaches the course instead of them.
#[server(prefix = "/rpc", endpoint = "course/create")]
pub async fn create_course(
    code: String,
    title: String,
    term: String,
    description: String,
    teacher_email: Option<String>,
    teacher_name: Option<String>,
) -> AppResult<CourseId> {
    use super::form::{CourseForm, Person};
    crate::platform::run(|ctx| async move {
        let teacher = teacher_email
            .filter(|email| !email.trim().is_empty())
            .map(|email| Person {
                email,
                name: teacher_name.unwrap_or_default(),
            });
        let form = CourseForm {
            code,
            title,
            term,
            description,
        };
        let (course, enrolled) = super::service::create(&ctx, form, teacher).await?;
        let made = hand_over(&ctx, &enrolled);
        leptos_axum::redirect(&if made {
            format!("/courses/{course}/people")
        } else {
            format!("/courses/{course}")
        });
        Ok(course)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "course/update")]
pub async fn update_course(
    course: CourseId,
    code: String,
    title: String,
    term: String,
    description: String,
) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let form = super::form::CourseForm {
            code,
            title,
            term,
            description,
        };
        super::service::update(&ctx, course, form).await?;
        leptos_axum::redirect(&format!("/courses/{course}"));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "course/archive")]
pub async fn archive_course(course: CourseId) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        super::service::archive(&ctx, course).await?;
        leptos_axum::redirect(&format!("/courses/{course}"));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "course/restore")]
pub async fn restore_course(course: CourseId) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        super::service::restore(&ctx, course).await?;
        leptos_axum::redirect(&format!("/courses/{course}"));
        Ok(())
    })
    .await
}

/// `role` may be empty for everyone.
#[server(prefix = "/rpc", endpoint = "course/people")]
pub async fn course_people(
    course: String,
    search: String,
    role: String,
    after: Option<UserId>,
    before: Option<UserId>,
) -> AppResult<People> {
    use super::shape::PeopleQuery;
    crate::platform::run(|ctx| async move {
        let query = PeopleQuery {
            search,
            role: role.parse().ok(),
            after,
            before,
        };
        super::service::people(&ctx, id(&course)?, query).await
    })
    .await
}

/// The accounts this browser has just made in the course. A second call finds none.
#[server(prefix = "/rpc", endpoint = "course/handed_over")]
pub async fn handed_over(course: String) -> AppResult<Vec<NewAccount>> {
    crate::platform::run(|ctx| async move {
        match crate::admin::one_time::cookie::take(is_secure(&ctx)) {
            Some(batch) => super::service::handed_over(&ctx, id(&course)?, &batch).await,
            None => Ok(Vec::new()),
        }
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "course/enrol")]
pub async fn enrol_person(course: CourseId, email: String, name: String, role: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move {
        let person = super::form::Person { email, name };
        let enrolled = super::service::enrol(&ctx, course, person, parse_role(&role)?).await?;
        hand_over(&ctx, &enrolled);
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "course/change_role")]
pub async fn change_role(course: CourseId, user: UserId, role: String) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::change_role(&ctx, course, user, parse_role(&role)?).await })
        .await
}

#[server(prefix = "/rpc", endpoint = "course/remove")]
pub async fn remove_person(course: CourseId, user: UserId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::remove(&ctx, course, user).await }).await
}

/// The import page: the course, and the form as it was just sent, if it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportPageData {
    pub course: Course,
    pub draft: Draft,
}

#[server(prefix = "/rpc", endpoint = "course/import_page")]
pub async fn import_page(course: String) -> AppResult<ImportPageData> {
    crate::platform::run(|ctx| async move {
        let course = super::service::to_change(&ctx, id(&course)?).await?;
        let parts = use_context::<::http::request::Parts>();
        let draft = parts
            .and_then(|parts| parts.extensions.get::<Draft>().cloned())
            .unwrap_or_default();
        let wrong = draft.error.is_some()
            || draft
                .preview
                .as_ref()
                .is_some_and(|preview| !preview.problems.is_empty());
        if let (true, Some(response)) = (wrong, use_context::<leptos_axum::ResponseOptions>()) {
            response.set_status(::http::StatusCode::UNPROCESSABLE_ENTITY);
        }
        Ok(ImportPageData { course, draft })
    })
    .await
}

#[cfg(feature = "ssr")]
pub(super) fn id(text: &str) -> AppResult<CourseId> {
    text.parse()
        .map_err(|_| crate::error::AppError::not_found("The course"))
}

#[cfg(feature = "ssr")]
fn parse_role(text: &str) -> AppResult<Role> {
    text.parse()
        .map_err(|error: super::model::RoleError| crate::error::AppError::field("role", error.to_string()))
}

/// Gives new passwords to the browser that made the accounts; whether there were any.
#[cfg(feature = "ssr")]
fn hand_over(ctx: &crate::platform::Ctx, enrolled: &super::enrolling::Enrolled) -> bool {
    let made = !enrolled.accounts.is_empty();
    if made {
        crate::admin::one_time::cookie::give(&enrolled.batch, is_secure(ctx));
    }
    made
}

#[cfg(feature = "ssr")]
pub(super) fn is_secure(ctx: &crate::platform::Ctx) -> bool {
    ctx.client.origin.starts_with("https:")
}

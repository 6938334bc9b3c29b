//! Courses.

use super::support::{Body, Id, Params, Who, created, limit};
use app::course::form::{CourseForm, Person};
use app::course::service;
use app::course::shape::{CourseList, NewAccount, Overview};
use app::error::AppResult;
use app::ids::CourseId;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
        .routes(routes!(archive))
        .routes(routes!(restore))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Archived courses instead of those in use.
    #[serde(default)]
    archived: bool,
    /// The `next` of the page before.
    after: Option<CourseId>,
    /// 1–50
    limit: Option<usize>,
}

/// A course to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewCourse {
    code: String,
    title: String,
    #[serde(default)]
    term: String,
    #[serde(default)]
    description: String,
    /// Who teaches it instead of the administrator who makes it.
    teacher: Option<Person>,
}

/// A course just made, and the accounts made for it.
#[derive(Debug, Serialize, ToSchema)]
struct CourseMade {
    id: CourseId,
    accounts: Vec<NewAccount>,
}

/// My courses; all courses, for an administrator
#[utoipa::path(get, path = "/courses", tag = "Courses", params(Which), responses((status = 200, body = CourseList)))]
async fn list(Who(ctx): Who, Params(which): Params<Which>) -> AppResult<Json<CourseList>> {
    let mut list = service::mine(&ctx, which.archived, which.after).await?;
    limit(&mut list.courses, &mut list.next, which.limit, |course| course.id)?;
    Ok(Json(list))
}

/// Make a course
#[utoipa::path(post, path = "/courses", tag = "Courses", request_body = NewCourse, responses((status = 201, body = CourseMade)))]
async fn create(Who(ctx): Who, Body(new): Body<NewCourse>) -> AppResult<Response> {
    let form = CourseForm {
        code: new.code,
        title: new.title,
        term: new.term,
        description: new.description,
    };
    let (id, enrolled) = service::create(&ctx, form, new.teacher).await?;
    Ok(created(
        &format!("/api/v1/courses/{id}"),
        CourseMade {
            id,
            accounts: enrolled.accounts,
        },
    ))
}

/// A course with its assignments
#[utoipa::path(get, path = "/courses/{course}", tag = "Courses", params(("course" = CourseId, Path)), responses((status = 200, body = Overview)))]
async fn get(Who(ctx): Who, Id(course): Id<CourseId>) -> AppResult<Json<Overview>> {
    service::get(&ctx, course).await.map(Json)
}

/// Change what a course is called
#[utoipa::path(put, path = "/courses/{course}", tag = "Courses", params(("course" = CourseId, Path)), request_body = CourseForm, responses((status = 204)))]
async fn update(Who(ctx): Who, Id(course): Id<CourseId>, Body(form): Body<CourseForm>) -> AppResult<StatusCode> {
    service::update(&ctx, course, form)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// Take a course out of use; everything in it stays
#[utoipa::path(post, path = "/courses/{course}/archive", tag = "Courses", params(("course" = CourseId, Path)), responses((status = 204)))]
async fn archive(Who(ctx): Who, Id(course): Id<CourseId>) -> AppResult<StatusCode> {
    service::archive(&ctx, course).await.map(|()| StatusCode::NO_CONTENT)
}

/// Take an archived course back into use
#[utoipa::path(post, path = "/courses/{course}/restore", tag = "Courses", params(("course" = CourseId, Path)), responses((status = 204)))]
async fn restore(Who(ctx): Who, Id(course): Id<CourseId>) -> AppResult<StatusCode> {
    service::restore(&ctx, course).await.map(|()| StatusCode::NO_CONTENT)
}

//! The people of a course.

use super::support::{Body, Id, Params, Who};
use app::course::enrolling;
use app::course::form::Person;
use app::course::import::{MOST_BYTES, Preview};
use app::course::model::Role;
use app::course::service;
use app::course::shape::{NewAccount, People, PeopleQuery};
use app::error::{AppError, AppResult, ErrorKind};
use app::ids::{CourseId, UserId};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, enrol))
        .routes(routes!(change_role, remove))
        .routes(routes!(import))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Part of a name or an address.
    #[serde(default)]
    search: String,
    role: Option<Role>,
    /// The `next` of the page before.
    after: Option<UserId>,
    /// 1–50
    limit: Option<usize>,
}

/// Somebody to be brought in.
#[derive(Debug, Deserialize, ToSchema)]
struct Newcomer {
    email: String,
    /// Needed for a new account.
    #[serde(default)]
    name: String,
    role: Role,
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewRole {
    role: Role,
}

/// Who joined, and the accounts made for them; each password is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct Enrolled {
    joined: u32,
    accounts: Vec<NewAccount>,
}

impl From<enrolling::Enrolled> for Enrolled {
    fn from(enrolled: enrolling::Enrolled) -> Self {
        Enrolled {
            joined: enrolled.joined,
            accounts: enrolled.accounts,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct How {
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// The people of a course, by name
#[utoipa::path(get, path = "/courses/{course}/people", tag = "People", params(("course" = CourseId, Path), Which), responses((status = 200, body = People)))]
async fn list(Who(ctx): Who, Id(course): Id<CourseId>, Params(which): Params<Which>) -> AppResult<Json<People>> {
    let query = PeopleQuery {
        search: which.search,
        role: which.role,
        after: which.after,
        before: None,
    };
    let mut people = service::people(&ctx, course, query).await?;
    super::support::limit(&mut people.members, &mut people.next, which.limit, |member| member.user)?;
    Ok(Json(people))
}

/// Bring somebody in; somebody unknown gets an account
#[utoipa::path(post, path = "/courses/{course}/people", tag = "People", params(("course" = CourseId, Path)), request_body = Newcomer, responses((status = 201, body = Enrolled)))]
async fn enrol(Who(ctx): Who, Id(course): Id<CourseId>, Body(new): Body<Newcomer>) -> AppResult<Response> {
    let enrolled = service::enrol(
        &ctx,
        course,
        Person {
            email: new.email,
            name: new.name,
        },
        new.role,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(Enrolled::from(enrolled))).into_response())
}

/// Change what somebody is in the course
#[utoipa::path(patch, path = "/courses/{course}/people/{user}", tag = "People", params(("course" = CourseId, Path), ("user" = UserId, Path)), request_body = NewRole, responses((status = 204)))]
async fn change_role(Who(ctx): Who, place: Path<(String, String)>, Body(new): Body<NewRole>) -> AppResult<StatusCode> {
    let (course, user) = ids(place)?;
    service::change_role(&ctx, course, user, new.role)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// Take somebody out of the course; what they handed in stays
#[utoipa::path(delete, path = "/courses/{course}/people/{user}", tag = "People", params(("course" = CourseId, Path), ("user" = UserId, Path)), responses((status = 204)))]
async fn remove(Who(ctx): Who, place: Path<(String, String)>) -> AppResult<StatusCode> {
    let (course, user) = ids(place)?;
    service::remove(&ctx, course, user)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

fn ids(Path((course, user)): Path<(String, String)>) -> AppResult<(CourseId, UserId)> {
    let missing = |_| AppError::not_found("What this address names");
    Ok((course.parse().map_err(missing)?, user.parse().map_err(missing)?))
}

/// Bring in everyone in a table, or nobody
///
/// The body is CSV with a head, such as `email,firstName,lastName,role`. With `dry_run` it only says what would happen to each line.
#[utoipa::path(
    post,
    path = "/courses/{course}/people/import",
    tag = "People",
    params(("course" = CourseId, Path), How),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What would happen", body = Preview), (status = 201, description = "What happened", body = Enrolled))
)]
async fn import(
    Who(ctx): Who,
    Id(course): Id<CourseId>,
    Params(how): Params<How>,
    body: axum::body::Bytes,
) -> AppResult<Response> {
    if body.len() > MOST_BYTES {
        return Err(AppError::new(
            ErrorKind::TooLarge,
            "The table is too large: at most 1 MB is taken. Split it.",
        ));
    }
    let text = std::str::from_utf8(&body)
        .map_err(|_| AppError::invalid("The table is not UTF-8 text. Save it as “CSV UTF-8” and send it again."))?;
    if how.dry_run {
        return Ok(Json(service::import_preview(&ctx, course, text).await?).into_response());
    }
    let enrolled = service::import(&ctx, course, text).await?;
    Ok((StatusCode::CREATED, Json(Enrolled::from(enrolled))).into_response())
}

//! What came of it: the result of one submission, the gradebook of a course.

use super::support::{Id, Params, Who, limit};
use app::error::AppResult;
use app::grade::model::{Gradebook, ResultSheet};
use app::grade::service;
use app::ids::{CourseId, SubmissionId, UserId};
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(result)).routes(routes!(gradebook))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The `next` of the page before.
    after: Option<UserId>,
    /// 1–50
    limit: Option<usize>,
}

/// A result with its reasons: for its student once published, for staff at any time
#[utoipa::path(get, path = "/submissions/{submission}/result", tag = "Results", params(("submission" = SubmissionId, Path)), responses((status = 200, body = ResultSheet)))]
async fn result(Who(ctx): Who, Id(submission): Id<SubmissionId>) -> AppResult<Json<ResultSheet>> {
    service::result(&ctx, submission).await.map(Json)
}

/// Students down, assignments across; as a file at `/courses/{course}/gradebook.csv`
#[utoipa::path(get, path = "/courses/{course}/gradebook", tag = "Results", params(("course" = CourseId, Path), Which), responses((status = 200, body = Gradebook)))]
async fn gradebook(
    Who(ctx): Who,
    Id(course): Id<CourseId>,
    Params(which): Params<Which>,
) -> AppResult<Json<Gradebook>> {
    let mut book = service::gradebook(&ctx, course, which.after).await?;
    limit(&mut book.rows, &mut book.next, which.limit, |row| row.student)?;
    Ok(Json(book))
}

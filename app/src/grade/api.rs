//! Server functions about grades. Those that pages call by script answer with what changed; the forms redirect, with and
//! without JavaScript.

mod learning;

pub use learning::*;

use crate::error::AppResult;
use crate::grade::model::{
    Cockpit, Cursor, Decided, Gradebook, Queue, QueueFilter, ResultSheet, ReviewDesk, ReviewItem,
};
use crate::ids::{AssignmentId, GradeId};
use crate::points::Points;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "grade/cockpit")]
pub async fn read_cockpit(assignment: String) -> AppResult<Cockpit> {
    crate::platform::run(
        |ctx| async move { super::service::cockpit(&ctx, named(&assignment, "The assignment")?).await },
    )
    .await
}

/// `even` comes from the box that says the machine's suggestions may count.
#[server(prefix = "/rpc", endpoint = "grade/publish")]
pub async fn publish_grades(assignment: AssignmentId, even: Option<String>) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::publish(&ctx, assignment, even.is_some()).await }).await?;
    leptos_axum::redirect(&format!("/assignments/{assignment}/grading"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/unpublish")]
pub async fn unpublish_grades(assignment: AssignmentId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { super::service::unpublish(&ctx, assignment).await }).await?;
    leptos_axum::redirect(&format!("/assignments/{assignment}/grading"));
    Ok(())
}

/// The review page: which assignment, which of its answers, and where to begin, all as written in the address.
#[server(prefix = "/rpc", endpoint = "grade/desk")]
pub async fn read_desk(
    assignment: String,
    question: Option<String>,
    state: Option<String>,
    grade: Option<String>,
    after: Option<String>,
) -> AppResult<ReviewDesk> {
    crate::platform::run(|ctx| async move {
        let assignment = named(&assignment, "The assignment")?;
        let filter = filter(question, state)?;
        let grade = given(grade).map(|grade| named(&grade, "The answer")).transpose()?;
        let after = given(after)
            .map(|after| named(&after, "This place in the list"))
            .transpose()?;
        super::service::desk(&ctx, assignment, filter, grade, after, 12).await
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "grade/queue")]
pub async fn read_queue(assignment: AssignmentId, filter: QueueFilter, after: Cursor, most: u32) -> AppResult<Queue> {
    crate::platform::run(|ctx| async move { super::service::queue(&ctx, assignment, filter, Some(after), most).await })
        .await
}

/// `blind` comes from the desk of the sample, as with decisions.
#[server(prefix = "/rpc", endpoint = "grade/item")]
pub async fn read_item(grade: GradeId, #[server(default)] blind: bool) -> AppResult<ReviewItem> {
    crate::platform::run(|ctx| async move {
        if blind {
            super::service::blind_item(&ctx, grade).await
        } else {
            Ok(super::service::review_item(&ctx, grade).await?.0)
        }
    })
    .await
}

/// `blind` comes from the desk of the sample, where the suggestion is not shown.
#[server(prefix = "/rpc", endpoint = "grade/decide")]
pub async fn decide_grade(
    grade: GradeId,
    version: i32,
    points: Points,
    comment: String,
    #[server(default)] blind: bool,
) -> AppResult<Decided> {
    crate::platform::run(|ctx| async move {
        if blind {
            super::service::decide_blind(&ctx, grade, version, points, comment).await
        } else {
            super::service::decide(&ctx, grade, version, points, comment).await
        }
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "grade/clear")]
pub async fn clear_grade(grade: GradeId, version: i32) -> AppResult<Decided> {
    crate::platform::run(|ctx| async move { super::service::clear(&ctx, grade, version).await }).await
}

/// The review form without script: decides, then shows the next answer. `verdict` is `save`, `clear`, or `accept` with the hundredths that
/// were suggested when the form was drawn.
#[server(prefix = "/rpc", endpoint = "grade/decide_form")]
pub async fn decide_form(
    assignment: AssignmentId,
    grade: GradeId,
    version: i32,
    points: String,
    comment: Option<String>,
    verdict: Option<String>,
    question: Option<String>,
    state: Option<String>,
    after: String,
) -> AppResult<()> {
    let blind = state.as_deref() == Some("sample");
    crate::platform::run(|ctx| async move {
        let comment = comment.unwrap_or_default();
        match verdict.as_deref() {
            Some(accept) if accept.starts_with("accept") => {
                let suggested = accept.split_whitespace().nth(1).and_then(|number| number.parse().ok());
                super::service::accept(&ctx, grade, version, suggested.map(Points), comment).await
            }
            Some("clear") => super::service::clear(&ctx, grade, version).await,
            _ => {
                let points = points.parse().map_err(|error: crate::points::PointsError| {
                    crate::error::AppError::field("points", error.to_string())
                })?;
                if blind {
                    super::service::decide_blind(&ctx, grade, version, points, comment).await
                } else {
                    super::service::decide(&ctx, grade, version, points, comment).await
                }
            }
        }
    })
    .await?;
    // Only parts that read as what they should be go into the address.
    let filter = filter(question, state)?;
    let after: Option<Cursor> = after.parse().ok();
    leptos_axum::redirect(&super::pages::review_address(assignment, filter, after));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/result")]
pub async fn read_result(submission: String) -> AppResult<ResultSheet> {
    crate::platform::run(|ctx| async move { super::service::result(&ctx, named(&submission, "The submission")?).await })
        .await
}

#[server(prefix = "/rpc", endpoint = "grade/gradebook")]
pub async fn read_gradebook(course: String, after: Option<String>) -> AppResult<Gradebook> {
    crate::platform::run(|ctx| async move {
        let after = given(after)
            .map(|after| named(&after, "This place in the list"))
            .transpose()?;
        super::service::gradebook(&ctx, named(&course, "The course")?, after).await
    })
    .await
}

/// An id from an address; one that is none belongs to nothing.
#[cfg(feature = "ssr")]
fn named<T: std::str::FromStr>(text: &str, what: &str) -> AppResult<T> {
    text.parse().map_err(|_| crate::error::AppError::not_found(what))
}

#[cfg(feature = "ssr")]
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(feature = "ssr")]
fn filter(question: Option<String>, state: Option<String>) -> AppResult<QueueFilter> {
    let question = given(question)
        .map(|question| named(&question, "The question"))
        .transpose()?;
    let state = state.unwrap_or_default();
    Ok(QueueFilter {
        question,
        state: crate::grade::model::ReviewState::from_name(&state),
        sample: state == "sample",
    })
}

/// Lets the machine begin with what is held back; the live page shows it happen.
#[server(prefix = "/rpc", endpoint = "grade/start")]
pub async fn start_grading(assignment: AssignmentId) -> AppResult<u64> {
    crate::platform::run(|ctx| async move { super::service::start(&ctx, assignment).await }).await
}

/// Holds back what is not graded yet.
#[server(prefix = "/rpc", endpoint = "grade/pause")]
pub async fn pause_grading(assignment: AssignmentId) -> AppResult<u64> {
    crate::platform::run(|ctx| async move { super::service::pause(&ctx, assignment).await }).await
}

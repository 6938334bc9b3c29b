//! Server functions about the risk dial, answer groups and the radar. All of them work as plain forms.

use super::*;
use crate::grade::model::{DialPage, GroupsPage, RadarPageData};
use crate::ids::{GroupActId, QuestionId};

#[server(prefix = "/rpc", endpoint = "grade/dial")]
pub async fn read_dial(assignment: String) -> AppResult<DialPage> {
    crate::platform::run(|ctx| async move {
        crate::grade::service::dial_page(&ctx, named(&assignment, "The assignment")?).await
    })
    .await
}

/// `seen` is how many answers the page said would be accepted.
#[server(prefix = "/rpc", endpoint = "grade/set_dial")]
pub async fn set_dial(assignment: AssignmentId, target: i32, seen: u32) -> AppResult<()> {
    crate::platform::run(
        |ctx| async move { crate::grade::service::set_dial(&ctx, assignment, target, Some(seen)).await },
    )
    .await?;
    leptos_axum::redirect(&format!("/assignments/{assignment}/dial"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/undo_dial")]
pub async fn undo_dial(assignment: AssignmentId) -> AppResult<()> {
    crate::platform::run(|ctx| async move { crate::grade::service::undo_dial(&ctx, assignment).await }).await?;
    leptos_axum::redirect(&format!("/assignments/{assignment}/dial"));
    Ok(())
}

/// The page of groups: which question, which group is open, and from where on, all as written in the address.
#[server(prefix = "/rpc", endpoint = "grade/groups")]
pub async fn read_groups(
    assignment: String,
    question: Option<String>,
    group: Option<String>,
    after: Option<String>,
) -> AppResult<GroupsPage> {
    crate::platform::run(|ctx| async move {
        let assignment = named(&assignment, "The assignment")?;
        let question = given(question).map(|id| named(&id, "The question")).transpose()?;
        let group = given(group).map(|id| named(&id, "The group")).transpose()?;
        let after = given(after)
            .map(|after| named(&after, "This place in the list"))
            .transpose()?;
        crate::grade::service::groups_page(&ctx, assignment, question, group, after).await
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "grade/decide_group")]
pub async fn decide_group(
    question: QuestionId,
    group: GradeId,
    points: String,
    comment: Option<String>,
    seen: String,
) -> AppResult<()> {
    let place = crate::platform::run(|ctx| async move {
        // Who may not see the question is told so before anything about the form.
        let place = crate::grade::service::assignment_of(&ctx, question).await?;
        let points = points
            .parse()
            .map_err(|error: crate::points::PointsError| crate::error::AppError::field("points", error.to_string()))?;
        let verdict = crate::grade::service::GroupVerdict {
            points,
            comment: comment.unwrap_or_default(),
            seen: Some(seen),
        };
        crate::grade::service::decide_group(&ctx, question, group, verdict).await?;
        Ok(place)
    })
    .await?;
    leptos_axum::redirect(&format!("/assignments/{place}/groups?question={question}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/split_group")]
pub async fn split_group(question: QuestionId, grade: GradeId) -> AppResult<()> {
    let place = crate::platform::run(|ctx| async move {
        crate::grade::service::split(&ctx, question, vec![grade]).await?;
        crate::grade::service::assignment_of(&ctx, question).await
    })
    .await?;
    leptos_axum::redirect(&format!("/assignments/{place}/groups?question={question}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/merge_groups")]
pub async fn merge_groups(question: QuestionId, from: GradeId, into: GradeId) -> AppResult<()> {
    let place = crate::platform::run(|ctx| async move {
        crate::grade::service::merge(&ctx, question, from, into).await?;
        crate::grade::service::assignment_of(&ctx, question).await
    })
    .await?;
    leptos_axum::redirect(&format!("/assignments/{place}/groups?question={question}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/undo_group")]
pub async fn undo_group(act: GroupActId, question: QuestionId) -> AppResult<()> {
    let place = crate::platform::run(|ctx| async move {
        crate::grade::service::undo_group_act(&ctx, act).await?;
        crate::grade::service::assignment_of(&ctx, question).await
    })
    .await?;
    leptos_axum::redirect(&format!("/assignments/{place}/groups?question={question}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "grade/radar")]
pub async fn read_radar(assignment: String) -> AppResult<RadarPageData> {
    crate::platform::run(|ctx| async move {
        crate::grade::service::radar_page(&ctx, named(&assignment, "The assignment")?).await
    })
    .await
}

/// The answers on a desk as they stand now.
#[server(prefix = "/rpc", endpoint = "grade/items", input = leptos::server_fn::codec::Json)]
pub async fn read_items(assignment: AssignmentId, grades: Vec<GradeId>) -> AppResult<Vec<ReviewItem>> {
    crate::platform::run(|ctx| async move { crate::grade::service::items_now(&ctx, assignment, grades).await }).await
}

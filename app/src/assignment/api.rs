//! Server functions for assignments. After a success they say where to go next, so that forms work without script.

use super::content::AssignmentForm;
use super::view::{AssignmentSummary, CoursePlace, StaffAssignment, StaffOverview};
use crate::error::AppResult;
use crate::ids::{AssignmentId, CourseId};
#[cfg(feature = "ssr")]
use crate::platform::{run, typed};
use leptos::prelude::*;

/// The course, for the page that makes a new assignment in it.
#[server(prefix = "/rpc", endpoint = "assignment/place")]
pub async fn assignment_place(course: CourseId) -> AppResult<CoursePlace> {
    run(|ctx| async move {
        let mut place = super::service::place(&ctx, course).await?;
        place.typed = typed::take(&ctx, &format!("assignment/new/{course}")).await;
        Ok(place)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/for_staff")]
pub async fn assignment_for_staff(assignment: AssignmentId) -> AppResult<StaffAssignment> {
    run(|ctx| async move {
        let mut sheet = super::service::get_for_staff(&ctx, assignment).await?;
        sheet.typed = typed::take(&ctx, &format!("assignment/{assignment}")).await;
        Ok(sheet)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/list")]
pub async fn list_assignments(course: CourseId) -> AppResult<Vec<AssignmentSummary>> {
    run(|ctx| async move { super::service::list(&ctx, course).await }).await
}

#[server(prefix = "/rpc", endpoint = "assignment/overview")]
pub async fn assignment_overview(assignment: AssignmentId) -> AppResult<StaffOverview> {
    run(|ctx| async move { super::service::overview(&ctx, assignment).await }).await
}

#[server(prefix = "/rpc", endpoint = "assignment/create")]
pub async fn create_assignment(course: CourseId, form: AssignmentForm) -> AppResult<AssignmentId> {
    run(|ctx| async move {
        let made = super::service::create_from(&ctx, course, &form).await;
        if made.is_err() {
            typed::keep(&ctx, format!("assignment/new/{course}"), &form).await;
        }
        let id = made?;
        leptos_axum::redirect(&format!("/assignments/{id}/edit?done=created"));
        Ok(id)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/update")]
pub async fn update_assignment(assignment: AssignmentId, version: i32, form: AssignmentForm) -> AppResult<i32> {
    run(|ctx| async move {
        let saved = super::service::update_from(&ctx, assignment, version, &form).await;
        if saved.is_err() {
            typed::keep(&ctx, format!("assignment/{assignment}"), &(version, form)).await;
        }
        let version = saved?;
        leptos_axum::redirect(&format!("/assignments/{assignment}/edit?done=saved"));
        Ok(version)
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/publish")]
pub async fn publish_assignment(assignment: AssignmentId, version: i32) -> AppResult<()> {
    run(|ctx| async move {
        super::service::publish(&ctx, assignment, Some(version)).await?;
        leptos_axum::redirect(&format!("/assignments/{assignment}/edit?done=published"));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/unpublish")]
pub async fn unpublish_assignment(assignment: AssignmentId, version: i32) -> AppResult<()> {
    run(|ctx| async move {
        super::service::unpublish(&ctx, assignment, Some(version)).await?;
        leptos_axum::redirect(&format!("/assignments/{assignment}/edit?done=unpublished"));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "assignment/delete")]
pub async fn delete_assignment(assignment: AssignmentId, version: i32) -> AppResult<()> {
    run(|ctx| async move {
        let course = super::service::delete(&ctx, assignment, Some(version)).await?;
        leptos_axum::redirect(&format!("/courses/{course}"));
        Ok(())
    })
    .await
}

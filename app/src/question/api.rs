//! Server functions for questions. After a success they say where to go next, so that forms work without script.

use super::form::QuestionForm;
use super::view::{QuestionEditor, QuestionSaved};
use crate::error::AppResult;
use crate::ids::{AssignmentId, QuestionId};
#[cfg(feature = "ssr")]
use crate::platform::{run, typed};
use crate::time::Timestamp;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "question/for_edit")]
pub async fn question_for_edit(question: QuestionId) -> AppResult<QuestionEditor> {
    run(|ctx| async move {
        let mut editor = super::service::editor(&ctx, question).await?;
        editor.typed = typed::take(&ctx, &format!("question/{question}")).await;
        Ok(editor)
    })
    .await
}

/// `kind` as stored: `short_answer`.
#[server(prefix = "/rpc", endpoint = "question/add")]
pub async fn add_question(assignment: AssignmentId, kind: String) -> AppResult<QuestionId> {
    run(|ctx| async move {
        crate::assignment::service::teach(&ctx, assignment).await?;
        let kind = kind
            .parse()
            .map_err(|error: super::model::KindError| crate::error::AppError::field("kind", error.to_string()))?;
        let id = super::service::add(&ctx, assignment, kind).await?;
        leptos_axum::redirect(&format!("/questions/{id}/edit"));
        Ok(id)
    })
    .await
}

/// `direction` is `up` or `down`.
#[server(prefix = "/rpc", endpoint = "question/move")]
pub async fn move_question(question: QuestionId, direction: String) -> AppResult<()> {
    run(|ctx| async move {
        use super::service::Direction;
        let direction = if direction == "up" {
            Direction::Up
        } else {
            Direction::Down
        };
        let assignment = super::service::move_(&ctx, question, direction).await?;
        leptos_axum::redirect(&format!("/assignments/{assignment}/edit#questions"));
        Ok(())
    })
    .await
}

#[server(prefix = "/rpc", endpoint = "question/remove")]
pub async fn remove_question(question: QuestionId) -> AppResult<()> {
    run(|ctx| async move {
        let assignment = super::service::remove(&ctx, question).await?;
        leptos_axum::redirect(&format!("/assignments/{assignment}/edit?done=removed#questions"));
        Ok(())
    })
    .await
}

/// `then` says where to go: `stay`, or back to the assignment.
#[server(prefix = "/rpc", endpoint = "question/update")]
pub async fn update_question(
    question: QuestionId,
    seen: Timestamp,
    #[server(default)] then: String,
    form: QuestionForm,
) -> AppResult<QuestionSaved> {
    run(|ctx| async move {
        let saved = super::service::save(&ctx, question, seen, &form).await;
        if saved.is_err() {
            typed::keep(&ctx, format!("question/{question}"), &(seen, form)).await;
        }
        let saved = saved?;
        let target = match then.as_str() {
            "stay" => format!("/questions/{question}/edit?done={}", saved.requeued),
            _ => format!(
                "/assignments/{}/edit?done=question&requeued={}#questions",
                saved.assignment, saved.requeued
            ),
        };
        leptos_axum::redirect(&target);
        Ok(saved)
    })
    .await
}

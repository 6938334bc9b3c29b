//! Server functions of the student's path.

use crate::error::AppResult;
use crate::ids::{AssignmentId, SubmissionId};
use crate::submission::form::FormAnswer;
use crate::submission::model::{AssignmentView, Change, Receipt, Saved, Sheet, Verdict};
use crate::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[server(prefix = "/rpc", endpoint = "submission/assignment")]
pub async fn view_assignment(assignment: AssignmentId) -> AppResult<AssignmentView> {
    crate::platform::run(|ctx| async move { super::service::assignment_view(&ctx, assignment).await }).await
}

/// Starts and opens the answer page.
#[server(prefix = "/rpc", endpoint = "submission/start")]
pub async fn start_assignment(assignment: AssignmentId) -> AppResult<SubmissionId> {
    let submission = crate::platform::run(|ctx| async move { super::service::start(&ctx, assignment).await }).await?;
    leptos_axum::redirect(&format!("/assignments/{assignment}/answer"));
    Ok(submission)
}

/// The sheet of the actor's own submission to an assignment; an error before the start.
#[server(prefix = "/rpc", endpoint = "submission/sheet")]
pub async fn open_sheet(assignment: AssignmentId) -> AppResult<Sheet> {
    crate::platform::run(|ctx| async move { super::service::own_sheet(&ctx, assignment).await }).await
}

/// The journal: what it acknowledges is on disk. `sent_at` is the browser's clock at sending.
#[server(prefix = "/rpc", endpoint = "submission/save", input = Json)]
pub async fn save_changes(submission: SubmissionId, changes: Vec<Change>, sent_at: Timestamp) -> AppResult<Saved> {
    crate::platform::run(|ctx| async move {
        let now = ctx.now();
        let changes = changes
            .into_iter()
            .map(|change| change.by_our_clock(sent_at, now))
            .collect();
        super::service::save(&ctx, submission, changes).await
    })
    .await
}

/// The whole page at once, for browsers without script. `next` says where to go then: `review` on the way to submitting,
/// `attach-<question>` to attach a file, anything else back to the answers.
#[server(prefix = "/rpc", endpoint = "submission/save_form")]
pub async fn save_answers(
    submission: SubmissionId,
    #[server(default)] answers: Vec<FormAnswer>,
    #[server(default)] next: String,
) -> AppResult<()> {
    let (assignment, _) =
        crate::platform::run(|ctx| async move { super::service::save_form(&ctx, submission, answers).await }).await?;
    let target = match next
        .strip_prefix("attach-")
        .and_then(|id| id.parse::<crate::ids::QuestionId>().ok())
    {
        Some(question) => format!("/submissions/{submission}/attach/{question}"),
        None if next == "review" => format!("/assignments/{assignment}/answer?step=review"),
        None => format!("/assignments/{assignment}/answer?step=saved"),
    };
    leptos_axum::redirect(&target);
    Ok(())
}

/// Submits and opens the receipt.
#[server(prefix = "/rpc", endpoint = "submission/submit")]
pub async fn submit_answers(submission: SubmissionId) -> AppResult<Receipt> {
    let receipt = crate::platform::run(|ctx| async move { super::service::submit(&ctx, submission).await }).await?;
    leptos_axum::redirect(&format!("/submissions/{submission}/receipt"));
    Ok(receipt)
}

#[server(prefix = "/rpc", endpoint = "submission/receipt")]
pub async fn show_receipt(submission: SubmissionId) -> AppResult<Receipt> {
    crate::platform::run(|ctx| async move { super::service::receipt(&ctx, submission).await }).await
}

/// Checks the text of a receipt; open to everyone.
#[server(prefix = "/rpc", endpoint = "submission/verify")]
pub async fn verify_receipt(text: String) -> AppResult<Verdict> {
    crate::platform::run(|ctx| async move { super::service::verify(&ctx, &text).await }).await
}

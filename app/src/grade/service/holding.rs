//! Holding work back and letting it go: the teacher decides when the machine begins.

use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::error::AppResult;
use crate::grade::store::work::{self, state};
use crate::ids::AssignmentId;
use crate::platform::Ctx;
use crate::platform::hints::Hint;

/// Holds back what is queued now, without asking who does it: for the program itself. How many answers it are.
pub async fn hold(ctx: &Ctx, assignment: AssignmentId) -> AppResult<u64> {
    let held = work::shift(ctx.db(), assignment, (state::QUEUED, state::HELD), ctx.now()).await?;
    ctx.state.hints.send(Hint::Grades(assignment));
    Ok(held)
}

/// Pauses grading: what is queued now waits until it is started again.
pub async fn pause(ctx: &Ctx, assignment: AssignmentId) -> AppResult<u64> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    shift(ctx, assignment, state::QUEUED, state::HELD, "grading.pause").await
}

/// Starts grading of what was held back.
pub async fn start(ctx: &Ctx, assignment: AssignmentId) -> AppResult<u64> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    let started = shift(ctx, assignment, state::HELD, state::QUEUED, "grading.start").await?;
    ctx.state.hints.send(Hint::Work);
    Ok(started)
}

async fn shift(ctx: &Ctx, assignment: AssignmentId, from: &str, to: &str, action: &str) -> AppResult<u64> {
    let tx = ctx.state.db.begin().await?;
    let moved = work::shift(&*tx, assignment, (from, to), ctx.now()).await?;
    if moved > 0 {
        let detail = serde_json::json!({ "answers": moved });
        audit(
            ctx,
            &*tx,
            Act {
                action,
                target_kind: "assignment",
                target_id: assignment.to_string(),
                detail,
            },
        )
        .await?;
    }
    tx.commit().await?;
    ctx.state.hints.send(Hint::Grades(assignment));
    Ok(moved)
}

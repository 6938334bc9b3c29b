//! Receipts: shown to whoever may see the submission, verified for anyone.

use crate::course::policy;
use crate::entity::{assignment, submission, user};
use crate::error::{AppError, AppResult};
use crate::ids::SubmissionId;
use crate::platform::Ctx;
use crate::submission::model::{Claim, Receipt, Verdict};
use crate::submission::store;
use sea_orm::EntityTrait;

/// The receipt of a submission; an error while it is not submitted.
pub async fn receipt(ctx: &Ctx, id: SubmissionId) -> AppResult<Receipt> {
    let (row, assignment, _) = policy::submission(ctx, id).await?;
    of_row(ctx, row, assignment).await
}

pub(super) async fn of_row(ctx: &Ctx, row: submission::Model, assignment: assignment::Model) -> AppResult<Receipt> {
    let (Some(at), Some(content_hash), Some(signature)) = (row.submitted_at, row.content_hash, row.receipt) else {
        return Err(AppError::conflict(
            "This assignment has not been submitted yet, so there is no receipt.",
        ));
    };
    let student = user::Entity::find_by_id(row.user_id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The student"))?;
    Ok(Receipt {
        submission: row.id,
        assignment: assignment.id,
        assignment_title: assignment.title,
        student: student.name,
        submitted_at: ctx.moment(at),
        content_hash,
        signature,
    })
}

/// Checks a pasted receipt. Needs nobody to be signed in: a valid signature is only known to whom the receipt was given.
pub async fn verify(ctx: &Ctx, text: &str) -> AppResult<Verdict> {
    check(ctx, Claim::read(text)).await
}

async fn check(ctx: &Ctx, claim: Claim) -> AppResult<Verdict> {
    let (Some(id), Some(signature)) = (claim.submission, &claim.signature) else {
        return Ok(invalid(
            "This is not a whole receipt: it needs at least the line that begins with “submission” and the signature.",
        ));
    };
    let row = match store::one(ctx.db(), id).await {
        Ok(row) => row,
        Err(error) if error.kind == crate::error::ErrorKind::NotFound => return Ok(unsigned()),
        Err(error) => return Err(error),
    };
    let (Some(at), Some(hash)) = (row.submitted_at, row.content_hash.clone()) else {
        return Ok(unsigned());
    };
    // What the paper says must be what we signed; a line that was changed makes the whole paper worth nothing.
    let changed = claim.submitted.is_some_and(|claimed| claimed != at)
        || claim.content_hash.as_ref().is_some_and(|claimed| *claimed != hash);
    if changed {
        return Ok(invalid(
            "Not valid: the time or the fingerprint on this receipt was changed after it was signed.",
        ));
    }
    if !ctx.state.signer.verify(&Receipt::text(id, at, &hash), signature) {
        return Ok(unsigned());
    }
    let assignment = assignment::Entity::find_by_id(row.assignment_id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The assignment"))?;
    let receipt = of_row(ctx, row, assignment).await?;
    Ok(Verdict {
        valid: true,
        message: format!(
            "Valid. {} signed this receipt, and its records agree.",
            ctx.institution.name
        ),
        receipt: Some(receipt),
    })
}

fn unsigned() -> Verdict {
    invalid("Not valid: this signature does not belong to a receipt from here.")
}

fn invalid(message: &str) -> Verdict {
    Verdict {
        valid: false,
        message: message.into(),
        receipt: None,
    }
}

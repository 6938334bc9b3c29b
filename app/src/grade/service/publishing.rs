//! Publishing the grades of an assignment: all at once, in numbers, audited.

use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::entity::assignment;
use crate::error::{AppError, AppResult};
use crate::grade::model::{Publishing, ReviewCounts};
use crate::grade::store::{progress, queue, totals, work::state};
use crate::ids::AssignmentId;
use crate::platform::{Ctx, db::Tx};
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// What publishing would do now.
pub async fn publishing(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Publishing> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    count(ctx, ctx.db(), &row).await
}

pub(super) async fn count(ctx: &Ctx, db: &impl ConnectionTrait, row: &assignment::Model) -> AppResult<Publishing> {
    let counts: ReviewCounts = queue::counts(db, row.id).await?.into_values().sum();
    let mut publishing = Publishing {
        students: totals::submitted(db, row.id).await?,
        waiting: counts.waiting,
        reviewed: counts.reviewed,
        published_at: row.grades_published_at.map(|at| ctx.moment(at)),
        ..Publishing::default()
    };
    for work in progress::work(db, row.id).await? {
        let n = u32::try_from(work.n).unwrap_or_default();
        publishing.answers += n;
        if !matches!(work.state.as_str(), state::DONE | state::FAILED) {
            publishing.ungraded += n;
        }
    }
    Ok(publishing)
}

/// Shows all students of the assignment their grades. While answers are ungraded or wait for review it is refused, unless
/// `even_if_unreviewed`: then the machine's suggestion counts for those.
pub async fn publish(ctx: &Ctx, assignment: AssignmentId, even_if_unreviewed: bool) -> AppResult<Publishing> {
    policy::assignment(ctx, assignment, Duty::Teach).await?;
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    let row = find(ctx, &tx, assignment).await?;
    let numbers = count(ctx, &*tx, &row).await?;
    if let Some(at) = numbers.published_at {
        return Err(AppError::conflict(format!(
            "These grades were published on {} already.",
            at.date_time()
        )));
    }
    if numbers.students == 0 {
        return Err(AppError::conflict(
            "Nobody has submitted answers yet, so there is nothing to publish.",
        ));
    }
    if let Some(unsettled) = numbers.unsettled().filter(|_| !even_if_unreviewed) {
        return Err(AppError::conflict(format!(
            "{unsettled}. Nothing was published. Settle them first, or confirm that the machine's suggestions count."
        )));
    }
    set(&tx, assignment, Some(now), now).await?;
    let detail = serde_json::json!({
        "students": numbers.students, "answers": numbers.answers, "ungraded": numbers.ungraded,
        "waiting": numbers.waiting, "reviewed": numbers.reviewed,
    });
    audit(
        ctx,
        &*tx,
        Act {
            action: "grade.publish",
            target_kind: "assignment",
            target_id: assignment.to_string(),
            detail,
        },
    )
    .await?;
    crate::mail::service::grades_published(ctx, &*tx, &row).await?;
    tx.commit().await?;
    super::work::hint(ctx, [assignment]);
    Ok(Publishing {
        published_at: Some(ctx.moment(now)),
        ..numbers
    })
}

/// Hides the grades from students again.
pub async fn unpublish(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Publishing> {
    policy::assignment(ctx, assignment, Duty::Teach).await?;
    let tx = ctx.state.db.begin().await?;
    let row = find(ctx, &tx, assignment).await?;
    if row.grades_published_at.is_none() {
        return Err(AppError::conflict("These grades are not published."));
    }
    set(&tx, assignment, None, ctx.now()).await?;
    let numbers = count(ctx, &*tx, &row).await?;
    let detail = serde_json::json!({ "students": numbers.students });
    audit(
        ctx,
        &*tx,
        Act {
            action: "grade.unpublish",
            target_kind: "assignment",
            target_id: assignment.to_string(),
            detail,
        },
    )
    .await?;
    tx.commit().await?;
    super::work::hint(ctx, [assignment]);
    Ok(Publishing {
        published_at: None,
        ..numbers
    })
}

/// Locked where rows can be: nothing may be learnt between counting and publishing.
async fn find(ctx: &Ctx, tx: &Tx, assignment: AssignmentId) -> AppResult<assignment::Model> {
    let query = assignment::Entity::find_by_id(assignment);
    let query = if ctx.state.db.has_row_locks() {
        query.lock_exclusive()
    } else {
        query
    };
    query
        .one(&**tx)
        .await?
        .ok_or_else(|| AppError::not_found("The assignment"))
}

async fn set(tx: &Tx, assignment: AssignmentId, published: Option<Timestamp>, now: Timestamp) -> AppResult<()> {
    use assignment::Column as C;
    assignment::Entity::update_many()
        .col_expr(C::GradesPublishedAt, Expr::value(published.map(|at| at.0)))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(C::Id.eq(assignment))
        .exec(&**tx)
        .await?;
    Ok(())
}

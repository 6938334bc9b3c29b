//! Planning, beginning and ending maintenance.

use crate::audit::store::{Act, record};
use crate::entity::{maintenance_window, user};
use crate::error::{AppError, AppResult};
use crate::ids::WindowId;
use crate::mail::{Message, service as mail};
use crate::maintenance::model::{Listed, Overview, Window};
use crate::platform::Ctx;
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

/// A window to be opened.
#[derive(Clone, Debug)]
pub struct Plan {
    pub message: String,
    /// Now, when there is none.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Whether everyone is told, by mail and in the app.
    pub tell: bool,
}

/// Plans or begins maintenance, for administrators.
pub async fn plan(ctx: &Ctx, plan: Plan) -> AppResult<WindowId> {
    ctx.admin()?;
    open(ctx, plan).await
}

/// The same without asking who: for the command line.
pub async fn open(ctx: &Ctx, plan: Plan) -> AppResult<WindowId> {
    let now = ctx.now();
    let message = plan.message.split_whitespace().collect::<Vec<_>>().join(" ");
    if message.chars().count() > 500 {
        return Err(AppError::field("message", "A message has at most 500 characters."));
    }
    let starts_at = plan.from.unwrap_or(now).max(now);
    if plan.until.is_some_and(|until| until <= starts_at) {
        return Err(AppError::field("until", "The end must come after the beginning."));
    }
    let tx = ctx.state.db.begin().await?;
    let others = maintenance_window::Entity::find()
        .filter(maintenance_window::Column::EndedAt.is_null())
        .all(&*tx)
        .await?;
    // One at a time: two would make it unclear which one an end means.
    if !others.is_empty() {
        return Err(AppError::conflict(
            "There is a window of maintenance already. End it or call it off first.",
        ));
    }
    let row = maintenance_window::Model {
        id: WindowId::new(),
        message,
        starts_at,
        planned_end_at: plan.until,
        ended_at: None,
        created_by: ctx.actor.as_ref().map_or("system", |actor| &actor.name).to_owned(),
        created_at: now,
    };
    let id = row.id;
    maintenance_window::Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&*tx)
        .await?;
    let mut told = 0;
    if plan.tell {
        let message = Message::Maintenance {
            from: ctx.moment(starts_at),
            until: plan.until.map(|at| ctx.moment(at)),
            message: row.message.clone(),
        };
        told = mail::tell_everyone(ctx, &*tx, &message, &format!("maintenance:{id}")).await?;
    }
    let detail = json!({ "from": starts_at.rfc3339(), "until": plan.until.map(Timestamp::rfc3339), "told": told });
    audit(ctx, &*tx, "maintenance.plan", id, detail).await?;
    tx.commit().await?;
    ctx.state.maintenance.forget();
    Ok(id)
}

/// Ends what is under way and calls off what is planned, for administrators. How many windows that were.
pub async fn end(ctx: &Ctx) -> AppResult<u64> {
    ctx.admin()?;
    match close(ctx).await? {
        0 => Err(AppError::conflict("There is no maintenance to end.")),
        ended => Ok(ended),
    }
}

/// The same without asking who: for the command line.
pub async fn close(ctx: &Ctx) -> AppResult<u64> {
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    let rows = maintenance_window::Entity::find()
        .filter(maintenance_window::Column::EndedAt.is_null())
        .all(&*tx)
        .await?;
    for row in &rows {
        maintenance_window::Entity::update_many()
            .col_expr(maintenance_window::Column::EndedAt, Expr::value(now.0))
            .filter(maintenance_window::Column::Id.eq(row.id))
            .exec(&*tx)
            .await?;
        let called_off = row.starts_at > now;
        audit(
            ctx,
            &*tx,
            "maintenance.end",
            row.id,
            json!({ "called_off": called_off }),
        )
        .await?;
    }
    tx.commit().await?;
    ctx.state.maintenance.forget();
    Ok(rows.len() as u64)
}

async fn audit(
    ctx: &Ctx,
    tx: &impl sea_orm::ConnectionTrait,
    action: &str,
    id: WindowId,
    detail: serde_json::Value,
) -> AppResult<()> {
    let act = Act {
        action,
        target_kind: "maintenance",
        target_id: id.to_string(),
        detail,
    };
    record(ctx, tx, act).await
}

/// The administrator's page.
pub async fn overview(ctx: &Ctx) -> AppResult<Overview> {
    ctx.admin()?;
    status(ctx).await
}

/// The same without asking who: for the command line.
pub async fn status(ctx: &Ctx) -> AppResult<Overview> {
    let now = ctx.now();
    let rows = maintenance_window::Entity::find()
        .order_by_desc(maintenance_window::Column::StartsAt)
        .limit(20)
        .all(ctx.db())
        .await?;
    let people = user::Entity::find()
        .filter(user::Column::DeactivatedAt.is_null())
        .count(ctx.db())
        .await?;
    let read_only = rows.iter().any(|row| Window::from(row.clone()).is_active(now));
    Ok(Overview {
        windows: rows.into_iter().map(|row| listed(ctx, row)).collect(),
        read_only,
        people,
        mail: ctx.state.mail.enabled,
        now: ctx.moment(now),
    })
}

fn listed(ctx: &Ctx, row: maintenance_window::Model) -> Listed {
    let now = ctx.now();
    let window = Window::from(row.clone());
    let state = if window.is_active(now) {
        "active"
    } else if window.is_ahead(now) {
        "planned"
    } else if window.ended_at.is_some_and(|end| end <= window.starts_at) {
        "called off"
    } else {
        "over"
    };
    Listed {
        id: row.id,
        message: row.message,
        from: ctx.moment(row.starts_at),
        planned_until: row.planned_end_at.map(|at| ctx.moment(at)),
        ended: row.ended_at.map(|at| ctx.moment(at)),
        by: row.created_by,
        state: state.into(),
    }
}

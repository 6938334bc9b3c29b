//! The windows, read from the database at most every two seconds by each process.

use crate::entity::maintenance_window;
use crate::error::AppResult;
use crate::maintenance::model::{Announcement, Window, later};
use crate::platform::Ctx;
use crate::platform::db::Db;
use crate::time::{Moment, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::sync::{Arc, RwLock};

/// How far ahead of a window the pages announce it.
const AHEAD: i64 = 3 * Timestamp::DAY;
/// Windows that ended longer ago concern no deadline any more.
const REMEMBERED: i64 = 400 * Timestamp::DAY;

/// Cheap to clone; all clones hold the same.
#[derive(Clone, Default)]
pub struct Cache {
    held: Arc<RwLock<Option<Held>>>,
}

type Held = (Timestamp, Arc<Vec<Window>>);

impl Cache {
    const FRESH: i64 = 2 * Timestamp::SECOND;

    /// The windows, in the order of their beginnings.
    pub async fn windows(&self, db: &Db, now: Timestamp) -> AppResult<Arc<Vec<Window>>> {
        if let Some((read_at, windows)) = self.held.read().ok().and_then(|held| held.clone())
            && (0..Self::FRESH).contains(&(now.0 - read_at.0))
        {
            return Ok(windows);
        }
        let rows = maintenance_window::Entity::find()
            .filter(maintenance_window::Column::StartsAt.gt(now.plus(-REMEMBERED)))
            .order_by_asc(maintenance_window::Column::StartsAt)
            .all(db.read())
            .await?;
        let windows = Arc::new(rows.into_iter().map(Window::from).collect::<Vec<_>>());
        if let Ok(mut held) = self.held.write() {
            *held = Some((now, windows.clone()));
        }
        Ok(windows)
    }

    /// The window that makes the system read-only now.
    pub async fn active(&self, db: &Db, now: Timestamp) -> AppResult<Option<Window>> {
        let windows = self.windows(db, now).await?;
        Ok(windows.iter().find(|window| window.is_active(now)).cloned())
    }

    /// What was read last, without asking the database; every request has asked on its way in.
    pub fn seen(&self) -> Arc<Vec<Window>> {
        let held = self.held.read().ok().and_then(|held| held.clone());
        held.map(|(_, windows)| windows).unwrap_or_default()
    }

    /// After a change: read again at once.
    pub fn forget(&self) {
        if let Ok(mut held) = self.held.write() {
            *held = None;
        }
    }
}

impl From<maintenance_window::Model> for Window {
    fn from(row: maintenance_window::Model) -> Self {
        Window {
            id: row.id,
            message: row.message,
            starts_at: row.starts_at,
            planned_end_at: row.planned_end_at,
            ended_at: row.ended_at,
        }
    }
}

/// What pages say now: the active window, else the next one that is near.
pub fn announcement(ctx: &Ctx, windows: &[Window]) -> Option<Announcement> {
    let now = ctx.now();
    let near = |window: &&Window| window.is_ahead(now) && window.starts_at.0 - now.0 < AHEAD;
    let window = windows
        .iter()
        .find(|window| window.is_active(now))
        .or_else(|| windows.iter().find(near))?;
    let moment = |at: Timestamp| -> Moment { ctx.moment(at) };
    Some(Announcement {
        message: window.message.clone(),
        from: moment(window.starts_at),
        until: window.planned_end_at.filter(|until| *until > now).map(moment),
        active: window.is_active(now),
    })
}

impl Ctx {
    /// The dates of an assignment, moved out of windows of maintenance.
    pub fn dates(&self, assignment: &crate::entity::assignment::Model) -> crate::assignment::model::Dates {
        let dates = crate::assignment::model::Dates::from(assignment);
        let windows = self.state.maintenance.seen();
        if windows.is_empty() {
            return dates;
        }
        let now = self.now();
        let moved = |at: Option<Timestamp>| at.map(|at| later(at, &windows, now));
        crate::assignment::model::Dates {
            due_at: moved(dates.due_at),
            closes_at: moved(dates.closes_at),
            ..dates
        }
    }
}

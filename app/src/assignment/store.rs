//! Queries about assignments, and the counts their pages show, each as one aggregated query.

use super::view::StaffOverview;
use crate::course::model::Role;
use crate::entity::{assignment, enrolment, grade, grading_work, question, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, CourseId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// The assignment, locked until the transaction ends where the database has row locks: what is checked stays true.
pub async fn lock(ctx: &Ctx, tx: &impl ConnectionTrait, id: AssignmentId) -> AppResult<assignment::Model> {
    let query = assignment::Entity::find_by_id(id);
    let query = if ctx.state.db.has_row_locks() {
        query.lock_exclusive()
    } else {
        query
    };
    query
        .one(tx)
        .await?
        .ok_or_else(|| AppError::not_found("The assignment"))
}

/// The assignments of a course: what is due first comes first, undated ones last. Drafts only on request.
pub async fn of_course(
    db: &impl ConnectionTrait,
    course: CourseId,
    published_by: Option<Timestamp>,
) -> AppResult<Vec<assignment::Model>> {
    let mut query = assignment::Entity::find().filter(assignment::Column::CourseId.eq(course));
    if let Some(now) = published_by {
        query = query.filter(assignment::Column::PublishedAt.lte(now));
    }
    Ok(query
        .order_by(assignment::Column::DueAt.is_null(), Order::Asc)
        .order_by_asc(assignment::Column::DueAt)
        .order_by_asc(assignment::Column::Id)
        .all(db)
        .await?)
}

/// Number of questions and their points, per assignment.
pub async fn sizes(db: &impl ConnectionTrait, ids: &[AssignmentId]) -> AppResult<HashMap<AssignmentId, (u32, Points)>> {
    let rows = question::Entity::find()
        .select_only()
        .columns([question::Column::AssignmentId, question::Column::Points])
        .filter(question::Column::AssignmentId.is_in(ids.iter().copied()))
        .into_tuple::<(AssignmentId, Points)>()
        .all(db)
        .await?;
    let mut sizes: HashMap<AssignmentId, (u32, Points)> = HashMap::new();
    for (id, points) in rows {
        let (count, total) = sizes.entry(id).or_default();
        *count += 1;
        *total = *total + points;
    }
    Ok(sizes)
}

/// Students enrolled in a course.
pub async fn students(db: &impl ConnectionTrait, course: CourseId) -> AppResult<u32> {
    let query = enrolment::Entity::find()
        .select_only()
        .column_as(enrolment::Column::Id.count(), "n");
    let query = query
        .filter(enrolment::Column::CourseId.eq(course))
        .filter(enrolment::Column::Role.eq(Role::Student));
    Ok(query.into_tuple::<i64>().one(db).await?.unwrap_or(0) as u32)
}

/// Submissions of one assignment: begun (handed in or not), and handed in.
pub async fn submissions(db: &impl ConnectionTrait, id: AssignmentId) -> AppResult<(u32, u32)> {
    Ok(submission_counts(db, &[id]).await?.remove(&id).unwrap_or_default())
}

async fn submission_counts(
    db: &impl ConnectionTrait,
    ids: &[AssignmentId],
) -> AppResult<HashMap<AssignmentId, (u32, u32)>> {
    let rows = submission::Entity::find()
        .select_only()
        .column(submission::Column::AssignmentId)
        .column_as(submission::Column::Id.count(), "begun")
        .column_as(submission::Column::SubmittedAt.count(), "handed_in")
        .filter(submission::Column::AssignmentId.is_in(ids.iter().copied()))
        .group_by(submission::Column::AssignmentId)
        .into_tuple::<(AssignmentId, i64, i64)>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, begun, handed_in)| (id, (begun as u32, handed_in as u32)))
        .collect())
}

/// How far the class is with each assignment: three queries, whatever the number of assignments and students.
pub async fn overviews(
    db: &impl ConnectionTrait,
    course: CourseId,
    ids: &[AssignmentId],
) -> AppResult<HashMap<AssignmentId, StaffOverview>> {
    let students = students(db, course).await?;
    let fresh = |id: &AssignmentId| {
        (
            *id,
            StaffOverview {
                students,
                ..StaffOverview::default()
            },
        )
    };
    let mut overviews: HashMap<AssignmentId, StaffOverview> = ids.iter().map(fresh).collect();
    for (id, (started, submitted)) in submission_counts(db, ids).await? {
        if let Some(overview) = overviews.get_mut(&id) {
            (overview.started, overview.submitted) = (started, submitted);
        }
    }
    let work = grading_work::Entity::find()
        .select_only()
        .columns([grading_work::Column::AssignmentId, grading_work::Column::State])
        .column_as(grading_work::Column::Id.count(), "n")
        .filter(grading_work::Column::AssignmentId.is_in(ids.iter().copied()))
        .group_by(grading_work::Column::AssignmentId)
        .group_by(grading_work::Column::State)
        .into_tuple::<(AssignmentId, String, i64)>();
    for (id, state, count) in work.all(db).await? {
        match (overviews.get_mut(&id), state.as_str()) {
            (Some(overview), "queued" | "claimed") => overview.queued += count as u32,
            (Some(overview), "held") => {
                overview.queued += count as u32;
                overview.held += count as u32;
            }
            (Some(overview), "failed") => overview.failed += count as u32,
            _ => {}
        }
    }
    let grades = grade::Entity::find()
        .select_only()
        .columns([grade::Column::AssignmentId, grade::Column::ReviewState])
        .column_as(grade::Column::Id.count(), "n")
        .filter(grade::Column::AssignmentId.is_in(ids.iter().copied()))
        .group_by(grade::Column::AssignmentId)
        .group_by(grade::Column::ReviewState)
        .into_tuple::<(AssignmentId, String, i64)>();
    for (id, state, count) in grades.all(db).await? {
        let Some(overview) = overviews.get_mut(&id) else {
            continue;
        };
        overview.graded += count as u32;
        match state.as_str() {
            "waiting" => overview.waiting += count as u32,
            "reviewed" => overview.reviewed += count as u32,
            _ => {}
        }
    }
    Ok(overviews)
}

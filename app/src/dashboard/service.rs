//! Gathers the first page from the other rooms, with a fixed number of queries whatever the number of courses.

use super::model::{Home, NewGrade, Task, Taught, is_recent};
use crate::assignment::model::Phase;
use crate::course::model::Role;
use crate::entity::{assignment, course};
use crate::error::AppResult;
use crate::grade::store::totals;
use crate::ids::{AssignmentId, CourseId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::submission::model::Mine;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Grades shown at most; older ones are with their assignments.
const MOST_GRADES: usize = 6;

/// The first page of whoever is signed in.
pub async fn home(ctx: &Ctx) -> AppResult<Home> {
    let actor = ctx.actor()?;
    let mut courses: Vec<_> = crate::course::store::of_user(ctx.db(), actor.id).await?;
    courses.retain(|(course, _)| course.archived_at.is_none());
    let attends = courses.iter().any(|(_, role)| *role == Role::Student);
    let mine = if attends {
        crate::submission::service::mine(ctx).await?
    } else {
        Vec::new()
    };
    let grades = grades(ctx, &mine).await?;
    let staff: Vec<_> = courses.into_iter().filter(|(_, role)| role.is_staff()).collect();
    Ok(Home {
        attends,
        due: mine.into_iter().filter(|mine| is_shown(ctx, mine)).collect(),
        grades,
        teaches: !staff.is_empty(),
        teaching: teaching(ctx, staff).await?,
        now: ctx.now(),
    })
}

/// Open assignments; submitted ones until their grades are published; missed ones for a week.
fn is_shown(ctx: &Ctx, mine: &Mine) -> bool {
    let submitted = mine
        .standing
        .as_ref()
        .is_some_and(|standing| standing.submitted.is_some());
    match mine.terms.phase {
        Phase::Open | Phase::Late => true,
        Phase::Closed => submitted || mine.terms.ends.is_some_and(|ends| is_recent(ends.at, ctx.now())),
        Phase::Draft | Phase::Published => false,
    }
}

async fn grades(ctx: &Ctx, mine: &[Mine]) -> AppResult<Vec<NewGrade>> {
    let mut published: Vec<&Mine> = mine.iter().filter(|mine| mine.published.is_some()).collect();
    published.sort_by_key(|mine| std::cmp::Reverse(mine.published.map(|at| at.at)));
    published.truncate(MOST_GRADES);
    let ids: Vec<AssignmentId> = published.iter().map(|mine| mine.place.assignment).collect();
    let earned = totals::of_students(ctx.db(), &[ctx.actor()?.id], &ids).await?;
    let earned: HashMap<AssignmentId, Points> =
        earned.into_iter().map(|row| (row.assignment_id, row.total())).collect();
    let worth = crate::assignment::store::sizes(ctx.db(), &ids).await?;
    let line = |mine: &Mine| {
        Some(NewGrade {
            submission: mine
                .standing
                .as_ref()
                .filter(|standing| standing.submitted.is_some())?
                .submission,
            title: mine.place.title.clone(),
            course_code: mine.place.course_code.clone(),
            points: *earned.get(&mine.place.assignment)?,
            of: worth
                .get(&mine.place.assignment)
                .map_or(Points::ZERO, |(_, points)| *points),
            at: mine.published?,
        })
    };
    Ok(published.into_iter().filter_map(line).collect())
}

async fn teaching(ctx: &Ctx, courses: Vec<(course::Model, Role)>) -> AppResult<Vec<Taught>> {
    let Some(first) = courses.first().map(|(course, _)| course.id) else {
        return Ok(Vec::new());
    };
    let rows = assignment::Entity::find()
        .filter(assignment::Column::CourseId.is_in(courses.iter().map(|(course, _)| course.id)))
        .filter(assignment::Column::PublishedAt.lte(ctx.now()))
        .filter(assignment::Column::GradesPublishedAt.is_null())
        .order_by_asc(assignment::Column::DueAt)
        .order_by_asc(assignment::Column::Id)
        .all(ctx.db())
        .await?;
    let ids: Vec<AssignmentId> = rows.iter().map(|row| row.id).collect();
    // The numbers of students belong to one course and are not shown here; all other numbers belong to the assignment.
    let mut numbers = crate::assignment::store::overviews(ctx.db(), first, &ids).await?;
    let mut tasks: HashMap<CourseId, Vec<Task>> = HashMap::new();
    for row in rows {
        let task = Task {
            assignment: row.id,
            phase: ctx.dates(&row).phase(ctx.now()),
            due: row.due_at.map(|at| ctx.moment(at)),
            numbers: numbers.remove(&row.id).unwrap_or_default(),
            title: row.title,
        };
        tasks.entry(row.course_id).or_default().push(task);
    }
    let line = |(course, role): (course::Model, Role)| Taught {
        assignments: tasks.remove(&course.id).unwrap_or_default(),
        course: course.id,
        code: course.code,
        title: course.title,
        role,
    };
    let mut taught: Vec<Taught> = courses.into_iter().map(line).collect();
    taught.sort_by(|a, b| a.code.cmp(&b.code).then(a.course.cmp(&b.course)));
    Ok(taught)
}

//! The gradebook, by page and as CSV.

use crate::assignment::model::Dates;
use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::error::AppResult;
use crate::grade::export;
use crate::grade::model::{Gradebook, GradebookCell, GradebookColumn, GradebookRow};
use crate::grade::store::totals;
use crate::ids::{AssignmentId, CourseId, UserId};
use crate::platform::Ctx;
use crate::points::Points;
use std::collections::HashMap;

/// Students on one page.
pub const PAGE: u32 = 50;
/// Students read at once for the export.
const PIECE: u32 = 400;

/// A page of the gradebook: students by name, after the student `after`.
pub async fn gradebook(ctx: &Ctx, course: CourseId, after: Option<UserId>) -> AppResult<Gradebook> {
    let (row, _) = policy::course(ctx, course, Duty::Grade).await?;
    let columns = columns(ctx, course).await?;
    let (rows, next) = rows(ctx, course, &columns, after, PAGE).await?;
    let students = totals::student_count(ctx.db(), course).await?;
    Ok(Gradebook {
        course,
        code: row.code,
        title: row.title,
        columns,
        rows,
        students,
        next,
        paged: after.is_some(),
    })
}

/// The whole gradebook as CSV, and the course's code to name the file after.
pub async fn gradebook_csv(ctx: &Ctx, course: CourseId) -> AppResult<(String, String)> {
    let (row, _) = policy::course(ctx, course, Duty::Grade).await?;
    let columns = columns(ctx, course).await?;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (piece, next) = rows(ctx, course, &columns, after, PIECE).await?;
        all.extend(piece);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let tx = ctx.state.db.begin().await?;
    let detail = serde_json::json!({ "students": all.len() });
    audit(
        ctx,
        &*tx,
        Act {
            action: "gradebook.export",
            target_kind: "course",
            target_id: course.to_string(),
            detail,
        },
    )
    .await?;
    tx.commit().await?;
    Ok((row.code, export::csv(&columns, &all)?))
}

async fn columns(ctx: &Ctx, course: CourseId) -> AppResult<Vec<GradebookColumn>> {
    let (rows, worths) = totals::assignments(ctx.db(), course, ctx.now()).await?;
    let column = |row: &crate::entity::assignment::Model| {
        let worth = worths.get(&row.id);
        GradebookColumn {
            assignment: row.id,
            title: row.title.clone(),
            of: Points(
                worth
                    .and_then(|worth| i32::try_from(worth.points).ok())
                    .unwrap_or_default(),
            ),
            questions: worth
                .and_then(|worth| u32::try_from(worth.questions).ok())
                .unwrap_or_default(),
            published: row.grades_published_at.is_some(),
            ended: row.grades_published_at.is_some() || !Dates::from(row).takes_answers(ctx.now()),
        }
    };
    Ok(rows.iter().map(column).collect())
}

async fn rows(
    ctx: &Ctx,
    course: CourseId,
    columns: &[GradebookColumn],
    after: Option<UserId>,
    most: u32,
) -> AppResult<(Vec<GradebookRow>, Option<UserId>)> {
    let mut students = totals::students(ctx.db(), course, after, most + 1).await?;
    let more = students.len() > most as usize;
    students.truncate(most as usize);
    let next = students.last().map(|student| student.id).filter(|_| more);
    let ids: Vec<UserId> = students.iter().map(|student| student.id).collect();
    let assignments: Vec<AssignmentId> = columns.iter().map(|column| column.assignment).collect();
    let mut cells: HashMap<(UserId, AssignmentId), totals::Earned> = HashMap::new();
    // Later attempts come later and replace earlier ones.
    for earned in totals::of_students(ctx.db(), &ids, &assignments).await? {
        cells.insert((earned.user_id, earned.assignment_id), earned);
    }
    let cell = |student: UserId, column: &GradebookColumn| {
        cells.get(&(student, column.assignment)).map(|earned| GradebookCell {
            submission: earned.id,
            total: earned.total(),
            late_percent: earned.late_percent,
            ungraded: column
                .questions
                .saturating_sub(u32::try_from(earned.graded).unwrap_or_default()),
            waiting: u32::try_from(earned.waiting).unwrap_or_default(),
            unseen: u32::try_from(earned.unseen).unwrap_or_default(),
            decided: u32::try_from(earned.decided).unwrap_or_default(),
        })
    };
    let rows = students
        .into_iter()
        .map(|student| GradebookRow {
            student: student.id,
            name: student.name,
            email: student.email,
            cells: columns.iter().map(|column| cell(student.id, column)).collect(),
        })
        .collect();
    Ok((rows, next))
}

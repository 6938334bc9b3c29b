//! Sums over submissions and courses, added up by the database.

use crate::entity::assignment;
use crate::error::AppResult;
use crate::ids::{AssignmentId, CourseId, SubmissionId, UserId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};
use std::collections::HashMap;

// Both databases understand SIGNED here: MySQL as a type, SQLite as "a number".
const EARNED: &str = "CAST(COALESCE(SUM(COALESCE(g.human_points, g.machine_points)), 0) AS SIGNED)";

/// One submitted submission and what it earned, before lateness.
#[derive(Debug, FromQueryResult)]
pub struct Earned {
    pub id: SubmissionId,
    pub assignment_id: AssignmentId,
    pub user_id: UserId,
    pub attempt: i32,
    pub late_percent: i32,
    pub earned: i64,
    pub graded: i64,
    pub waiting: i64,
    /// Stand as a model suggests, and no person has looked at them.
    pub unseen: i64,
    /// Decided by a person.
    pub decided: i64,
}

impl Earned {
    /// What counts.
    pub fn total(&self) -> Points {
        Points(i32::try_from(self.earned).unwrap_or(i32::MAX)).less_percent(self.late_percent)
    }
}

fn earned(condition: &str) -> String {
    format!(
        "SELECT s.id, s.assignment_id, s.user_id, s.attempt, s.late_percent, {EARNED} AS earned, COUNT(g.id) AS graded, \
         COUNT(CASE WHEN g.review_state = 'waiting' THEN 1 END) AS waiting, \
         COUNT(CASE WHEN g.review_state = 'accepted' AND g.machine_confidence IS NOT NULL THEN 1 END) AS unseen, \
         COUNT(CASE WHEN g.review_state = 'reviewed' THEN 1 END) AS decided \
         FROM submissions s LEFT JOIN grades g ON g.submission_id = s.id \
         WHERE {condition} AND s.submitted_at IS NOT NULL \
         GROUP BY s.id, s.assignment_id, s.user_id, s.attempt, s.late_percent ORDER BY s.attempt"
    )
}

pub async fn of_assignment(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<Earned>> {
    let text = earned("s.assignment_id = ?");
    Ok(Earned::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?)
}

/// Of these students in these assignments, earlier attempts first.
pub async fn of_students(
    db: &impl ConnectionTrait,
    students: &[UserId],
    assignments: &[AssignmentId],
) -> AppResult<Vec<Earned>> {
    if students.is_empty() || assignments.is_empty() {
        return Ok(Vec::new());
    }
    let text = earned(&format!(
        "s.user_id IN ({}) AND s.assignment_id IN ({})",
        marks(students.len()),
        marks(assignments.len())
    ));
    let values: Vec<Value> = students
        .iter()
        .map(|id| Value::from(*id))
        .chain(assignments.iter().map(|id| Value::from(*id)))
        .collect();
    Ok(Earned::find_by_statement(super::sql(db, &text, values)).all(db).await?)
}

fn marks(n: usize) -> String {
    vec!["?"; n].join(", ")
}

/// What an assignment is worth.
#[derive(Debug, FromQueryResult)]
pub struct Worth {
    pub assignment_id: AssignmentId,
    pub points: i64,
    pub questions: i64,
}

/// The course's assignments that students have seen, in the order of their dates, and their worth.
pub async fn assignments(
    db: &impl ConnectionTrait,
    course: CourseId,
    now: Timestamp,
) -> AppResult<(Vec<assignment::Model>, HashMap<AssignmentId, Worth>)> {
    use assignment::Column as C;
    let rows = assignment::Entity::find()
        .filter(C::CourseId.eq(course))
        .filter(C::PublishedAt.lte(now))
        .order_by_asc(Expr::cust("CASE WHEN due_at IS NULL THEN 1 ELSE 0 END"))
        .order_by_asc(C::DueAt)
        .order_by_asc(C::CreatedAt)
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok((rows, HashMap::new()));
    }
    let text = format!(
        "SELECT assignment_id, CAST(SUM(points) AS SIGNED) AS points, COUNT(*) AS questions FROM questions \
         WHERE assignment_id IN ({}) GROUP BY assignment_id",
        marks(rows.len())
    );
    let worths = Worth::find_by_statement(super::sql(db, &text, rows.iter().map(|row| row.id.into())))
        .all(db)
        .await?;
    Ok((
        rows,
        worths.into_iter().map(|worth| (worth.assignment_id, worth)).collect(),
    ))
}

/// A student of a course.
#[derive(Debug, FromQueryResult)]
pub struct Student {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// Up to `most` students by name, after the student `after`.
pub async fn students(
    db: &impl ConnectionTrait,
    course: CourseId,
    after: Option<UserId>,
    most: u32,
) -> AppResult<Vec<Student>> {
    let later = match after {
        Some(_) => {
            " AND (u.name > (SELECT name FROM users WHERE id = ?) OR (u.name = (SELECT name FROM users WHERE id = ?) AND u.id > ?))"
        }
        None => "",
    };
    let text = format!(
        "SELECT u.id, u.name, u.email FROM enrolments e JOIN users u ON u.id = e.user_id \
         WHERE e.course_id = ? AND e.role = 'student'{later} ORDER BY u.name, u.id LIMIT {most}"
    );
    let values: Vec<Value> = [course.into()]
        .into_iter()
        .chain(after.into_iter().flat_map(|id| [id.into(), id.into(), id.into()]))
        .collect();
    Ok(Student::find_by_statement(super::sql(db, &text, values))
        .all(db)
        .await?)
}

#[derive(Debug, FromQueryResult)]
struct Number {
    n: i64,
}

pub async fn student_count(db: &impl ConnectionTrait, course: CourseId) -> AppResult<u32> {
    let text = "SELECT COUNT(*) AS n FROM enrolments WHERE course_id = ? AND role = 'student'";
    number(db, text, course.into()).await
}

/// Students who have submitted.
pub async fn submitted(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<u32> {
    let text =
        "SELECT COUNT(DISTINCT user_id) AS n FROM submissions WHERE assignment_id = ? AND submitted_at IS NOT NULL";
    number(db, text, assignment.into()).await
}

async fn number(db: &impl ConnectionTrait, text: &str, value: Value) -> AppResult<u32> {
    let row = Number::find_by_statement(super::sql(db, text, [value])).one(db).await?;
    Ok(row.and_then(|row| u32::try_from(row.n).ok()).unwrap_or_default())
}

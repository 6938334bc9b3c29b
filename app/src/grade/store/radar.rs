//! Where scores differ: within groups of answers that say the same, and between people who grade.

use crate::error::AppResult;
use crate::ids::{AssignmentId, GradeId, QuestionId, UserId};
use crate::points::Points;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A group whose answers have different points.
#[derive(Debug, FromQueryResult)]
pub struct Uneven {
    pub question_id: QuestionId,
    pub group_id: GradeId,
    pub position: i32,
    pub of: Points,
    pub n: i64,
}

/// Groups with the widest differences first, of the points of their questions.
pub async fn uneven(db: &impl ConnectionTrait, assignment: AssignmentId, most: u64) -> AppResult<Vec<Uneven>> {
    let counts = "COALESCE(g.human_points, g.machine_points)";
    let text = format!(
        "SELECT m.question_id, m.group_id, q.position, q.points AS `of`, COUNT(*) AS n FROM answer_groups m \
         JOIN grades g ON g.id = m.grade_id JOIN questions q ON q.id = m.question_id \
         WHERE m.assignment_id = ? AND (g.model <> 'none' OR g.human_points IS NOT NULL) \
         GROUP BY m.question_id, m.group_id, q.position, q.points HAVING MIN({counts}) < MAX({counts}) \
         ORDER BY (MAX({counts}) - MIN({counts})) * 1.0 / q.points DESC, n DESC, m.group_id LIMIT {most}"
    );
    Ok(Uneven::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?)
}

/// One decision and the suggestion beside it.
#[derive(Debug, FromQueryResult)]
pub struct Residual {
    pub human_by: UserId,
    pub human_points: Points,
    pub machine_points: Points,
    pub of: Points,
}

/// The newest decisions about free text, in the order in which they were made.
pub async fn residuals(db: &impl ConnectionTrait, assignment: AssignmentId, most: u64) -> AppResult<Vec<Residual>> {
    let text = format!(
        "SELECT g.human_by, g.human_points, g.machine_points, q.points AS `of` FROM grades g JOIN questions q ON q.id = g.question_id \
         WHERE g.assignment_id = ? AND g.human_points IS NOT NULL AND g.human_by IS NOT NULL AND g.machine_confidence IS NOT NULL \
         AND g.model <> 'none' AND q.points > 0 ORDER BY g.human_at DESC, g.id DESC LIMIT {most}"
    );
    let mut rows = Residual::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?;
    rows.reverse();
    Ok(rows)
}

//! The sample by which a dial is audited: what it is drawn from, what was drawn, and what people said about it.

use super::dial::Suggested;
use crate::entity::agreement_audit;
use crate::error::AppResult;
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};
use sha2::{Digest, Sha256};

/// Ids in one statement.
const PIECE: usize = 400;

/// An answer accepted without a person, or one that was drawn when it was.
#[derive(Debug, FromQueryResult)]
pub struct Settled {
    #[sea_orm(nested)]
    pub suggested: Suggested,
    pub question_id: QuestionId,
    pub machine_points: Points,
    drawn: i32,
    /// What somebody said about it without seeing the suggestion, and what that was.
    pub said: Option<Points>,
    pub beside: Option<Points>,
}

impl Settled {
    pub fn is_drawn(&self) -> bool {
        self.drawn != 0
    }
}

/// From what the sample is drawn, and what was.
pub async fn settled(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<Settled>> {
    let text = format!(
        "SELECT {}, g.question_id, g.machine_points, CASE WHEN a.grade_id IS NULL THEN 0 ELSE 1 END AS drawn, \
         a.human_points AS said, a.machine_points AS beside \
         FROM grades g LEFT JOIN agreement_audits a ON a.grade_id = g.id \
         WHERE g.assignment_id = ? AND g.machine_confidence IS NOT NULL AND g.model <> 'none' \
         AND (g.review_state = 'accepted' OR a.grade_id IS NOT NULL)",
        Suggested::COLUMNS
    );
    Ok(Settled::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?)
}

/// An answer's place in the draw: as good as random, and the same for everyone who checks it.
pub fn lot(assignment: AssignmentId, grade: GradeId) -> i32 {
    let mut digest = Sha256::new();
    digest.update(assignment.0.as_bytes());
    digest.update(grade.0.as_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest.finalize());
    i32::from_be_bytes([a, b, c, d])
}

pub async fn draw(tx: &impl ConnectionTrait, rows: Vec<agreement_audit::Model>) -> AppResult<()> {
    for piece in rows.chunks(PIECE) {
        let rows = piece.iter().cloned().map(|row| row.into_active_model().reset_all());
        agreement_audit::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Takes answers out of the sample at which nobody has looked.
pub async fn put_back(tx: &impl ConnectionTrait, grades: &[GradeId]) -> AppResult<()> {
    use agreement_audit::Column as C;
    for piece in grades.chunks(PIECE) {
        agreement_audit::Entity::delete_many()
            .filter(C::GradeId.is_in(piece.to_vec()))
            .filter(C::HumanPoints.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// How many drawn answers of each question nobody has looked at.
pub async fn unseen(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<(QuestionId, u32)>> {
    #[derive(FromQueryResult)]
    struct Count {
        question_id: QuestionId,
        n: i64,
    }
    let text = "SELECT a.question_id, COUNT(*) AS n FROM agreement_audits a JOIN grades g ON g.id = a.grade_id \
                WHERE a.assignment_id = ? AND a.human_points IS NULL AND g.review_state = 'accepted' GROUP BY a.question_id";
    let counts = Count::find_by_statement(super::sql(db, text, [assignment.into()]));
    let number = |count: Count| (count.question_id, u32::try_from(count.n).unwrap_or_default());
    Ok(counts.all(db).await?.into_iter().map(number).collect())
}

/// Drawn answers at which nobody has looked, by lot.
pub async fn open(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    question: Option<QuestionId>,
) -> AppResult<Vec<(i32, GradeId)>> {
    #[derive(FromQueryResult)]
    struct Drawn {
        grade_id: GradeId,
        question_id: QuestionId,
    }
    let text = "SELECT a.grade_id, a.question_id FROM agreement_audits a JOIN grades g ON g.id = a.grade_id \
                WHERE a.assignment_id = ? AND a.human_points IS NULL AND g.review_state = 'accepted'";
    let found = Drawn::find_by_statement(super::sql(db, text, [assignment.into()]));
    let mut lots: Vec<(i32, GradeId)> = found
        .all(db)
        .await?
        .into_iter()
        .filter(|each| question.is_none_or(|question| question == each.question_id))
        .map(|each| (lot(assignment, each.grade_id), each.grade_id))
        .collect();
    lots.sort_unstable();
    Ok(lots)
}

/// Writes down what somebody said about a drawn answer without seeing the suggestion, and what that is at this moment. The first word
/// counts. The caller has locked the grade.
pub async fn answer(tx: &impl ConnectionTrait, grade: GradeId, points: Points, now: Timestamp) -> AppResult<()> {
    let text = "UPDATE agreement_audits SET human_points = ?, decided_at = ?, \
                machine_points = (SELECT g.machine_points FROM grades g WHERE g.id = agreement_audits.grade_id), \
                model = (SELECT g.model FROM grades g WHERE g.id = agreement_audits.grade_id) \
                WHERE grade_id = ? AND human_points IS NULL";
    let values = [points.0.into(), now.0.into(), grade.into()];
    tx.execute_raw(super::sql(tx, text, values)).await?;
    Ok(())
}

/// Forgets what was said about answers whose decision is taken back.
pub async fn take_back(tx: &impl ConnectionTrait, grades: &[GradeId]) -> AppResult<()> {
    use agreement_audit::Column as C;
    for piece in grades.chunks(PIECE) {
        agreement_audit::Entity::update_many()
            .col_expr(C::HumanPoints, Expr::value(None::<i32>))
            .col_expr(C::DecidedAt, Expr::value(None::<i64>))
            .filter(C::GradeId.is_in(piece.to_vec()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

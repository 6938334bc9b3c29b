//! Answer groups: who belongs together, what groups there are, and what was done with them.

use crate::entity::{answer_group, grade, group_act};
use crate::error::AppResult;
use crate::grade::model::GroupCursor;
use crate::grade::service::Lesson;
use crate::ids::{AnswerId, GradeId, GroupActId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Value,
};
use std::collections::HashMap;

const PIECE: usize = 400;

/// Writes down the machine's groups. What a person has put somewhere stays there. A group is named after the first of its answers, so
/// that it keeps its name as long as that answer stays.
pub async fn regroup(tx: &impl ConnectionTrait, lesson: &Lesson, groups: &[u32]) -> AppResult<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let ids: Vec<GradeId> = lesson
        .answers
        .iter()
        .chain(&lesson.decided)
        .map(|pupil| pupil.row.id)
        .collect();
    let known: HashMap<GradeId, answer_group::Model> = answer_group::Entity::find()
        .filter(answer_group::Column::QuestionId.eq(lesson.question.id))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| (row.grade_id, row))
        .collect();
    let pinned = |id: &GradeId| known.get(id).is_some_and(|row| row.pinned);
    let mut names: HashMap<u32, GradeId> = HashMap::new();
    for (id, group) in ids.iter().zip(groups).filter(|(id, _)| !pinned(id)) {
        let name = names.entry(*group).or_insert(*id);
        *name = (*name).min(*id);
    }
    let mut rows = Vec::new();
    for (id, group) in ids.iter().zip(groups).filter(|(id, _)| !pinned(id)) {
        let Some(name) = names.get(group) else { continue };
        if known.get(id).is_some_and(|row| row.group_id == *name) {
            continue;
        }
        rows.push(answer_group::Model {
            grade_id: *id,
            question_id: lesson.question.id,
            assignment_id: lesson.assignment,
            group_id: *name,
            pinned: false,
        });
    }
    put(tx, rows).await
}

/// Puts answers into groups, from wherever they were.
pub async fn put(tx: &impl ConnectionTrait, rows: Vec<answer_group::Model>) -> AppResult<()> {
    use answer_group::Column as C;
    for piece in rows.chunks(PIECE) {
        let rows = piece.iter().cloned().map(|row| row.into_active_model().reset_all());
        answer_group::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(C::GradeId)
                    .update_columns([C::GroupId, C::Pinned])
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A group in figures.
#[derive(Debug, FromQueryResult)]
pub struct Counted {
    pub group_id: GradeId,
    pub first: GradeId,
    pub n: i64,
    pub open: i64,
    pub lowest: Points,
    pub highest: Points,
}

/// Groups of at least two answers, the largest first.
pub async fn page(
    db: &impl ConnectionTrait,
    question: QuestionId,
    after: Option<GroupCursor>,
    most: u64,
) -> AppResult<Vec<Counted>> {
    let later = match after {
        Some(_) => " AND (COUNT(*) < ? OR (COUNT(*) = ? AND m.group_id > ?))",
        None => "",
    };
    let text = format!(
        "SELECT m.group_id, MIN(m.grade_id) AS first, COUNT(*) AS n, COUNT(CASE WHEN g.human_points IS NULL THEN 1 END) AS open, \
         MIN(COALESCE(g.human_points, g.machine_points)) AS lowest, MAX(COALESCE(g.human_points, g.machine_points)) AS highest \
         FROM answer_groups m JOIN grades g ON g.id = m.grade_id WHERE m.question_id = ? \
         GROUP BY m.group_id HAVING COUNT(*) > 1{later} ORDER BY n DESC, m.group_id LIMIT {most}"
    );
    let values: Vec<Value> = [question.into()]
        .into_iter()
        .chain(
            after
                .into_iter()
                .flat_map(|after| [after.answers.into(), after.answers.into(), after.group.into()]),
        )
        .collect();
    Ok(Counted::find_by_statement(super::sql(db, &text, values))
        .all(db)
        .await?)
}

/// An answer of a group.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    pub grade_id: GradeId,
    pub group_id: GradeId,
    /// Put there by a person.
    pub pinned: bool,
    pub answer_id: AnswerId,
    pub machine_points: Points,
    pub human_points: Option<Points>,
    pub model: String,
    pub version: i32,
}

/// The answers of these groups, locked where rows can be.
pub async fn members(
    db: &impl ConnectionTrait,
    question: QuestionId,
    groups: &[GradeId],
    row_locks: bool,
) -> AppResult<Vec<Member>> {
    let mut found = Vec::new();
    for piece in groups.chunks(PIECE) {
        let lock = if row_locks { " FOR UPDATE" } else { "" };
        let text = format!(
            "SELECT m.grade_id, m.group_id, m.pinned, g.answer_id, g.machine_points, g.human_points, g.model, g.version \
             FROM answer_groups m JOIN grades g ON g.id = m.grade_id \
             WHERE m.question_id = ? AND m.group_id IN ({}) ORDER BY m.grade_id{lock}",
            vec!["?"; piece.len()].join(", ")
        );
        let values: Vec<Value> = [question.into()]
            .into_iter()
            .chain(piece.iter().map(|id| (*id).into()))
            .collect();
        found.extend(Member::find_by_statement(super::sql(db, &text, values)).all(db).await?);
    }
    Ok(found)
}
/// Where these answers stand.
pub async fn places(db: &impl ConnectionTrait, grades: &[GradeId]) -> AppResult<HashMap<GradeId, answer_group::Model>> {
    let mut found = HashMap::with_capacity(grades.len());
    for piece in grades.chunks(PIECE) {
        let rows = answer_group::Entity::find().filter(answer_group::Column::GradeId.is_in(piece.to_vec()));
        found.extend(rows.all(db).await?.into_iter().map(|row| (row.grade_id, row)));
    }
    Ok(found)
}

/// How many undecided answers share the group of each of these, themselves included.
pub async fn sizes(db: &impl ConnectionTrait, grades: &[GradeId]) -> AppResult<HashMap<GradeId, (GradeId, i64)>> {
    #[derive(FromQueryResult)]
    struct Size {
        grade_id: GradeId,
        group_id: GradeId,
        n: i64,
    }
    if grades.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT a.grade_id, a.group_id, COUNT(g.id) AS n FROM answer_groups a \
         JOIN answer_groups b ON b.question_id = a.question_id AND b.group_id = a.group_id \
         JOIN grades g ON g.id = b.grade_id AND g.human_points IS NULL \
         WHERE a.grade_id IN ({}) GROUP BY a.grade_id, a.group_id",
        vec!["?"; grades.len()].join(", ")
    );
    let values = grades.iter().map(|id| Value::from(*id));
    let rows = Size::find_by_statement(super::sql(db, &text, values)).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.grade_id, (row.group_id, row.n)))
        .collect())
}

/// Gives these answers the same points, those that are undecided.
pub async fn decide(
    tx: &impl ConnectionTrait,
    grades: &[GradeId],
    (points, comment): (Points, Option<&str>),
    by: crate::ids::UserId,
    now: Timestamp,
) -> AppResult<u64> {
    use grade::Column as C;
    use sea_orm::sea_query::ExprTrait;
    let mut settled = 0;
    for piece in grades.chunks(PIECE) {
        let done = grade::Entity::update_many()
            .col_expr(C::HumanPoints, Expr::value(points.0))
            .col_expr(C::HumanComment, Expr::value(comment.map(str::to_owned)))
            .col_expr(C::HumanBy, Expr::value(by.0))
            .col_expr(C::HumanAt, Expr::value(now.0))
            .col_expr(C::ReviewState, Expr::value("reviewed"))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::Id.is_in(piece.to_vec()))
            .filter(C::HumanPoints.is_null())
            .exec(tx)
            .await?;
        settled += done.rows_affected;
    }
    Ok(settled)
}

/// Takes the human's part away from grades that are still in exactly these versions; those it was taken from.
pub async fn take_back(tx: &impl ConnectionTrait, rows: &[(grade::Model, &'static str)]) -> AppResult<()> {
    use grade::Column as C;
    use sea_orm::sea_query::ExprTrait;
    for state in ["accepted", "waiting"] {
        let ids: Vec<GradeId> = rows.iter().filter(|row| row.1 == state).map(|row| row.0.id).collect();
        for piece in ids.chunks(PIECE) {
            grade::Entity::update_many()
                .col_expr(C::HumanPoints, Expr::value(None::<i32>))
                .col_expr(C::HumanComment, Expr::value(None::<String>))
                .col_expr(C::HumanBy, Expr::value(None::<uuid::Uuid>))
                .col_expr(C::HumanAt, Expr::value(None::<i64>))
                .col_expr(C::ReviewState, Expr::value(state))
                .col_expr(C::Version, Expr::col(C::Version).add(1))
                .filter(C::Id.is_in(piece.to_vec()))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

pub async fn rows(tx: &impl ConnectionTrait, ids: &[GradeId], row_locks: bool) -> AppResult<Vec<grade::Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for piece in ids.chunks(PIECE) {
        let query = grade::Entity::find().filter(grade::Column::Id.is_in(piece.to_vec()));
        let query = if row_locks { query.lock_exclusive() } else { query };
        found.extend(query.all(tx).await?);
    }
    Ok(found)
}

pub async fn keep(tx: &impl ConnectionTrait, act: group_act::Model) -> AppResult<()> {
    group_act::Entity::insert(act.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub async fn act(db: &impl ConnectionTrait, id: GroupActId) -> AppResult<Option<group_act::Model>> {
    Ok(group_act::Entity::find_by_id(id).one(db).await?)
}

/// The newest act on a question's groups that was not undone.
pub async fn last_act(db: &impl ConnectionTrait, question: QuestionId) -> AppResult<Option<group_act::Model>> {
    let row = group_act::Entity::find()
        .filter(group_act::Column::QuestionId.eq(question))
        .filter(group_act::Column::UndoneAt.is_null())
        .order_by_desc(group_act::Column::Id)
        .one(db);
    Ok(row.await?)
}

pub async fn undo(tx: &impl ConnectionTrait, act: GroupActId, now: Timestamp) -> AppResult<bool> {
    let done = group_act::Entity::update_many()
        .col_expr(group_act::Column::UndoneAt, Expr::value(now.0))
        .filter(group_act::Column::Id.eq(act))
        .filter(group_act::Column::UndoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

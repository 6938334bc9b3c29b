//! The review queue: pieces of it in order, and how long it is.

use crate::entity::grade;
use crate::error::AppResult;
use crate::grade::model::{Cursor, QueueFilter, ReviewCounts};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value,
};
use std::collections::HashMap;

use grade::Column;

/// Up to `most` grades after `after`, the least certain first; those of the sample by lot.
pub async fn page(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    filter: QueueFilter,
    after: Option<Cursor>,
    most: u64,
) -> AppResult<Vec<grade::Model>> {
    if filter.sample {
        return sample(db, assignment, filter.question, after, most).await;
    }
    let mut query = grade::Entity::find()
        .filter(Column::AssignmentId.eq(assignment))
        .filter(Column::ReviewState.eq(filter.state.name()));
    if let Some(question) = filter.question {
        query = query.filter(Column::QuestionId.eq(question));
    }
    if let Some(after) = after {
        let same = Condition::all()
            .add(Column::ReviewOrder.eq(after.order))
            .add(Column::Id.gt(after.grade));
        query = query.filter(Condition::any().add(Column::ReviewOrder.gt(after.order)).add(same));
    }
    Ok(query
        .order_by_asc(Column::ReviewOrder)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// The same of the sample, by lot: so that what was read of it at any moment is as random as the whole.
async fn sample(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    question: Option<QuestionId>,
    after: Option<Cursor>,
    most: u64,
) -> AppResult<Vec<grade::Model>> {
    let lots = super::sample::open(db, assignment, question).await?;
    let after = after.map(|cursor| (cursor.order, cursor.grade));
    let ids: Vec<GradeId> = lots
        .into_iter()
        .filter(|lot| after.is_none_or(|after| *lot > after))
        .map(|(_, id)| id)
        .take(usize::try_from(most).unwrap_or(usize::MAX))
        .collect();
    let rows = grade::Entity::find()
        .filter(Column::Id.is_in(ids.clone()))
        .all(db)
        .await?;
    let mut rows: HashMap<GradeId, grade::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

#[derive(Debug, FromQueryResult)]
struct Count {
    review_state: String,
    n: i64,
}

/// How many grades stand where, of one question or of all.
pub async fn counts(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    question: Option<QuestionId>,
) -> AppResult<ReviewCounts> {
    let narrowed = if question.is_some() { " AND question_id = ?" } else { "" };
    let text = format!(
        "SELECT review_state, COUNT(*) AS n FROM grades WHERE assignment_id = ?{narrowed} GROUP BY review_state"
    );
    let values: Vec<Value> = [assignment.into()]
        .into_iter()
        .chain(question.map(Value::from))
        .collect();
    let mut counts = ReviewCounts::default();
    for count in Count::find_by_statement(super::sql(db, &text, values)).all(db).await? {
        let n = u32::try_from(count.n).unwrap_or_default();
        match count.review_state.as_str() {
            "waiting" => counts.waiting = n,
            "reviewed" => counts.reviewed = n,
            _ => counts.accepted += n,
        }
    }
    let text = "SELECT 'sample' AS review_state, COUNT(*) AS n FROM agreement_audits a JOIN grades g ON g.id = a.grade_id \
                WHERE a.assignment_id = ? AND a.human_points IS NULL AND g.review_state = 'accepted'";
    let sample = Count::find_by_statement(super::sql(db, text, [assignment.into()]));
    counts.sample = sample
        .one(db)
        .await?
        .and_then(|count| u32::try_from(count.n).ok())
        .unwrap_or_default();
    Ok(counts)
}

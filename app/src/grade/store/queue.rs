//! The review queue: pieces of it in order, and how long it is.

use crate::entity::grade;
use crate::error::AppResult;
use crate::grade::model::{Cursor, QueueFilter, ReviewCounts};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
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
    question_id: QuestionId,
    review_state: String,
    n: i64,
}

/// How many grades of each question stand where; a question without any is not listed.
pub async fn counts(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
) -> AppResult<HashMap<QuestionId, ReviewCounts>> {
    let text = "SELECT question_id, review_state, COUNT(*) AS n FROM grades WHERE assignment_id = ? \
                GROUP BY question_id, review_state";
    let found = Count::find_by_statement(super::sql(db, text, [assignment.into()]));
    let mut counts: HashMap<QuestionId, ReviewCounts> = HashMap::new();
    for count in found.all(db).await? {
        let n = u32::try_from(count.n).unwrap_or_default();
        let of = counts.entry(count.question_id).or_default();
        match count.review_state.as_str() {
            "waiting" => of.waiting = n,
            "reviewed" => of.reviewed = n,
            _ => of.accepted += n,
        }
    }
    for (question, n) in super::sample::unseen(db, assignment).await? {
        counts.entry(question).or_default().sample = n;
    }
    Ok(counts)
}

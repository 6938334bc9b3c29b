//! The review queue: pieces of it in order, and how long it is.

use crate::entity::{agreement_audit, grade};
use crate::error::AppResult;
use crate::grade::model::{Cursor, QueueFilter, ReviewCounts, ReviewState};
use crate::ids::{AssignmentId, QuestionId};
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};

use grade::Column;

/// Up to `most` grades after `after`, the least certain first.
pub async fn page(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    filter: QueueFilter,
    after: Option<Cursor>,
    most: u64,
) -> AppResult<Vec<grade::Model>> {
    let mut query = grade::Entity::find().filter(Column::AssignmentId.eq(assignment));
    query = if filter.sample {
        query
            .filter(Column::Id.in_subquery(sample(assignment)))
            .filter(Column::ReviewState.eq(ReviewState::Accepted.name()))
    } else {
        query.filter(Column::ReviewState.eq(filter.state.name()))
    };
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

/// Answers drawn for the dial's audit about which nobody has said anything.
fn sample(assignment: AssignmentId) -> SelectStatement {
    use agreement_audit::Column as C;
    agreement_audit::Entity::find()
        .select_only()
        .column(C::GradeId)
        .filter(C::AssignmentId.eq(assignment))
        .filter(C::HumanPoints.is_null())
        .into_query()
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

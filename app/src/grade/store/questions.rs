//! Whole questions for the answers at hand, in four queries however many there are.

use crate::entity::{question, reference_answer, rubric_criterion, rubric_item};
use crate::error::{AppError, AppResult};
use crate::ids::{CriterionId, QuestionId};
use crate::question::model::{Criterion, Question, RubricItem};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// These questions with references and rubric; a missing one is left out.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = QuestionId>,
) -> AppResult<HashMap<QuestionId, Question>> {
    let ids = super::grades::distinct(ids);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = question::Entity::find()
        .filter(question::Column::Id.is_in(ids.clone()))
        .all(db)
        .await?;
    let mut references: HashMap<QuestionId, Vec<String>> = HashMap::new();
    let reference_rows = reference_answer::Entity::find()
        .filter(reference_answer::Column::QuestionId.is_in(ids.clone()))
        .order_by_asc(reference_answer::Column::Position)
        .all(db)
        .await?;
    for row in reference_rows {
        references.entry(row.question_id).or_default().push(row.text);
    }
    let criteria = rubric_criterion::Entity::find()
        .filter(rubric_criterion::Column::QuestionId.is_in(ids))
        .order_by_asc(rubric_criterion::Column::Position)
        .all(db)
        .await?;
    let mut items: HashMap<CriterionId, Vec<RubricItem>> = HashMap::new();
    let item_rows = rubric_item::Entity::find()
        .filter(rubric_item::Column::CriterionId.is_in(criteria.iter().map(|row| row.id)))
        .order_by_asc(rubric_item::Column::Position)
        .all(db)
        .await?;
    for row in item_rows {
        let item = RubricItem {
            id: row.id,
            text: row.text,
            points: row.points,
            feedback: row.feedback,
        };
        items.entry(row.criterion_id).or_default().push(item);
    }
    let mut rubrics: HashMap<QuestionId, Vec<Criterion>> = HashMap::new();
    for row in criteria {
        let items = items.remove(&row.id).unwrap_or_default();
        rubrics.entry(row.question_id).or_default().push(Criterion {
            id: row.id,
            title: row.title,
            points: row.points,
            items,
        });
    }
    rows.into_iter()
        .map(|row| {
            let question = Question {
                id: row.id,
                position: row.position,
                prompt: row.prompt,
                points: row.points,
                key: serde_json::from_str(&row.settings).map_err(AppError::internal)?,
                references: references.remove(&row.id).unwrap_or_default(),
                rubric: rubrics.remove(&row.id).unwrap_or_default(),
            };
            Ok((question.id, question))
        })
        .collect()
}

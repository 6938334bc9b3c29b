//! Queries about questions: whole (with keys) for staff and grading, as paper for students.

use super::content::QuestionContent;
use super::model::{Criterion, Key, Question, QuestionPaper, RubricItem};
use crate::entity::{question, reference_answer, rubric_criterion, rubric_item};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, CriterionId, QuestionId, ReferenceId, RubricItemId};
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::{HashMap, HashSet};

/// The questions as students see them, in order. Three small queries, whatever their number.
pub async fn papers(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<QuestionPaper>> {
    let questions = rows(db, assignment).await?;
    let mut criteria = criteria_of(db, questions.iter().map(|row| row.id)).await?;
    questions
        .into_iter()
        .map(|row| {
            let rubric = criteria.remove(&row.id).unwrap_or_default();
            Ok(QuestionPaper {
                id: row.id,
                position: row.position,
                paper: key(&row)?.without_answers(),
                prompt: row.prompt,
                points: row.points,
                rubric: rubric
                    .into_iter()
                    .map(|criterion| (criterion.title, criterion.points))
                    .collect(),
            })
        })
        .collect()
}

/// The questions with keys, references and rubrics, in order: for staff and for grading.
pub async fn full(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<Question>> {
    let questions = rows(db, assignment).await?;
    assemble(db, questions).await
}

/// One whole question.
pub async fn one(db: &impl ConnectionTrait, id: QuestionId) -> AppResult<Question> {
    let row = question::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| AppError::not_found("The question"))?;
    let found = assemble(db, vec![row]).await?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| AppError::not_found("The question"))
}

/// The bare rows of an assignment's questions, in order.
pub async fn rows(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<question::Model>> {
    let query = question::Entity::find().filter(question::Column::AssignmentId.eq(assignment));
    Ok(query
        .order_by_asc(question::Column::Position)
        .order_by_asc(question::Column::Id)
        .all(db)
        .await?)
}

async fn assemble(db: &impl ConnectionTrait, questions: Vec<question::Model>) -> AppResult<Vec<Question>> {
    let ids: Vec<QuestionId> = questions.iter().map(|row| row.id).collect();
    let mut references: HashMap<QuestionId, Vec<String>> = HashMap::new();
    for row in reference_answer::Entity::find()
        .filter(reference_answer::Column::QuestionId.is_in(ids.iter().copied()))
        .order_by_asc(reference_answer::Column::Position)
        .all(db)
        .await?
    {
        references.entry(row.question_id).or_default().push(row.text);
    }
    let mut criteria = criteria_of(db, ids).await?;
    let mut items: HashMap<CriterionId, Vec<RubricItem>> = HashMap::new();
    for row in rubric_item::Entity::find()
        .filter(rubric_item::Column::CriterionId.is_in(criteria.values().flatten().map(|row| row.id)))
        .order_by_asc(rubric_item::Column::Position)
        .all(db)
        .await?
    {
        let item = RubricItem {
            id: row.id,
            text: row.text,
            points: row.points,
            feedback: row.feedback,
        };
        items.entry(row.criterion_id).or_default().push(item);
    }
    let mut criterion = |row: rubric_criterion::Model| Criterion {
        id: row.id,
        items: items.remove(&row.id).unwrap_or_default(),
        title: row.title,
        points: row.points,
    };
    questions
        .into_iter()
        .map(|row| {
            Ok(Question {
                id: row.id,
                position: row.position,
                key: key(&row)?,
                prompt: row.prompt,
                points: row.points,
                references: references.remove(&row.id).unwrap_or_default(),
                rubric: criteria
                    .remove(&row.id)
                    .unwrap_or_default()
                    .into_iter()
                    .map(&mut criterion)
                    .collect(),
            })
        })
        .collect()
}

async fn criteria_of(
    db: &impl ConnectionTrait,
    questions: impl IntoIterator<Item = QuestionId>,
) -> AppResult<HashMap<QuestionId, Vec<rubric_criterion::Model>>> {
    let mut criteria: HashMap<QuestionId, Vec<rubric_criterion::Model>> = HashMap::new();
    for row in rubric_criterion::Entity::find()
        .filter(rubric_criterion::Column::QuestionId.is_in(questions))
        .order_by_asc(rubric_criterion::Column::Position)
        .all(db)
        .await?
    {
        criteria.entry(row.question_id).or_default().push(row);
    }
    Ok(criteria)
}

/// The key in the row's settings.
pub fn key(row: &question::Model) -> AppResult<Key> {
    serde_json::from_str(&row.settings)
        .map_err(|error| AppError::internal(format!("settings of question {}: {error}", row.id)))
}

fn settings(key: &Key) -> AppResult<String> {
    serde_json::to_string(key).map_err(AppError::internal)
}

/// Adds a question at a place; call it inside a transaction.
pub async fn insert(
    tx: &impl ConnectionTrait,
    assignment: AssignmentId,
    position: i32,
    content: &QuestionContent,
    now: Timestamp,
) -> AppResult<QuestionId> {
    let row = question::Model {
        id: QuestionId::new(),
        assignment_id: assignment,
        position,
        kind: content.key.kind().name().to_owned(),
        prompt: content.prompt.clone(),
        points: content.points,
        settings: settings(&content.key)?,
        created_at: now,
        updated_at: now,
    };
    let id = row.id;
    question::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    insert_parts(tx, id, content, &HashSet::new(), &HashSet::new()).await?;
    Ok(id)
}

/// Replaces what a question says; criteria and items that come with an id of this question keep it.
pub async fn replace(
    tx: &impl ConnectionTrait,
    old: &Question,
    content: &QuestionContent,
    now: Timestamp,
) -> AppResult<()> {
    question::Entity::update_many()
        .col_expr(question::Column::Prompt, Expr::value(content.prompt.clone()))
        .col_expr(question::Column::Points, Expr::value(content.points))
        .col_expr(question::Column::Settings, Expr::value(settings(&content.key)?))
        .col_expr(question::Column::UpdatedAt, Expr::value(now))
        .filter(question::Column::Id.eq(old.id))
        .exec(tx)
        .await?;
    delete_parts(tx, old).await?;
    let criteria = old.rubric.iter().map(|criterion| criterion.id).collect();
    let items = old
        .rubric
        .iter()
        .flat_map(|criterion| &criterion.items)
        .map(|item| item.id)
        .collect();
    insert_parts(tx, old.id, content, &criteria, &items).await
}

/// Removes a question and closes the gap; the database refuses while answers exist.
pub async fn delete(tx: &impl ConnectionTrait, assignment: AssignmentId, old: &Question) -> AppResult<()> {
    delete_parts(tx, old).await?;
    question::Entity::delete_by_id(old.id).exec(tx).await?;
    question::Entity::update_many()
        .col_expr(question::Column::Position, Expr::col(question::Column::Position).sub(1))
        .filter(question::Column::AssignmentId.eq(assignment))
        .filter(question::Column::Position.gt(old.position))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn set_position(tx: &impl ConnectionTrait, id: QuestionId, position: i32) -> AppResult<()> {
    question::Entity::update_many()
        .col_expr(question::Column::Position, Expr::value(position))
        .filter(question::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Questions of an assignment.
pub async fn count(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<u32> {
    let query = question::Entity::find()
        .select_only()
        .column_as(question::Column::Id.count(), "n");
    let found = query
        .filter(question::Column::AssignmentId.eq(assignment))
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(found.unwrap_or(0) as u32)
}

async fn delete_parts(tx: &impl ConnectionTrait, old: &Question) -> AppResult<()> {
    let criteria: Vec<CriterionId> = old.rubric.iter().map(|criterion| criterion.id).collect();
    rubric_item::Entity::delete_many()
        .filter(rubric_item::Column::CriterionId.is_in(criteria))
        .exec(tx)
        .await?;
    rubric_criterion::Entity::delete_many()
        .filter(rubric_criterion::Column::QuestionId.eq(old.id))
        .exec(tx)
        .await?;
    reference_answer::Entity::delete_many()
        .filter(reference_answer::Column::QuestionId.eq(old.id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn insert_parts(
    tx: &impl ConnectionTrait,
    question: QuestionId,
    content: &QuestionContent,
    known_criteria: &HashSet<CriterionId>,
    known_items: &HashSet<RubricItemId>,
) -> AppResult<()> {
    // An id is kept once: a forged or doubled one gets a new id instead of a clash.
    let (mut criteria_left, mut items_left) = (known_criteria.clone(), known_items.clone());
    let (mut references, mut criteria, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for (position, text) in (0..).zip(&content.references) {
        let row = reference_answer::Model {
            id: ReferenceId::new(),
            question_id: question,
            position,
            text: text.clone(),
        };
        references.push(row.into_active_model().reset_all());
    }
    for (position, criterion) in (0..).zip(&content.rubric) {
        let id = criterion
            .id
            .filter(|id| criteria_left.remove(id))
            .unwrap_or_else(CriterionId::new);
        let row = rubric_criterion::Model {
            id,
            question_id: question,
            position,
            title: criterion.title.clone(),
            points: criterion.points,
        };
        criteria.push(row.into_active_model().reset_all());
        for (position, item) in (0..).zip(&criterion.items) {
            let row = rubric_item::Model {
                id: item
                    .id
                    .filter(|id| items_left.remove(id))
                    .unwrap_or_else(RubricItemId::new),
                criterion_id: id,
                position,
                text: item.text.clone(),
                points: item.points,
                feedback: item.feedback.clone(),
            };
            items.push(row.into_active_model().reset_all());
        }
    }
    if !references.is_empty() {
        reference_answer::Entity::insert_many(references)
            .exec_without_returning(tx)
            .await?;
    }
    if !criteria.is_empty() {
        rubric_criterion::Entity::insert_many(criteria)
            .exec_without_returning(tx)
            .await?;
    }
    if !items.is_empty() {
        rubric_item::Entity::insert_many(items)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

//! Making stored runs again: the same decisions, answers and model must give the same suggestions, to the bit.

use super::learning::{ExampleRef, Outcome};
use super::texts::{self, AnswerText};
use super::work::Taught;
use crate::entity::{grade, question, suggestion_run};
use crate::error::{AppError, AppResult};
use crate::grade::store::{learning as store, questions};
use crate::ids::{AnswerId, GradeId, QuestionId, RunId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::Question;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use std::sync::Arc;

/// A run, put together again from what is stored.
#[derive(Clone, Debug)]
pub struct Replay {
    pub run: RunId,
    pub model: String,
    pub target: i32,
    pub input_hash: String,
    pub question: Arc<Question>,
    /// The question was changed since, so that it may be another one.
    pub edited: bool,
    pub examples: Arc<Vec<Taught>>,
    pub answers: Vec<AnswerText>,
    pub outcome: Vec<Outcome>,
}

/// Something a run was made from has been deleted since.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// The next runs of a question (or of all) after the run `after`.
pub async fn replays(
    ctx: &Ctx,
    question: Option<QuestionId>,
    after: Option<RunId>,
    most: u64,
) -> AppResult<Vec<(RunId, Result<Replay, Gone>)>> {
    let mut found = Vec::new();
    for row in store::runs(ctx.db(), question, after, most).await? {
        found.push((row.id, again(ctx, row).await?));
    }
    Ok(found)
}

async fn again(ctx: &Ctx, row: suggestion_run::Model) -> AppResult<Result<Replay, Gone>> {
    let mut questions = questions::by_ids(ctx.db(), [row.question_id]).await?;
    let Some(question) = questions.remove(&row.question_id) else {
        return Ok(Err(Gone));
    };
    let stored = question::Entity::find_by_id(row.question_id).one(ctx.db()).await?;
    let edited = stored.is_some_and(|question| question.updated_at > row.made_at);
    let refs: Vec<ExampleRef> = serde_json::from_str(&row.examples).map_err(AppError::internal)?;
    let events: Vec<i64> = refs.iter().map(|example| example.1).collect();
    let said: HashMap<i64, store::Said> = store::events(ctx.db(), &events)
        .await?
        .into_iter()
        .map(|said| (said.id, said))
        .collect();
    let grades = grades(&row.answers)?;
    let mut answers_of: HashMap<GradeId, AnswerId> = HashMap::with_capacity(grades.len());
    for piece in grades.chunks(1000) {
        let rows = grade::Entity::find()
            .filter(grade::Column::Id.is_in(piece.to_vec()))
            .all(ctx.db())
            .await?;
        answers_of.extend(rows.into_iter().map(|row| (row.id, row.answer_id)));
    }
    let ids: Vec<AnswerId> = answers_of
        .values()
        .copied()
        .chain(said.values().map(|said| said.answer_id))
        .collect();
    let texts = texts::of(ctx, &ids).await?;
    let example = |example: &ExampleRef| {
        let said = said.get(&example.1).filter(|said| said.kind == "human")?;
        let detail: serde_json::Value = serde_json::from_str(&said.detail).ok()?;
        let points = Points(i32::try_from(detail["points"].as_i64()?).ok()?);
        Some(Taught {
            grade: example.0,
            answer: said.answer_id,
            event: example.1,
            points,
            share: points.part_of(question.points) as f32,
            text: texts.get(&said.answer_id)?.text.clone(),
        })
    };
    let examples: Option<Vec<Taught>> = refs.iter().map(example).collect();
    let answers: Option<Vec<AnswerText>> = grades
        .iter()
        .map(|id| texts.get(answers_of.get(id)?).cloned())
        .collect();
    let (Some(examples), Some(answers)) = (examples, answers) else {
        return Ok(Err(Gone));
    };
    Ok(Ok(Replay {
        run: row.id,
        model: row.model,
        target: row.target,
        input_hash: row.input_hash,
        edited,
        examples: Arc::new(examples),
        answers,
        question: Arc::new(question),
        outcome: serde_json::from_str(&row.outcome).map_err(AppError::internal)?,
    }))
}

/// The ids, written one after the other in 32 hexadecimal digits each.
fn grades(text: &str) -> AppResult<Vec<GradeId>> {
    let id = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).map_err(AppError::internal)?;
        uuid::Uuid::parse_str(digits).map(GradeId).map_err(AppError::internal)
    };
    text.as_bytes().chunks(32).map(id).collect()
}

/// A stored answer on which a model is tried.
#[derive(Clone, Debug)]
pub struct ShadowCase {
    pub grade: GradeId,
    pub assignment: crate::ids::AssignmentId,
    pub question: Arc<Question>,
    pub text: AnswerText,
    pub human: Option<Points>,
}

/// Up to `most` stored answers in free text, those that people decided about first; among equals a fixed, arbitrary choice.
pub async fn shadow_cases(ctx: &Ctx, most: u64) -> AppResult<Vec<ShadowCase>> {
    use sea_orm::{Order, QueryOrder, QuerySelect, sea_query::Expr};
    let rows = grade::Entity::find()
        .filter(grade::Column::MachineConfidence.is_not_null())
        .filter(grade::Column::Model.ne(crate::grade::model::NO_MODEL))
        .order_by(
            Expr::cust("CASE WHEN human_points IS NULL THEN 1 ELSE 0 END"),
            Order::Asc,
        )
        .order_by_asc(grade::Column::InputHash)
        .order_by_asc(grade::Column::Id)
        .limit(most)
        .all(ctx.db())
        .await?;
    let ids: Vec<AnswerId> = rows.iter().map(|row| row.answer_id).collect();
    let mut texts = texts::of(ctx, &ids).await?;
    let wanted = crate::grade::store::grades::distinct(rows.iter().map(|row| row.question_id));
    let questions: HashMap<QuestionId, Arc<Question>> = questions::by_ids(ctx.db(), wanted)
        .await?
        .into_iter()
        .map(|(id, question)| (id, Arc::new(question)))
        .collect();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(ShadowCase {
                grade: row.id,
                assignment: row.assignment_id,
                question: questions.get(&row.question_id)?.clone(),
                text: texts.remove(&row.answer_id)?,
                human: row.human_points,
            })
        })
        .collect())
}

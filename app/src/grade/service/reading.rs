//! From stored rows to what is read: answers with their suggestions and decisions, in a fixed number of queries.

use super::work::{file_of, value_of};
use crate::entity::{answer, file, grade};
use crate::error::AppResult;
use crate::grade::model::{
    AnswerView, Cursor, Decision, FileView, Human, Machine, NO_MODEL, OptionView, ReviewItem, ReviewState, label,
};
use crate::grade::store::{grades, groups, questions};
use crate::ids::{AnswerId, FileId, GradeId, QuestionId, UserId};
use crate::platform::Ctx;
use crate::question::model::{AnswerValue, ChoiceOption, Key, Question};
use std::collections::HashMap;

/// What several answers need to be shown.
pub(super) struct Material {
    pub answers: HashMap<AnswerId, answer::Model>,
    pub files: HashMap<FileId, file::Model>,
    pub questions: HashMap<QuestionId, Question>,
    pub names: HashMap<UserId, String>,
}

impl Material {
    pub async fn of(
        ctx: &Ctx,
        answers: HashMap<AnswerId, answer::Model>,
        rows: &[grade::Model],
    ) -> AppResult<Material> {
        let attached: Vec<FileId> = answers
            .values()
            .filter_map(|row| file_of(&value_of(&row.value)))
            .collect();
        let files = grades::files(ctx.db(), attached).await?;
        let questions = questions::by_ids(ctx.db(), answers.values().map(|row| row.question_id)).await?;
        let names = grades::names(ctx.db(), grades::distinct(rows.iter().filter_map(|row| row.human_by))).await?;
        Ok(Material {
            answers,
            files,
            questions,
            names,
        })
    }
}

/// Review items in the order of the rows, and the questions they belong to.
pub(super) async fn items(ctx: &Ctx, rows: Vec<grade::Model>) -> AppResult<(Vec<ReviewItem>, Vec<Question>)> {
    let answers = grades::answers(ctx.db(), rows.iter().map(|row| row.answer_id).collect()).await?;
    let material = Material::of(ctx, answers, &rows).await?;
    let alike = alike(ctx, &rows).await?;
    let ids: Vec<GradeId> = rows.iter().map(|row| row.id).collect();
    let sizes = groups::sizes(ctx.db(), &ids).await?;
    let item = |row: grade::Model| {
        let answer = material.answers.get(&row.answer_id)?;
        let question = material.questions.get(&row.question_id)?;
        let mut machine = machine(&row);
        for similar in machine.iter_mut().flat_map(|machine| &mut machine.evidence.similar) {
            similar.text = alike.get(&similar.grade).cloned().unwrap_or_default();
        }
        let mut view = answer_view(question, &value_of(&answer.value), &material.files, true);
        if let Some(file) = &mut view.file {
            // Students like to put their names there.
            file.name = "Attached file".into();
        }
        Some(ReviewItem {
            grade: row.id,
            version: row.version,
            label: label(row.id),
            question: row.question_id,
            answer: view,
            problem: machine.is_none().then(|| evidence(&row).why),
            machine,
            human: human(ctx, &row, &material.names),
            state: ReviewState::from_name(&row.review_state),
            settles: sizes
                .get(&row.id)
                .filter(|(_, n)| *n > 1)
                .map(|(group, n)| (*group, u32::try_from(*n).unwrap_or_default())),
            cursor: Cursor {
                order: row.review_order,
                grade: row.id,
            },
        })
    };
    let items = rows.into_iter().filter_map(item).collect();
    let mut questions: Vec<Question> = material.questions.into_values().collect();
    questions.sort_by_key(|question| question.position);
    Ok((items, questions))
}

/// The words of the graded answers that evidence points at.
async fn alike(ctx: &Ctx, rows: &[grade::Model]) -> AppResult<HashMap<GradeId, String>> {
    let ids = grades::distinct(
        rows.iter()
            .flat_map(|row| evidence(row).similar)
            .map(|similar| similar.grade),
    );
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = groups::rows(ctx.db(), &ids, false).await?;
    let answers: Vec<AnswerId> = found.iter().map(|row| row.answer_id).collect();
    let mut texts = super::texts::of(ctx, &answers).await?;
    Ok(found
        .iter()
        .filter_map(|row| Some((row.id, texts.remove(&row.answer_id)?.text)))
        .collect())
}

/// The suggestion; none when the machine could not make one.
pub(super) fn machine(row: &grade::Model) -> Option<Machine> {
    (row.model != NO_MODEL).then(|| Machine {
        points: row.machine_points,
        confidence: row.machine_confidence,
        decision: if row.machine_decision == Decision::Accept.name() {
            Decision::Accept
        } else {
            Decision::Review
        },
        reason: row.machine_reason.clone(),
        evidence: evidence(row),
        model: row.model.clone(),
    })
}

fn evidence(row: &grade::Model) -> crate::grade::model::Evidence {
    serde_json::from_str(&row.machine_evidence).unwrap_or_default()
}

pub(super) fn human(ctx: &Ctx, row: &grade::Model, names: &HashMap<UserId, String>) -> Option<Human> {
    let by = row
        .human_by
        .and_then(|id| names.get(&id).cloned())
        .unwrap_or_else(|| "somebody who has left".into());
    row.human_points.map(|points| Human {
        points,
        comment: row.human_comment.clone().unwrap_or_default(),
        by,
        at: ctx.moment(row.human_at.unwrap_or_default()),
    })
}

/// The answer as it is read; `with_key` also says which options are right.
pub(super) fn answer_view(
    question: &Question,
    value: &AnswerValue,
    files: &HashMap<FileId, file::Model>,
    with_key: bool,
) -> AnswerView {
    let chosen: &[u16] = match value {
        AnswerValue::Choice(chosen) => chosen,
        _ => &[],
    };
    let option = |place: usize, text: &str, correct: bool| OptionView {
        text: text.to_owned(),
        chosen: chosen.iter().any(|&i| usize::from(i) == place),
        correct: with_key.then_some(correct),
    };
    let options = |options: &[ChoiceOption]| {
        options
            .iter()
            .enumerate()
            .map(|(i, o)| option(i, &o.text, o.correct))
            .collect()
    };
    let file = file_of(value).and_then(|id| files.get(&id)).map(|row| FileView {
        id: row.id,
        name: row.name.clone(),
        text: row.extracted_text.clone().unwrap_or_default(),
    });
    AnswerView {
        text: value.text().to_owned(),
        options: match &question.key {
            Key::SingleChoice { options: list } | Key::MultipleChoice { options: list } => options(list),
            Key::TrueFalse { correct } => vec![option(0, "True", *correct), option(1, "False", !correct)],
            Key::ShortAnswer { .. } | Key::Numeric { .. } => Vec::new(),
        },
        file,
    }
}

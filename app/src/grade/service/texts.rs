//! The words that are graded: what was typed, and what could be read in the attached file.

use super::work::{file_of, value_of};
use crate::entity::answer;
use crate::error::AppResult;
use crate::grade::store::grades;
use crate::ids::{AnswerId, FileId};
use crate::platform::Ctx;
use crate::question::model::AnswerValue;
use std::collections::HashMap;

/// Answers loaded in one query.
const PIECE: usize = 1000;
/// Bytes of an answer that are handed to the grader: far more than it reads, and it says when it has not read all.
const MOST_BYTES: usize = 250_000;

/// An answer as the grader reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerText {
    pub text: String,
    /// Whether `text` is more than what was typed; then evidence has to carry it.
    pub from_file: bool,
}

impl AnswerText {
    /// From the stored value and what was read in its file; of a very long one the beginning.
    pub fn of(value: &AnswerValue, attached: Option<&str>) -> AnswerText {
        let (typed, attached) = (value.text(), attached.unwrap_or_default());
        let mut text = match (typed.trim().is_empty(), attached.trim().is_empty()) {
            (_, true) => typed.to_owned(),
            (true, false) => attached.to_owned(),
            (false, false) => format!("{typed}\n\n{attached}"),
        };
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        AnswerText {
            text,
            from_file: !attached.trim().is_empty(),
        }
    }
}

/// The words of these answers.
pub(super) async fn of(ctx: &Ctx, ids: &[AnswerId]) -> AppResult<HashMap<AnswerId, AnswerText>> {
    let mut texts = HashMap::with_capacity(ids.len());
    for piece in ids.chunks(PIECE) {
        let answers = grades::answers(ctx.db(), piece.to_vec()).await?;
        texts.extend(of_rows(ctx, answers.values()).await?);
    }
    Ok(texts)
}

async fn of_rows(ctx: &Ctx, rows: impl Iterator<Item = &answer::Model>) -> AppResult<Vec<(AnswerId, AnswerText)>> {
    let values: Vec<(AnswerId, AnswerValue)> = rows.map(|row| (row.id, value_of(&row.value))).collect();
    let attached: Vec<FileId> = values.iter().filter_map(|(_, value)| file_of(value)).collect();
    let files = grades::files(ctx.db(), attached).await?;
    let text = |(id, value): &(AnswerId, AnswerValue)| {
        let file = file_of(value)
            .and_then(|id| files.get(&id))
            .and_then(|file| file.extracted_text.as_deref());
        (*id, AnswerText::of(value, file))
    };
    Ok(values.iter().map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_very_long_file_the_beginning_is_graded() {
        let value = AnswerValue::Text("Typed.".into());
        let file = "ä".repeat(MOST_BYTES);
        let text = AnswerText::of(&value, Some(&file));
        assert!(text.from_file && text.text.starts_with("Typed.\n\nää"));
        assert!((MOST_BYTES - 1..=MOST_BYTES).contains(&text.text.len()));
    }
}

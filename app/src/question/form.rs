//! A question as typed into its form. Empty rows are left out, so that a page can offer spare ones.

use super::content::{CriterionContent, ItemContent, QuestionContent, Rows};
use super::model::{ChoiceOption, Key, Question, QuestionKind};
use crate::error::FieldError;
use crate::points::Points;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionForm {
    pub prompt: String,
    pub points: String,
    pub options: Vec<OptionForm>,
    /// Single choice: the row of the right option. True/false: `true` or `false`.
    pub correct: String,
    pub value: String,
    pub tolerance: String,
    pub unit: String,
    /// Anything but empty is yes.
    pub allow_file: String,
    pub references: Vec<String>,
    pub rubric: Vec<CriterionForm>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptionForm {
    pub text: String,
    /// Multiple choice: anything but empty is right.
    pub correct: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CriterionForm {
    pub id: String,
    pub title: String,
    pub points: String,
    pub items: Vec<ItemForm>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemForm {
    pub id: String,
    pub text: String,
    pub points: String,
    pub feedback: String,
}

fn blank(texts: &[&str]) -> bool {
    texts.iter().all(|text| text.trim().is_empty())
}

impl ItemForm {
    fn is_blank(&self) -> bool {
        blank(&[&self.text, &self.points, &self.feedback])
    }
}

impl CriterionForm {
    fn is_blank(&self) -> bool {
        blank(&[&self.title, &self.points]) && self.items.iter().all(ItemForm::is_blank)
    }
}

/// Reads points and remembers what could not be read.
#[derive(Default)]
struct Reader {
    errors: Vec<FieldError>,
    rubric_unread: bool,
}

impl Reader {
    fn points(&mut self, field: String, typed: &str) -> Points {
        typed.parse().unwrap_or_else(|error: crate::points::PointsError| {
            self.rubric_unread |= field.starts_with("rubric") || field == "points";
            self.errors.push(FieldError {
                field,
                message: error.to_string(),
            });
            Points(100) // any: with an error the content is not used
        })
    }
}

impl QuestionForm {
    /// Reads and checks the form of a question of this kind.
    pub fn read(&self, kind: QuestionKind) -> Result<QuestionContent, Vec<FieldError>> {
        let (mut reader, mut rows) = (Reader::default(), Rows::default());
        let points = reader.points("points".into(), &self.points);
        let key = self.key(kind, &mut rows, &mut reader.errors);
        let (references, rubric) = match kind {
            QuestionKind::ShortAnswer => (
                self.read_references(&mut rows),
                self.read_rubric(&mut rows, &mut reader),
            ),
            _ => Default::default(),
        };
        let content = QuestionContent {
            prompt: self.prompt.clone(),
            points,
            key,
            references,
            rubric,
        }
        .tidy();
        let Reader {
            mut errors,
            rubric_unread,
        } = reader;
        for error in content.check_rows(&rows) {
            // Sums of points that could not be read say nothing.
            let of_sums =
                error.field == "rubric" || (error.field.starts_with("rubric") && error.field.ends_with("-points"));
            let known = errors
                .iter()
                .any(|known| known.field == error.field && known.field == "points");
            let unfounded = rubric_unread && of_sums;
            if !known && !unfounded {
                errors.push(error);
            }
        }
        if errors.is_empty() { Ok(content) } else { Err(errors) }
    }

    /// Whether saving the one would store the same as saving the other.
    pub fn says_the_same(&self, other: &QuestionForm, kind: QuestionKind) -> bool {
        match (self.read(kind), other.read(kind)) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), Err(_)) => self == other,
            _ => false,
        }
    }

    fn key(&self, kind: QuestionKind, rows: &mut Rows, errors: &mut Vec<FieldError>) -> Key {
        let mut options = |single: bool| {
            let mut kept = Vec::new();
            for (row, option) in self
                .options
                .iter()
                .enumerate()
                .filter(|(_, option)| !blank(&[&option.text]))
            {
                let correct = if single {
                    self.correct == row.to_string()
                } else {
                    !option.correct.is_empty()
                };
                kept.push(ChoiceOption {
                    text: option.text.clone(),
                    correct,
                });
                rows.options.push(row);
            }
            kept
        };
        match kind {
            QuestionKind::ShortAnswer => Key::ShortAnswer {
                allow_file: !self.allow_file.is_empty(),
            },
            QuestionKind::SingleChoice => Key::SingleChoice { options: options(true) },
            QuestionKind::MultipleChoice => Key::MultipleChoice {
                options: options(false),
            },
            QuestionKind::TrueFalse => {
                if !matches!(self.correct.as_str(), "true" | "false") {
                    errors.push(FieldError {
                        field: "correct".into(),
                        message: "Choose whether the statement is true or false.".into(),
                    });
                }
                Key::TrueFalse {
                    correct: self.correct == "true",
                }
            }
            QuestionKind::Numeric => {
                let tolerance = if blank(&[&self.tolerance]) {
                    "0"
                } else {
                    &self.tolerance
                };
                Key::Numeric {
                    value: self.value.clone(),
                    tolerance: tolerance.into(),
                    unit: self.unit.clone(),
                }
            }
        }
    }

    fn read_references(&self, rows: &mut Rows) -> Vec<String> {
        let kept = self.references.iter().enumerate().filter(|(_, text)| !blank(&[text]));
        kept.map(|(row, text)| {
            rows.references.push(row);
            text.clone()
        })
        .collect()
    }

    fn read_rubric(&self, rows: &mut Rows, reader: &mut Reader) -> Vec<CriterionContent> {
        let mut rubric = Vec::new();
        for (row, criterion) in self
            .rubric
            .iter()
            .enumerate()
            .filter(|(_, criterion)| !criterion.is_blank())
        {
            let (mut items, mut item_rows) = (Vec::new(), Vec::new());
            for (item_row, item) in criterion.items.iter().enumerate().filter(|(_, item)| !item.is_blank()) {
                items.push(ItemContent {
                    id: item.id.parse().ok(),
                    text: item.text.clone(),
                    points: reader.points(format!("rubric-{row}-items-{item_row}-points"), &item.points),
                    feedback: item.feedback.clone(),
                });
                item_rows.push(item_row);
            }
            let points = reader.points(format!("rubric-{row}-points"), &criterion.points);
            rubric.push(CriterionContent {
                id: criterion.id.parse().ok(),
                title: criterion.title.clone(),
                points,
                items,
            });
            rows.criteria.push((row, item_rows));
        }
        rubric
    }
}

impl From<&Question> for QuestionForm {
    /// What the form shows to begin with.
    fn from(question: &Question) -> Self {
        let mut form = QuestionForm {
            prompt: question.prompt.clone(),
            points: question.points.to_string(),
            references: question.references.clone(),
            tolerance: "0".into(),
            ..QuestionForm::default()
        };
        let mark = |on: bool| if on { "on".to_owned() } else { String::new() };
        match &question.key {
            Key::ShortAnswer { allow_file } => form.allow_file = mark(*allow_file),
            Key::SingleChoice { options } | Key::MultipleChoice { options } => {
                let right = options.iter().position(|option| option.correct);
                form.correct = right.map(|row| row.to_string()).unwrap_or_default();
                form.options = options
                    .iter()
                    .map(|option| OptionForm {
                        text: option.text.clone(),
                        correct: mark(option.correct),
                    })
                    .collect();
            }
            Key::TrueFalse { correct } => form.correct = correct.to_string(),
            Key::Numeric { value, tolerance, unit } => {
                (form.value, form.tolerance, form.unit) = (value.clone(), tolerance.clone(), unit.clone());
            }
        }
        for criterion in &question.rubric {
            let item = |item: &super::model::RubricItem| ItemForm {
                id: item.id.to_string(),
                text: item.text.clone(),
                points: item.points.to_string(),
                feedback: item.feedback.clone(),
            };
            form.rubric.push(CriterionForm {
                id: criterion.id.to_string(),
                title: criterion.title.clone(),
                points: criterion.points.to_string(),
                items: criterion.items.iter().map(item).collect(),
            });
        }
        form
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;

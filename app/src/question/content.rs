//! A question as a teacher writes it, and everything that can be wrong with it.
//!
//! Field names in errors are those of the form: `prompt`, `options-0-text`, `rubric-1-items-0-points`; the number is the row.

use super::model::{ChoiceOption, Criterion, Key, Question, RubricItem};
use super::rules;
use crate::assignment::text;
use crate::error::FieldError;
use crate::ids::{CriterionId, RubricItemId};
use crate::points::{MAX_POINTS, Points};
use serde::{Deserialize, Serialize};

pub const MAX_PROMPT: usize = 20_000;
pub const MAX_OPTIONS: usize = 20;
pub const MAX_REFERENCES: usize = 20;
pub const MAX_REFERENCE: usize = 5_000;
pub const MAX_CRITERIA: usize = 12;
pub const MAX_ITEMS: usize = 20;
const MAX_LINE: usize = 1_000;
const MAX_TITLE: usize = 200;

/// A question without its id and place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuestionContent {
    pub prompt: String,
    pub points: Points,
    pub key: Key,
    /// Answers worth full points; short answers only.
    #[serde(default)]
    pub references: Vec<String>,
    /// Short answers only; the points of the criteria add up to those of the question.
    #[serde(default)]
    pub rubric: Vec<CriterionContent>,
}

/// A criterion; with the id it had, it stays the same criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CriterionContent {
    #[serde(default)]
    pub id: Option<CriterionId>,
    pub title: String,
    pub points: Points,
    #[serde(default)]
    pub items: Vec<ItemContent>,
}

/// One thing an answer may say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ItemContent {
    #[serde(default)]
    pub id: Option<RubricItemId>,
    pub text: String,
    pub points: Points,
    #[serde(default)]
    pub feedback: String,
}

/// In which row of the form each thing stood, since empty rows are left out. Without a form, things count from 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub options: Vec<usize>,
    pub references: Vec<usize>,
    pub criteria: Vec<(usize, Vec<usize>)>,
}

impl Rows {
    fn option(&self, i: usize) -> usize {
        self.options.get(i).copied().unwrap_or(i)
    }

    fn reference(&self, i: usize) -> usize {
        self.references.get(i).copied().unwrap_or(i)
    }

    fn criterion(&self, i: usize) -> usize {
        self.criteria.get(i).map_or(i, |(row, _)| *row)
    }

    fn item(&self, criterion: usize, i: usize) -> usize {
        self.criteria
            .get(criterion)
            .and_then(|(_, items)| items.get(i).copied())
            .unwrap_or(i)
    }
}

/// Collects what is wrong.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    fn maybe(&mut self, field: impl Into<String>, message: Option<String>) {
        if let Some(message) = message {
            self.add(field, message);
        }
    }
}

impl QuestionContent {
    /// What a new question of this kind begins with; it still needs its text.
    pub fn blank(kind: super::model::QuestionKind) -> QuestionContent {
        use super::model::QuestionKind as Kind;
        let key = match kind {
            Kind::ShortAnswer => Key::ShortAnswer { allow_file: false },
            Kind::SingleChoice => Key::SingleChoice { options: Vec::new() },
            Kind::MultipleChoice => Key::MultipleChoice { options: Vec::new() },
            Kind::TrueFalse => Key::TrueFalse { correct: true },
            Kind::Numeric => Key::Numeric {
                value: String::new(),
                tolerance: "0".into(),
                unit: String::new(),
            },
        };
        QuestionContent {
            prompt: String::new(),
            points: Points(100),
            key,
            references: Vec::new(),
            rubric: Vec::new(),
        }
    }

    /// Everything that is wrong, at once.
    pub fn check(&self) -> Vec<FieldError> {
        self.check_rows(&Rows::default())
    }

    pub(super) fn check_rows(&self, rows: &Rows) -> Vec<FieldError> {
        let mut errors = Errors::default();
        errors.maybe("prompt", text::required("The question", &self.prompt, MAX_PROMPT));
        if self.points <= Points::ZERO || self.points > MAX_POINTS {
            errors.add("points", "A question is worth more than 0 and at most 10,000 points.");
        }
        match &self.key {
            Key::SingleChoice { options } => check_options(options, true, rows, &mut errors),
            Key::MultipleChoice { options } => check_options(options, false, rows, &mut errors),
            Key::Numeric { value, tolerance, unit } => check_number(value, tolerance, unit, &mut errors),
            Key::TrueFalse { .. } => {}
            Key::ShortAnswer { .. } => {
                self.check_references(rows, &mut errors);
                self.check_rubric(rows, &mut errors);
            }
        }
        let has_material = !self.references.is_empty() || !self.rubric.is_empty();
        if has_material && !matches!(self.key, Key::ShortAnswer { .. }) {
            errors.add("references", "Only short answers have reference answers and a rubric.");
        }
        errors.0
    }

    fn check_references(&self, rows: &Rows, errors: &mut Errors) {
        if self.references.len() > MAX_REFERENCES {
            errors.add(
                "references",
                format!("A question has at most {MAX_REFERENCES} reference answers."),
            );
        }
        for (i, reference) in self.references.iter().enumerate() {
            errors.maybe(
                format!("references-{}", rows.reference(i)),
                text::required("The reference answer", reference, MAX_REFERENCE),
            );
        }
    }

    fn check_rubric(&self, rows: &Rows, errors: &mut Errors) {
        if self.rubric.len() > MAX_CRITERIA {
            errors.add("rubric", format!("A rubric has at most {MAX_CRITERIA} criteria."));
        }
        for (i, criterion) in self.rubric.iter().enumerate() {
            let field = format!("rubric-{}", rows.criterion(i));
            errors.maybe(
                format!("{field}-title"),
                text::required("The name of the criterion", &criterion.title, MAX_TITLE),
            );
            if criterion.points <= Points::ZERO || criterion.points > MAX_POINTS {
                errors.add(format!("{field}-points"), "A criterion is worth more than 0 points.");
            }
            if criterion.items.len() > MAX_ITEMS {
                errors.add(
                    format!("{field}-title"),
                    format!("A criterion has at most {MAX_ITEMS} items."),
                );
            }
            for (j, item) in criterion.items.iter().enumerate() {
                let field = format!("{field}-items-{}", rows.item(i, j));
                errors.maybe(
                    format!("{field}-text"),
                    text::required("What the answer should say", &item.text, MAX_LINE),
                );
                errors.maybe(
                    format!("{field}-feedback"),
                    text::optional("The feedback", &item.feedback, MAX_LINE),
                );
                if item.points < Points::ZERO || item.points > MAX_POINTS {
                    errors.add(format!("{field}-points"), "Points must lie between 0 and 10,000.");
                }
            }
            let items: Points = criterion.items.iter().map(|item| item.points).sum();
            if !criterion.items.is_empty() && items != criterion.points {
                let message = format!(
                    "The items of “{}” add up to {}, but the criterion is worth {}. Change one so that both agree.",
                    criterion.title,
                    points_words(items),
                    points_words(criterion.points),
                );
                errors.add(format!("{field}-points"), message);
            }
        }
        let sum: Points = self.rubric.iter().map(|criterion| criterion.points).sum();
        if !self.rubric.is_empty() && sum != self.points {
            let message = format!(
                "The criteria add up to {}, but the question is worth {}. Change one so that both agree.",
                points_words(sum),
                points_words(self.points),
            );
            errors.add("rubric", message);
        }
    }

    pub fn tidy(mut self) -> Self {
        self.prompt = text::tidy(&self.prompt);
        match &mut self.key {
            Key::SingleChoice { options } | Key::MultipleChoice { options } => {
                options
                    .iter_mut()
                    .for_each(|option| option.text = text::tidy_line(&option.text));
            }
            Key::Numeric { value, tolerance, unit } => {
                for part in [value, tolerance, unit] {
                    *part = text::tidy_line(part);
                }
            }
            Key::ShortAnswer { .. } | Key::TrueFalse { .. } => {}
        }
        self.references
            .iter_mut()
            .for_each(|reference| *reference = text::tidy(reference));
        for criterion in &mut self.rubric {
            criterion.title = text::tidy_line(&criterion.title);
            for item in &mut criterion.items {
                item.text = text::tidy_line(&item.text);
                item.feedback = text::tidy_line(&item.feedback);
            }
        }
        self
    }

    /// Whether a change from `old` may change what answers earn.
    pub fn grades_differently_from(&self, old: &QuestionContent) -> bool {
        let bare = |content: &QuestionContent| {
            let mut content = content.clone();
            for criterion in &mut content.rubric {
                criterion.id = None;
                for item in &mut criterion.items {
                    item.id = None;
                }
            }
            if let Key::ShortAnswer { allow_file } = &mut content.key {
                *allow_file = false; // lets more answers in, grades none differently
            }
            content
        };
        let (mut new, old) = (bare(self), bare(old));
        if !matches!(new.key, Key::ShortAnswer { .. }) {
            new.prompt.clone_from(&old.prompt); // exact rules never read the question
        }
        new != old
    }

    /// Whether every option of `old` is still in its place: answers are stored as places.
    pub fn keeps_places_of(&self, old: &QuestionContent) -> bool {
        let (Some(old), Some(new)) = (old.options(), self.options()) else {
            return true;
        };
        let moved = |(i, option): (usize, &ChoiceOption)| {
            new[i].text != option.text
                && (new.iter().any(|other| other.text == option.text)
                    || old.iter().any(|other| other.text == new[i].text))
        };
        new.len() >= old.len() && !old.iter().enumerate().any(moved)
    }

    fn options(&self) -> Option<&[ChoiceOption]> {
        match &self.key {
            Key::SingleChoice { options } | Key::MultipleChoice { options } => Some(options),
            _ => None,
        }
    }

    /// Something to know before publishing that is not an error.
    pub fn warning(&self) -> Option<&'static str> {
        let bare = matches!(self.key, Key::ShortAnswer { .. }) && self.references.is_empty() && self.rubric.is_empty();
        bare.then_some("Without a reference answer or a rubric the machine cannot suggest points: a person will review every answer.")
    }
}

fn check_options(options: &[ChoiceOption], single: bool, rows: &Rows, errors: &mut Errors) {
    if options.len() < 2 {
        errors.add("options", "Give at least two options.");
    }
    if options.len() > MAX_OPTIONS {
        errors.add("options", format!("A question has at most {MAX_OPTIONS} options."));
    }
    for (i, option) in options.iter().enumerate() {
        let field = format!("options-{}-text", rows.option(i));
        errors.maybe(&field, text::required("The option", &option.text, MAX_LINE));
        if let Some(twin) = options[..i]
            .iter()
            .position(|other| other.text.trim() == option.text.trim())
        {
            errors.add(&field, format!("This is the same as option {}.", rows.option(twin) + 1));
        }
    }
    match (options.iter().filter(|option| option.correct).count(), single) {
        (0, true) => errors.add("options", "Mark the right option."),
        (0, false) => errors.add("options", "Mark at least one right option."),
        (1, _) | (_, false) => {}
        (_, true) => errors.add(
            "options",
            "Mark only one option as right, or make this a multiple-choice question.",
        ),
    }
}

fn check_number(value: &str, tolerance: &str, unit: &str, errors: &mut Errors) {
    if value.trim().is_empty() {
        errors.add("value", "Give the right number.");
    } else if rules::number(value).is_none() || value.len() > 60 {
        errors.add(
            "value",
            "This could not be read as a number. Write it as 3.14 or -2e-3.",
        );
    }
    match rules::number(tolerance) {
        Some(tolerance) if tolerance >= 0.0 => {}
        Some(_) => errors.add("tolerance", "A tolerance is 0 or more."),
        None => errors.add(
            "tolerance",
            "This could not be read as a number. Write 0 to accept only the exact value.",
        ),
    }
    errors.maybe("unit", text::optional("The unit", unit, 40));
}

fn points_words(points: Points) -> String {
    if points == Points(100) {
        "1 point".into()
    } else {
        format!("{points} points")
    }
}

impl From<&Question> for QuestionContent {
    fn from(question: &Question) -> Self {
        let item = |item: &RubricItem| ItemContent {
            id: Some(item.id),
            text: item.text.clone(),
            points: item.points,
            feedback: item.feedback.clone(),
        };
        let criterion = |criterion: &Criterion| CriterionContent {
            id: Some(criterion.id),
            title: criterion.title.clone(),
            points: criterion.points,
            items: criterion.items.iter().map(item).collect(),
        };
        QuestionContent {
            prompt: question.prompt.clone(),
            points: question.points,
            key: question.key.clone(),
            references: question.references.clone(),
            rubric: question.rubric.iter().map(criterion).collect(),
        }
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;

//! The form of a question while it is being typed: one signal per field, so that a failed save loses nothing.

use crate::error::AppError;
use crate::points::Points;
use crate::question::form::{CriterionForm, ItemForm, QuestionForm};
use leptos::prelude::*;

/// One text that is being typed.
pub type Text = RwSignal<String>;

/// A row that may be hidden: a spare one not asked for yet, or one that was removed.
#[derive(Clone)]
pub struct Row<T> {
    pub content: T,
    /// Empty and only for those without script, until somebody asks for another row.
    pub spare: RwSignal<bool>,
    pub gone: RwSignal<bool>,
}

impl<T> Row<T> {
    pub fn new(content: T, spare: bool) -> Self {
        Self {
            content,
            spare: RwSignal::new(spare),
            gone: RwSignal::new(false),
        }
    }
}

/// Rows in the order of the form; none is ever taken out, so that their numbers stay.
pub type Rows<T> = RwSignal<Vec<Row<T>>>;

#[derive(Clone, Copy)]
pub struct OptionRow {
    pub text: Text,
    pub correct: RwSignal<bool>,
}

#[derive(Clone)]
pub struct CriterionRow {
    pub id: String,
    pub title: Text,
    pub points: Text,
    pub items: Rows<ItemRow>,
}

#[derive(Clone)]
pub struct ItemRow {
    pub id: String,
    pub text: Text,
    pub points: Text,
    pub feedback: Text,
}

/// The whole form.
#[derive(Clone, Copy)]
pub struct Draft {
    pub prompt: Text,
    pub points: Text,
    pub options: Rows<OptionRow>,
    /// The row of the right option, or `true`/`false`.
    pub correct: Text,
    pub value: Text,
    pub tolerance: Text,
    pub unit: Text,
    pub allow_file: RwSignal<bool>,
    pub references: Rows<Text>,
    pub rubric: Rows<CriterionRow>,
    pub error: Signal<Option<AppError>>,
}

fn text(text: impl Into<String>) -> Text {
    RwSignal::new(text.into())
}

/// The given rows, then spare ones: at least `least` in sight, and two more for those without script.
fn rows<T, S>(given: Vec<S>, least: usize, spare: usize, make: impl Fn(Option<S>) -> T) -> Rows<T>
where
    Row<T>: Send + Sync + 'static,
{
    let shown = given.len().max(least);
    let mut rows: Vec<Row<T>> = given.into_iter().map(|one| Row::new(make(Some(one)), false)).collect();
    while rows.len() < shown + spare {
        let hidden = rows.len() >= shown;
        rows.push(Row::new(make(None), hidden));
    }
    RwSignal::new(rows)
}

pub fn option_row(text_of: String, correct: bool) -> OptionRow {
    OptionRow {
        text: text(text_of),
        correct: RwSignal::new(correct),
    }
}

pub fn item_row(item: Option<ItemForm>) -> ItemRow {
    let item = item.unwrap_or_default();
    ItemRow {
        id: item.id,
        text: text(item.text),
        points: text(item.points),
        feedback: text(item.feedback),
    }
}

pub fn criterion_row(criterion: Option<CriterionForm>) -> CriterionRow {
    let criterion = criterion.unwrap_or_default();
    CriterionRow {
        id: criterion.id,
        title: text(criterion.title),
        points: text(criterion.points),
        items: rows(criterion.items, 1, 1, item_row),
    }
}

impl Draft {
    pub fn new(form: QuestionForm, error: Signal<Option<AppError>>) -> Draft {
        Draft {
            prompt: text(form.prompt),
            points: text(form.points),
            options: rows(form.options, 4, 2, |option| {
                let option = option.unwrap_or_default();
                option_row(option.text, !option.correct.is_empty())
            }),
            correct: text(form.correct),
            value: text(form.value),
            tolerance: text(form.tolerance),
            unit: text(form.unit),
            allow_file: RwSignal::new(!form.allow_file.is_empty()),
            references: rows(form.references, 1, 2, |reference| text(reference.unwrap_or_default())),
            rubric: rows(form.rubric, 0, 1, criterion_row),
            error,
        }
    }

    /// What is wrong with one field.
    pub fn wrong(self, field: impl Into<String>) -> Signal<Option<String>> {
        let field = field.into();
        Signal::derive(move || {
            self.error
                .with(|error| error.as_ref().and_then(|error| error.for_field(&field)))
        })
    }

    /// Points of the criteria in sight; none when one is not a number yet.
    pub fn rubric_sum(self) -> Option<Points> {
        let typed = self
            .rubric
            .with(|rows| rows.iter().map(|row| row.content.points).collect::<Vec<_>>());
        sum(typed)
    }
}

/// The sum of what is typed; empty fields count nothing.
pub fn sum(typed: impl IntoIterator<Item = Text>) -> Option<Points> {
    typed
        .into_iter()
        .map(|points| {
            points.with(|text| {
                if text.trim().is_empty() {
                    Some(Points::ZERO)
                } else {
                    text.parse().ok()
                }
            })
        })
        .sum()
}

/// Writes what is typed into its signal, and leaves the signal alone when it holds that already.
pub fn write(signal: Text) -> Callback<String> {
    Callback::new(move |typed: String| {
        if signal.with_untracked(|held| *held != typed) {
            signal.set(typed);
        }
    })
}

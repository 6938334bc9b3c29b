//! The form of a question while it is being typed: one signal per field, so that a failed save loses nothing.

use crate::error::AppError;
use crate::points::Points;
use crate::question::form::{CriterionForm, ItemForm, OptionForm, QuestionForm};
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
    pub id: Text,
    pub title: Text,
    pub points: Text,
    pub items: Rows<ItemRow>,
}

#[derive(Clone)]
pub struct ItemRow {
    pub id: Text,
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

/// Options in sight to begin with.
const OPTIONS: usize = 4;

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

/// The rows in sight with their numbers, as they are typed now.
fn typed<T, S>(rows: Rows<T>, read: impl Fn(&T) -> S) -> Vec<(usize, S)>
where
    Row<T>: Send + Sync + 'static,
{
    rows.with(|rows| {
        let kept = rows.iter().enumerate().filter(|(_, row)| !row.gone.get());
        kept.map(|(number, row)| (number, read(&row.content))).collect()
    })
}

/// The rows without their numbers; empty ones at the end are none.
fn texts<S: Default + PartialEq>(rows: Vec<(usize, S)>) -> Vec<S> {
    let mut texts: Vec<S> = rows.into_iter().map(|(_, text)| text).collect();
    while texts.last().is_some_and(|text| *text == S::default()) {
        texts.pop();
    }
    texts
}

/// Writes other texts into the rows; there may be more or fewer of them. At least `least` stay in sight.
fn refill<T, S: Default>(rows: Rows<T>, given: Vec<S>, least: usize, make: impl Fn(Option<S>) -> T, put: impl Fn(&T, S))
where
    Row<T>: Clone + Send + Sync + 'static,
{
    let mut given = given.into_iter();
    for (place, row) in rows.get_untracked().iter().enumerate() {
        match given.next() {
            Some(one) => {
                put(&row.content, one);
                row.spare.set(false);
                row.gone.set(false);
            }
            None => {
                put(&row.content, S::default());
                if !row.spare.get_untracked() {
                    row.gone.set(place >= least);
                }
            }
        }
    }
    let more: Vec<Row<T>> = given.map(|one| Row::new(make(Some(one)), false)).collect();
    if !more.is_empty() {
        rows.update(|rows| rows.extend(more));
    }
}

fn put_item(row: &ItemRow, item: ItemForm) {
    row.id.set(item.id);
    row.text.set(item.text);
    row.points.set(item.points);
    row.feedback.set(item.feedback);
}

fn put_criterion(row: &CriterionRow, criterion: CriterionForm) {
    row.id.set(criterion.id);
    row.title.set(criterion.title);
    row.points.set(criterion.points);
    refill(row.items, criterion.items, 1, item_row, put_item);
}

/// How a form says that something is ticked.
fn tick(on: bool) -> String {
    if on { "on".into() } else { String::new() }
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
        id: text(item.id),
        text: text(item.text),
        points: text(item.points),
        feedback: text(item.feedback),
    }
}

pub fn criterion_row(criterion: Option<CriterionForm>) -> CriterionRow {
    let criterion = criterion.unwrap_or_default();
    CriterionRow {
        id: text(criterion.id),
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
            options: rows(form.options, OPTIONS, 2, |option| {
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

    /// The form as it is typed now.
    pub fn form(self) -> QuestionForm {
        let options = typed(self.options, |row| OptionForm {
            text: row.text.get(),
            correct: tick(row.correct.get()),
        });
        // The right row moves up with those before it that were removed.
        let correct = self.correct.get();
        let correct = match correct.parse::<usize>() {
            Ok(right) => options
                .iter()
                .position(|(number, _)| *number == right)
                .map(|place| place.to_string())
                .unwrap_or_default(),
            Err(_) => correct,
        };
        let item = |row: &ItemRow| ItemForm {
            id: row.id.get(),
            text: row.text.get(),
            points: row.points.get(),
            feedback: row.feedback.get(),
        };
        QuestionForm {
            prompt: self.prompt.get(),
            points: self.points.get(),
            options: texts(options),
            correct,
            value: self.value.get(),
            tolerance: self.tolerance.get(),
            unit: self.unit.get(),
            allow_file: tick(self.allow_file.get()),
            references: texts(typed(self.references, |text| text.get())),
            rubric: texts(typed(self.rubric, |row| CriterionForm {
                id: row.id.get(),
                title: row.title.get(),
                points: row.points.get(),
                items: texts(typed(row.items, item)),
            })),
        }
    }

    /// Writes another form into the fields.
    pub fn fill(self, form: QuestionForm) {
        self.prompt.set(form.prompt);
        self.points.set(form.points);
        self.correct.set(form.correct);
        self.value.set(form.value);
        self.tolerance.set(form.tolerance);
        self.unit.set(form.unit);
        self.allow_file.set(!form.allow_file.is_empty());
        let make = |option: Option<OptionForm>| {
            let option = option.unwrap_or_default();
            option_row(option.text, !option.correct.is_empty())
        };
        refill(self.options, form.options, OPTIONS, make, |row, option| {
            row.text.set(option.text);
            row.correct.set(!option.correct.is_empty());
        });
        let make = |reference: Option<String>| text(reference.unwrap_or_default());
        refill(self.references, form.references, 1, make, |row, reference| {
            row.set(reference);
        });
        refill(self.rubric, form.rubric, 0, criterion_row, put_criterion);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(id: &str) -> ItemForm {
        ItemForm {
            id: id.into(),
            text: format!("says {id}"),
            points: "1".into(),
            feedback: String::new(),
        }
    }

    fn criterion(id: &str, items: &[&str]) -> CriterionForm {
        CriterionForm {
            id: id.into(),
            title: format!("about {id}"),
            points: "1".into(),
            items: items.iter().map(|id| item(id)).collect(),
        }
    }

    fn options(given: &[&str]) -> Vec<OptionForm> {
        let option = |text: &&str| OptionForm {
            text: (*text).into(),
            correct: String::new(),
        };
        given.iter().map(option).collect()
    }

    fn draft(form: QuestionForm) -> Draft {
        Draft::new(form, Signal::stored(None))
    }

    #[test]
    fn a_form_is_read_as_it_was_filled() {
        let owner = Owner::new();
        owner.with(|| {
            let stored = QuestionForm {
                prompt: "Why?".into(),
                points: "2".into(),
                tolerance: "0".into(),
                references: vec!["Because.".into()],
                rubric: vec![criterion("a", &["a1", "a2"]), criterion("b", &["b1"])],
                ..QuestionForm::default()
            };
            let form = draft(stored.clone());
            assert_eq!(form.form(), stored);
            // Fewer of some, more of others, and other ids in the same places.
            let typed = QuestionForm {
                prompt: "Why not?".into(),
                references: vec![
                    "So.".into(),
                    "Thus.".into(),
                    String::new(),
                    "Hence.".into(),
                    "Then.".into(),
                ],
                rubric: vec![criterion("b", &["b1", "b2", "b3"])],
                allow_file: "on".into(),
                ..stored.clone()
            };
            form.fill(typed.clone());
            assert_eq!(form.form(), typed);
            form.fill(stored.clone());
            assert_eq!(form.form(), stored);
        });
    }

    #[test]
    fn the_right_option_stays_right_when_one_before_it_is_removed() {
        let owner = Owner::new();
        owner.with(|| {
            let form = draft(QuestionForm {
                options: options(&["red", "green", "blue"]),
                correct: "2".into(),
                ..QuestionForm::default()
            });
            form.options.with_untracked(|rows| {
                rows[0].content.text.set(String::new());
                rows[0].gone.set(true);
            });
            let typed = form.form();
            assert_eq!(
                (typed.options.clone(), typed.correct.as_str()),
                (options(&["green", "blue"]), "1")
            );
            let again = draft(QuestionForm::default());
            again.fill(typed.clone());
            assert_eq!(again.form(), typed);
        });
    }

    proptest! {
        #[test]
        fn any_number_of_rows_comes_back(before in prop::collection::vec("[a-z]{0,3}", 0..7), after in prop::collection::vec("[a-z]{0,3}", 0..9)) {
            let owner = Owner::new();
            owner.with(|| {
                let of = |texts: &[String]| QuestionForm {
                    options: options(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
                    references: texts.to_vec(),
                    ..QuestionForm::default()
                };
                let form = draft(of(&before));
                form.fill(of(&after));
                let filled = form.form();
                let whole = |mut texts: Vec<String>| {
                    while texts.last().is_some_and(String::is_empty) {
                        texts.pop();
                    }
                    texts
                };
                assert_eq!(filled.references, whole(after.clone()));
                assert_eq!(filled.options.into_iter().map(|option| option.text).collect::<Vec<_>>(), whole(after.clone()));
            });
        }
    }
}

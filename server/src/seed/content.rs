//! The demo institution's files in `server/seed`, read into types. Their format is described in the README there.

use app::points::Points;
use app::question::content::{CriterionContent, ItemContent, QuestionContent};
use app::question::model::{AnswerValue, ChoiceOption, Key};
use serde::Deserialize;
use std::collections::BTreeMap;

pub const INSTITUTION: &str = include_str!("../../seed/institution.json");
/// In the order in which a course meets them.
pub const ASSIGNMENTS: [&str; 3] = [
    include_str!("../../seed/assignments/cell-biology-midterm.json"),
    include_str!("../../seed/assignments/networks-and-systems.json"),
    include_str!("../../seed/assignments/data-structures.json"),
];

#[derive(Deserialize)]
pub struct Institution {
    pub name: String,
    pub time_zone: String,
    pub administrator: Person,
    pub teachers: Vec<Person>,
    pub students: Vec<Person>,
    pub courses: Vec<Course>,
    pub demo_logins: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub struct Person {
    pub name: String,
    pub email: String,
}

#[derive(Deserialize)]
pub struct Course {
    pub code: String,
    pub title: String,
    pub term: String,
    pub description: String,
    pub teachers: Vec<String>,
    #[serde(default)]
    pub assistants: Vec<String>,
    pub students: Vec<String>,
}

#[derive(Deserialize)]
pub struct Assignment {
    pub state: State,
    pub course: String,
    pub title: String,
    pub instructions: Vec<String>,
    pub opens_offset_days: i64,
    pub due_offset_days: i64,
    pub questions: Vec<Question>,
    pub submissions: BTreeMap<String, Submission>,
    pub answers: BTreeMap<String, BTreeMap<String, Answer>>,
    #[serde(default)]
    pub decisions: Vec<Decision>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Waiting,
    Graded,
}

#[derive(Deserialize)]
pub struct Question {
    pub key: String,
    kind: app::question::model::QuestionKind,
    prompt: String,
    points: f64,
    #[serde(default)]
    reference_answers: Vec<String>,
    #[serde(default)]
    rubric: Vec<Criterion>,
    #[serde(default)]
    options: Vec<ChoiceOption>,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    tolerance: serde_json::Value,
    #[serde(default)]
    unit: String,
}

#[derive(Deserialize)]
struct Criterion {
    title: String,
    points: f64,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    text: String,
    points: f64,
    #[serde(default)]
    feedback: String,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Submission {
    Submitted {
        started_minutes_ago: i64,
        submitted_minutes_ago: i64,
    },
    Started {
        started_minutes_ago: i64,
        last_saved_minutes_ago: i64,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Answer {
    Text { text: String },
    Options { options: Vec<u16> },
    Number { number: String },
}

#[derive(Deserialize)]
pub struct Decision {
    pub student: String,
    pub question: String,
    pub score: f64,
    pub by: String,
    pub minutes_ago: i64,
    #[serde(default)]
    pub comment: String,
}

impl Question {
    pub fn content(&self) -> QuestionContent {
        use app::question::model::QuestionKind;
        let key = match self.kind {
            QuestionKind::ShortAnswer => Key::ShortAnswer { allow_file: true },
            QuestionKind::SingleChoice => Key::SingleChoice {
                options: self.options.clone(),
            },
            QuestionKind::MultipleChoice => Key::MultipleChoice {
                options: self.options.clone(),
            },
            QuestionKind::TrueFalse => Key::TrueFalse {
                correct: self.options.first().is_some_and(|option| option.correct),
            },
            QuestionKind::Numeric => Key::Numeric {
                value: decimal(&self.value),
                tolerance: decimal(&self.tolerance),
                unit: self.unit.clone(),
            },
        };
        QuestionContent {
            prompt: self.prompt.clone(),
            points: points(self.points),
            key,
            references: self.reference_answers.clone(),
            rubric: self.rubric.iter().map(Criterion::content).collect(),
        }
    }
}

impl Criterion {
    fn content(&self) -> CriterionContent {
        let item = |item: &Item| ItemContent {
            id: None,
            text: item.text.clone(),
            points: points(item.points),
            feedback: item.feedback.clone(),
        };
        CriterionContent {
            id: None,
            title: self.title.clone(),
            points: points(self.points),
            items: self.items.iter().map(item).collect(),
        }
    }
}

impl Answer {
    pub fn value(&self) -> AnswerValue {
        match self {
            Self::Text { text } => AnswerValue::Text(text.clone()),
            Self::Options { options } => AnswerValue::Choice(options.clone()),
            Self::Number { number } => AnswerValue::Text(number.clone()),
        }
    }
}

/// Points as written in the files, with at most two decimals.
pub fn points(value: f64) -> Points {
    Points((value * 100.0).round() as i32)
}

fn decimal(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

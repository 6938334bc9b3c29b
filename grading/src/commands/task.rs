//! A task as `grading predict` and `grading explain` read it: a question, what is known about it, and its answers.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use crate::{Decision, Grade, GradedExample, GradingError, QuestionRequest, ReviewReason, RubricPart};

/// Parts of the full mark in which points are counted where no decimal parts of a point fit the scale.
const PARTS: f64 = 10_000.0;
/// Data sets do not write thirds to the last digit.
const SLACK: f64 = 1e-6;

#[derive(Deserialize)]
pub(super) struct Task {
    pub id: serde_json::Value,
    #[serde(default)]
    question: String,
    #[serde(default = "one")]
    pub max_score: f64,
    #[serde(default)]
    step: Option<f64>,
    #[serde(default, alias = "references")]
    reference_answers: Vec<String>,
    #[serde(default)]
    rubric: Vec<TaskRubric>,
    #[serde(default)]
    graded: Vec<TaskExample>,
    pub answers: Vec<TaskAnswer>,
    /// What nobody asked for, mostly misspelt.
    #[serde(flatten)]
    unknown: BTreeMap<String, serde_json::Value>,
}

fn one() -> f64 {
    1.0
}

#[derive(Deserialize)]
struct TaskRubric {
    #[serde(default)]
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    points: f64,
}

#[derive(Deserialize)]
struct TaskExample {
    answer: String,
    score: f64,
}

#[derive(Deserialize)]
pub(super) struct TaskAnswer {
    pub id: serde_json::Value,
    pub text: String,
}

pub(super) fn check_agreement(target: f32) -> Result<(), GradingError> {
    if (0.5..=1.0).contains(&target) {
        return Ok(());
    }
    Err(GradingError::Invalid("the agreement must lie between 0.5 and 1".into()))
}

/// The grade of an answer to a question without references and graded answers: even what seems clear is for a person.
pub(super) fn unfounded(grade: Grade) -> Grade {
    Grade {
        confidence: 0.0,
        interval: [0.0, 1.0],
        decision: Decision::Review,
        reason: Some(ReviewReason::NoReference),
        ..grade
    }
}

/// The task of a line; `id` is its id as soon as that is known.
pub(super) fn read(
    bytes: &[u8],
    number: usize,
    id: &mut serde_json::Value,
    progress: &mut dyn FnMut(&str),
) -> Result<Task, GradingError> {
    let task: Task = serde_json::from_slice(bytes).map_err(|error| {
        let named = serde_json::from_slice::<serde_json::Value>(bytes).ok();
        *id = named.and_then(|task| task.get("id").cloned()).unwrap_or_default();
        GradingError::Data(error.to_string())
    })?;
    *id = task.id.clone();
    if !task.unknown.is_empty() {
        let names: Vec<&str> = task.unknown.keys().map(String::as_str).collect();
        progress(&format!(
            "line {number}: unknown fields were left out: {}",
            names.join(", ")
        ));
    }
    Ok(task)
}

/// The answers of a task, apart from its question.
pub(super) struct Answers {
    pub task: serde_json::Value,
    pub ids: Vec<serde_json::Value>,
    pub texts: Vec<String>,
    /// Places of the references that are compared with: not the empty ones, and none twice.
    pub references: Vec<usize>,
    /// The grader's units in one point.
    pub units: f64,
}

impl Task {
    /// The question without its answers, and the answers.
    pub(super) fn request(self, target_agreement: f32) -> Result<(QuestionRequest, Answers), GradingError> {
        let invalid = |what: String| Err(GradingError::Invalid(what));
        let max = self.max_score;
        if !(max > 0.0 && max <= 1e6) {
            return invalid(format!(
                "max_score is {max}; it must lie above 0 and not above a million"
            ));
        }
        // More than there is to give is all or nothing.
        let step = match self.step {
            Some(step) if !step.is_finite() || step < 0.0 => {
                return invalid(format!("step is {step}; it must not be negative"));
            }
            Some(step) if step > 0.0 => step.min(max),
            _ => max / 4.0,
        };
        if let Some(part) = self.rubric.iter().find(|part| !(0.0..=1e6).contains(&part.points)) {
            return invalid(format!(
                "a rubric part has {} points; they must not be negative",
                part.points
            ));
        }
        let within = |score: f64| score >= -SLACK * max && score <= (1.0 + SLACK) * max;
        if let Some(example) = self.graded.iter().find(|example| !within(example.score)) {
            return invalid(format!(
                "a graded answer has {} points; with max_score {max} they must lie between 0 and {max}",
                example.score
            ));
        }
        let units = units(max, step);
        let in_units = |points: f64| ((points * units).round() as i32).max(0);
        let mut seen = HashSet::new();
        let references: Vec<usize> = (self.reference_answers.iter().enumerate())
            .filter(|(_, text)| !text.trim().is_empty() && seen.insert(text.trim()))
            .map(|(at, _)| at)
            .collect();
        let request = QuestionRequest {
            question: self.question,
            references: references
                .iter()
                .map(|at| self.reference_answers[*at].clone())
                .collect(),
            rubric: self
                .rubric
                .into_iter()
                .map(|part| RubricPart {
                    id: plain(&part.id),
                    text: part.text,
                    points_hundredths: in_units(part.points),
                })
                .collect(),
            graded: self
                .graded
                .into_iter()
                .map(|example| GradedExample {
                    answer: example.answer,
                    score: (example.score / max).clamp(0.0, 1.0) as f32,
                })
                .collect(),
            answers: Vec::new(),
            max_points_hundredths: in_units(max),
            step_hundredths: in_units(step).max(1),
            target_agreement,
        };
        let (ids, texts) = self.answers.into_iter().map(|answer| (answer.id, answer.text)).unzip();
        let answers = Answers {
            task: self.id,
            ids,
            texts,
            references,
            units,
        };
        Ok((request, answers))
    }
}

/// Units in one point so that the full mark and the step are whole numbers of them, and there are enough for small
/// differences.
fn units(max: f64, step: f64) -> f64 {
    let whole = |value: f64| (value - value.round()).abs() < SLACK * value.max(1.0);
    let fits = |units: &f64| whole(max * units) && whole(step * units) && max * units <= 1e9;
    [100.0, 300.0, 700.0, 1_000.0, 10_000.0]
        .into_iter()
        .find(fits)
        .unwrap_or(PARTS / max)
}

fn plain(id: &serde_json::Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

//! `grading predict`: tasks in, grades out, one JSON object a line. The format is stable.
//!
//! A task that cannot be graded gets a line that says why (`error`), and the next one is graded.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{
    Decision, Evidence, Grade, GradedExample, Grader, GradingError, QuestionRequest, ReviewReason, RubricPart,
};

/// Answers taken as one question: bounds memory whatever the size of a task. Groups and queue are made
/// of so many at once.
const SLICE: usize = 10_000;
/// At most so many answers are named to be graded next.
const MOST_NEXT: usize = 200;
/// Parts of the full mark in which points are counted where no decimal parts of a point fit the scale.
const PARTS: f64 = 10_000.0;
/// Data sets do not write thirds to the last digit.
const SLACK: f64 = 1e-6;

#[derive(Clone, Debug)]
pub struct PredictOptions {
    /// Accept so that this share of the accepted suggestions would be the teacher's.
    pub target_agreement: f32,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PredictSummary {
    pub tasks: usize,
    pub answers: usize,
    pub accepted: usize,
    /// Tasks that could not be graded.
    pub failed: usize,
}

#[derive(Deserialize)]
pub(super) struct Task {
    pub id: serde_json::Value,
    #[serde(default)]
    question: String,
    #[serde(default = "one")]
    max_score: f64,
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

#[derive(Serialize)]
struct Answered {
    id: serde_json::Value,
    answers: Vec<AnswerOut>,
    /// The answers a teacher should grade next, most useful first.
    next: Vec<serde_json::Value>,
    model: String,
}

#[derive(Serialize)]
struct AnswerOut {
    id: serde_json::Value,
    score: f64,
    confidence: f32,
    accept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReviewReason>,
    interval: [f64; 2],
    /// Answers with the same number say the same thing.
    group: u32,
    evidence: Evidence,
}

#[derive(Serialize)]
struct Failed<'a> {
    id: &'a serde_json::Value,
    line: usize,
    error: String,
}

/// Reads tasks from `input` and writes one line for each to `output`.
pub fn predict(
    grader: &Grader,
    options: &PredictOptions,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    progress: &mut dyn FnMut(&str),
) -> Result<PredictSummary, GradingError> {
    check_agreement(options.target_agreement)?;
    let failed = |error: std::io::Error| GradingError::Data(error.to_string());
    let mut summary = PredictSummary::default();
    for (number, bytes) in (1..).zip(input.split(b'\n')) {
        let bytes = bytes.map_err(failed)?;
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        summary.tasks += 1;
        let mut id = serde_json::Value::Null;
        let answered = read(bytes, number, &mut id, progress)
            .and_then(|task| answer(grader, task, options.target_agreement, progress));
        let line = match answered {
            Ok(answered) => {
                summary.answers += answered.answers.len();
                summary.accepted += answered.answers.iter().filter(|answer| answer.accept).count();
                serde_json::to_string(&answered)
            }
            Err(error @ (GradingError::Data(_) | GradingError::Invalid(_) | GradingError::TooLarge(_))) => {
                summary.failed += 1;
                progress(&format!("line {number}, task {id}: {error}"));
                serde_json::to_string(&Failed {
                    id: &id,
                    line: number,
                    error: error.to_string(),
                })
            }
            Err(error) => return Err(error),
        };
        let line = line.map_err(|error| GradingError::Data(error.to_string()))?;
        output.write_all(line.as_bytes()).map_err(failed)?;
        output.write_all(b"\n").map_err(failed)?;
        output.flush().map_err(failed)?;
        progress(&format!("{} tasks, {} answers", summary.tasks, summary.answers));
    }
    Ok(summary)
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

fn answer(
    grader: &Grader,
    task: Task,
    target_agreement: f32,
    progress: &mut dyn FnMut(&str),
) -> Result<Answered, GradingError> {
    let max = task.max_score;
    let (request, answers) = task.request(target_agreement)?;
    let nothing = request.is_unfounded();
    let (mut graded, mut order, mut groups_so_far) = (Vec::with_capacity(answers.ids.len()), Vec::new(), 0);
    let mut model = grader.model_version().to_owned();
    for (ids, texts) in answers.ids.chunks(SLICE).zip(answers.texts.chunks(SLICE)) {
        let found = grader.suggest_blocking(&QuestionRequest {
            answers: texts.to_vec(),
            ..request.clone()
        })?;
        order.extend(found.next.iter().map(|at| ids[*at as usize].clone()));
        let last = found.groups.iter().max().map_or(0, |last| last + 1);
        for ((id, grade), group) in ids.iter().zip(found.grades).zip(found.groups) {
            let mut grade = if nothing { unfounded(grade) } else { grade };
            let matched = &mut grade.evidence.matched_reference;
            *matched = matched.and_then(|at| answers.references.get(at).copied());
            let points = |share: f32| tidy(f64::from(share) * max);
            graded.push(AnswerOut {
                id: id.clone(),
                score: tidy(f64::from(grade.score_hundredths) / answers.units),
                confidence: grade.confidence,
                accept: grade.decision == Decision::Accept,
                reason: grade.reason,
                interval: grade.interval.map(points),
                group: groups_so_far + group,
                evidence: grade.evidence,
            });
        }
        groups_so_far += last;
        model = found.model;
        if answers.ids.len() > SLICE {
            progress(&format!("{} of {} answers", graded.len(), answers.ids.len()));
        }
    }
    if nothing {
        // Accepted ones are not in the queue.
        let queued: HashSet<String> = order.iter().map(|id| id.to_string()).collect();
        let rest = answers.ids.iter().filter(|id| !queued.contains(&id.to_string()));
        order.extend(rest.cloned().collect::<Vec<_>>());
    }
    order.truncate(MOST_NEXT);
    Ok(Answered {
        id: answers.task,
        answers: graded,
        next: order,
        model,
    })
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

fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_lines_out() {
        let grader = Grader::start_fake();
        let input = r#"{"id":"q1","question":"Why?","max_score":2,"step":0.5,"reference_answers":["Salt stays behind"],"rubric":[{"id":"a","text":"salt stays","points":2}],"graded":[],"answers":[{"id":1,"text":"Salt stays behind"},{"id":2,"text":""},{"id":3,"text":"salt stays behind!"}]}

{"id":"q2","answers":[{"id":"x","text":"something"},{"id":"y","text":""}]}
"#;
        let mut output = Vec::new();
        let options = PredictOptions { target_agreement: 0.95 };
        let summary = predict(&grader, &options, &mut input.as_bytes(), &mut output, &mut |_| {}).expect("predicts");
        assert_eq!((summary.tasks, summary.answers), (2, 5));
        let lines: Vec<serde_json::Value> = String::from_utf8(output)
            .expect("text")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines[0]["answers"][0]["score"], 2.0);
        assert_eq!(lines[0]["answers"][0]["accept"], true);
        assert_eq!(lines[0]["answers"][1]["score"], 0.0);
        assert_eq!(lines[0]["answers"][0]["group"], lines[0]["answers"][2]["group"]);
        assert_eq!(lines[1]["answers"][0]["accept"], false);
        assert_eq!(lines[1]["answers"][1]["accept"], false);
        assert_eq!(lines[1]["answers"][1]["reason"], "no_reference");
        assert_eq!(lines[1]["next"], serde_json::json!(["x", "y"]));
    }

    fn run(input: &[u8]) -> (PredictSummary, Vec<serde_json::Value>, Vec<String>) {
        let (mut output, mut said) = (Vec::new(), Vec::new());
        let options = PredictOptions { target_agreement: 0.95 };
        let mut input = input;
        let progress = &mut |line: &str| said.push(line.to_owned());
        let summary = predict(&Grader::start_fake(), &options, &mut input, &mut output, progress).expect("goes on");
        let lines = String::from_utf8(output).expect("text");
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        (summary, lines, said)
    }

    #[test]
    fn a_bad_task_is_named_and_the_next_one_is_graded() {
        let good = r#"{"id":"good","reference_answers":["salt"],"answers":[{"id":1,"text":"salt"}]}"#;
        let bad = [
            &b"nonsense"[..],
            b"{\"id\":\"no answers\"}",
            b"\xff\xfe",
            br#"{"id":"max","max_score":-1,"answers":[]}"#,
            br#"{"id":"max","max_score":1e308,"answers":[]}"#,
            br#"{"id":"step","step":-1,"answers":[]}"#,
            br#"{"id":"rubric","rubric":[{"text":"a","points":-2}],"answers":[]}"#,
            br#"{"id":"graded","max_score":2,"graded":[{"answer":"a","score":5}],"answers":[]}"#,
        ];
        let mut input = [b"\xef\xbb\xbf", good.as_bytes(), b"\r\n\r\n"].concat();
        for line in bad {
            input.extend([line, b"\n"].concat());
        }
        input.extend(good.replace("reference_answers", "referenceAnswers").as_bytes());
        let (summary, lines, said) = run(&input);
        assert_eq!((summary.tasks, summary.failed, summary.answers), (10, 8, 2));
        assert_eq!(lines[0]["answers"][0]["score"], 1.0);
        assert_eq!(
            (&lines[1]["line"], &lines[1]["id"]),
            (&3.into(), &serde_json::Value::Null)
        );
        assert_eq!((&lines[8]["line"], &lines[8]["id"]), (&10.into(), &"graded".into()));
        assert!(lines[8]["error"].as_str().expect("words").contains("between 0 and 2"));
        assert!(
            said.iter()
                .any(|line| line.contains("line 11") && line.contains("referenceAnswers"))
        );
        for agreement in [0.0, 0.4, 1.1, f32::NAN] {
            let options = PredictOptions {
                target_agreement: agreement,
            };
            let done = predict(
                &Grader::start_fake(),
                &options,
                &mut &b""[..],
                &mut Vec::new(),
                &mut |_| {},
            );
            assert!(done.is_err(), "{agreement}");
        }
    }

    #[test]
    fn points_lie_on_the_scale_that_was_given() {
        for (max, step) in [
            (3.0, 1.0),
            (3.0, 0.5),
            (6.0, 0.5),
            (9.0, 1.0),
            (30.0, 1.0),
            (7.0, 1.0),
            (1.0, 0.33),
            (1.0, 1.0 / 3.0),
        ] {
            let given: Vec<f64> = (0..=3).map(|n| (f64::from(n) * step).min(max)).collect();
            let task = serde_json::json!({
                "id": 1, "max_score": max, "step": step, "reference_answers": [" ", "salt stays", "salt stays"],
                "graded": given.iter().enumerate().map(|(at, score)| serde_json::json!({ "answer": format!("word{at}"), "score": score })).collect::<Vec<_>>(),
                "answers": (0..given.len()).map(|at| serde_json::json!({ "id": at, "text": format!("word{at}") }))
                    .chain([serde_json::json!({ "id": "all", "text": "salt stays" })]).collect::<Vec<_>>(),
            });
            let (_, lines, _) = run(task.to_string().as_bytes());
            let scores: Vec<f64> = lines[0]["answers"]
                .as_array()
                .expect("answers")
                .iter()
                .map(|answer| answer["score"].as_f64().expect("points"))
                .collect();
            let expected: Vec<f64> = given.iter().copied().chain([max]).map(tidy).collect();
            assert_eq!(scores, expected, "{max} {step}");
            assert_eq!(lines[0]["answers"][4]["evidence"]["matched_reference"], 1);
        }
    }
}

//! `grading predict`: tasks in, grades out, one JSON object a line. The format is stable.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{Decision, Evidence, GradedExample, Grader, GradingError, QuestionRequest, ReviewReason, RubricPart};

/// Answers taken as one question: bounds memory whatever the size of a task. Groups and queue are made
/// of so many at once.
const SLICE: usize = 10_000;
/// At most so many answers are named to be graded next.
const MOST_NEXT: usize = 200;
/// Points are counted in this many parts of the full mark: data sets use scales down to fractions of a point.
const UNITS: f64 = 10_000.0;

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
    #[serde(default)]
    reference_answers: Vec<String>,
    #[serde(default)]
    rubric: Vec<TaskRubric>,
    #[serde(default)]
    graded: Vec<TaskExample>,
    pub answers: Vec<TaskAnswer>,
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

/// Reads tasks from `input` and writes one line for each to `output`.
pub fn predict(
    grader: &Grader,
    options: &PredictOptions,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    progress: &mut dyn FnMut(&str),
) -> Result<PredictSummary, GradingError> {
    let failed = |error: std::io::Error| GradingError::Data(error.to_string());
    let mut summary = PredictSummary::default();
    for (number, line) in input.lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let task: Task =
            serde_json::from_str(&line).map_err(|error| GradingError::Data(format!("line {}: {error}", number + 1)))?;
        let answered = answer(grader, task, options.target_agreement, progress)?;
        summary.tasks += 1;
        summary.answers += answered.answers.len();
        summary.accepted += answered.answers.iter().filter(|answer| answer.accept).count();
        serde_json::to_writer(&mut *output, &answered).map_err(|error| GradingError::Data(error.to_string()))?;
        output.write_all(b"\n").map_err(failed)?;
        progress(&format!("{} tasks, {} answers", summary.tasks, summary.answers));
    }
    output.flush().map_err(failed)?;
    Ok(summary)
}

fn answer(
    grader: &Grader,
    task: Task,
    target_agreement: f32,
    progress: &mut dyn FnMut(&str),
) -> Result<Answered, GradingError> {
    let max = task.max_score.max(0.0);
    // Nothing at all to compare with: even what seems clear is for a person.
    let nothing = task.reference_answers.is_empty() && task.graded.is_empty();
    let (request, answers) = task.request(target_agreement);
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
            let points = |share: f32| tidy(f64::from(share) * max);
            graded.push(AnswerOut {
                id: id.clone(),
                score: tidy(f64::from(grade.score_hundredths) / UNITS * max),
                confidence: if nothing { 0.0 } else { grade.confidence },
                accept: grade.decision == Decision::Accept && !nothing,
                reason: if nothing {
                    Some(ReviewReason::NoReference)
                } else {
                    grade.reason
                },
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
        let queued: std::collections::HashSet<String> = order.iter().map(plain).collect();
        let rest = answers.ids.iter().filter(|id| !queued.contains(&plain(id)));
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
}

impl Task {
    /// The question without its answers, and the answers.
    pub(super) fn request(self, target_agreement: f32) -> (QuestionRequest, Answers) {
        let max = self.max_score.max(0.0);
        let step = self.step.filter(|step| *step > 0.0).unwrap_or(max / 4.0);
        let share = |points: f64| if max > 0.0 { points / max } else { 0.0 };
        let request = QuestionRequest {
            question: self.question,
            references: self.reference_answers,
            rubric: self
                .rubric
                .into_iter()
                .map(|part| RubricPart {
                    id: plain(&part.id),
                    text: part.text,
                    points_hundredths: (share(part.points) * UNITS).round() as i32,
                })
                .collect(),
            graded: self
                .graded
                .into_iter()
                .map(|example| GradedExample {
                    answer: example.answer,
                    score: share(example.score).clamp(0.0, 1.0) as f32,
                })
                .collect(),
            answers: Vec::new(),
            max_points_hundredths: UNITS as i32,
            step_hundredths: ((share(step) * UNITS).round() as i32).max(1),
            target_agreement,
        };
        let (ids, texts) = self.answers.into_iter().map(|answer| (answer.id, answer.text)).unzip();
        (
            request,
            Answers {
                task: self.id,
                ids,
                texts,
            },
        )
    }
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
        assert!(
            predict(
                &grader,
                &options,
                &mut "nonsense".as_bytes(),
                &mut Vec::new(),
                &mut |_| {}
            )
            .is_err()
        );
    }
}

//! `grading predict`: tasks in, grades out, one JSON object a line. The format is stable.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{Decision, Evidence, Grade, GradeRequest, GradedExample, Grader, GradingError, ReviewReason, RubricPart};

/// Answers sent to the grader at once: bounds memory whatever the size of a task.
const SLICE: usize = 256;

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
struct Task {
    id: serde_json::Value,
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
    answers: Vec<TaskAnswer>,
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
struct TaskAnswer {
    id: serde_json::Value,
    text: String,
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
    group: usize,
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
    let accept_from = grader.threshold(options.target_agreement);
    let mut summary = PredictSummary::default();
    for (number, line) in input.lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let task: Task =
            serde_json::from_str(&line).map_err(|error| GradingError::Data(format!("line {}: {error}", number + 1)))?;
        let answered = answer(grader, task, accept_from, progress)?;
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
    accept_from: f32,
    progress: &mut dyn FnMut(&str),
) -> Result<Answered, GradingError> {
    let max = task.max_score.max(0.0);
    // Data sets use scales down to fractions of a point: count in ten-thousandths of the full mark.
    let units = 10_000.0;
    let step = task.step.filter(|step| *step > 0.0).unwrap_or(max / 4.0);
    let share = |points: f64| if max > 0.0 { points / max } else { 0.0 };
    let base = GradeRequest {
        question: task.question,
        references: task.reference_answers,
        rubric: task
            .rubric
            .into_iter()
            .map(|part| RubricPart {
                id: plain(&part.id),
                text: part.text,
                points_hundredths: (share(part.points) * units).round() as i32,
            })
            .collect(),
        graded: task
            .graded
            .into_iter()
            .map(|example| GradedExample {
                answer: example.answer,
                score: share(example.score).clamp(0.0, 1.0) as f32,
            })
            .collect(),
        answer: String::new(),
        max_points_hundredths: units as i32,
        step_hundredths: ((share(step) * units).round() as i32).max(1),
    };
    let mut grades: Vec<Grade> = Vec::with_capacity(task.answers.len());
    for slice in task.answers.chunks(SLICE) {
        let requests = slice
            .iter()
            .map(|answer| GradeRequest {
                answer: answer.text.clone(),
                ..base.clone()
            })
            .collect();
        grades.extend(grader.grade_many_blocking(requests)?);
        if task.answers.len() > SLICE {
            progress(&format!("{} of {} answers", grades.len(), task.answers.len()));
        }
    }
    let groups = groups(&task.answers);
    let next = next(&grades, &groups, &task.answers);
    let model = grader.model_version().to_owned();
    let answers = task
        .answers
        .into_iter()
        .zip(grades)
        .zip(groups)
        .map(|((answer, grade), group)| {
            let score = f64::from(grade.score_hundredths) / units * max;
            // How far off the teacher may be, from how sure the model is.
            let reach = f64::from(1.0 - grade.confidence) * max * 0.75;
            let sure_enough = grade.confidence >= accept_from;
            let certain = matches!(grade.reason, None | Some(ReviewReason::Unsure));
            AnswerOut {
                id: answer.id,
                score: tidy(score),
                confidence: grade.confidence,
                accept: sure_enough && certain,
                reason: grade.reason,
                interval: [tidy((score - reach).max(0.0)), tidy((score + reach).min(max))],
                group,
                evidence: grade.evidence,
            }
        })
        .collect();
    Ok(Answered {
        id: task.id,
        answers,
        next,
        model,
    })
}

fn plain(id: &serde_json::Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Answers of the same words share a group, numbered in order of appearance.
fn groups(answers: &[TaskAnswer]) -> Vec<usize> {
    let mut known = std::collections::HashMap::new();
    answers
        .iter()
        .map(|answer| {
            let words = crate::text::words(&answer.text);
            let key: Vec<String> = words.into_iter().map(|word| word.stem).collect();
            let new = known.len();
            *known.entry(key).or_insert(new)
        })
        .collect()
}

/// One answer per group, the least certain first; large groups settle more.
fn next(grades: &[Grade], groups: &[usize], answers: &[TaskAnswer]) -> Vec<serde_json::Value> {
    let mut sizes = std::collections::HashMap::new();
    groups
        .iter()
        .for_each(|group| *sizes.entry(*group).or_insert(0usize) += 1);
    let mut seen = std::collections::HashSet::new();
    let mut order: Vec<(f32, usize)> = grades
        .iter()
        .enumerate()
        .filter(|(at, grade)| grade.decision == Decision::Review && seen.insert(groups[*at]))
        .map(|(at, grade)| ((1.0 - grade.confidence) * (sizes[&groups[at]] as f32).sqrt(), at))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order
        .into_iter()
        .take(50)
        .map(|(_, at)| answers[at].id.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_lines_out() {
        let grader = Grader::start_fake();
        let input = r#"{"id":"q1","question":"Why?","max_score":2,"step":0.5,"reference_answers":["Salt stays behind"],"rubric":[{"id":"a","text":"salt stays","points":2}],"graded":[],"answers":[{"id":1,"text":"Salt stays behind"},{"id":2,"text":""},{"id":3,"text":"salt stays behind!"}]}

{"id":"q2","answers":[{"id":"x","text":"something"}]}
"#;
        let mut output = Vec::new();
        let options = PredictOptions { target_agreement: 0.95 };
        let summary = predict(&grader, &options, &mut input.as_bytes(), &mut output, &mut |_| {}).expect("predicts");
        assert_eq!((summary.tasks, summary.answers), (2, 4));
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
        assert_eq!(lines[1]["next"], serde_json::json!(["x"]));
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

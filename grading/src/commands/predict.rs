//! `grading predict`: tasks in, grades out, one JSON object a line. The format is stable.
//!
//! A task that cannot be graded gets a line that says why (`error`), and the next one is graded.

use std::collections::HashSet;
use std::io::{BufRead, Write};

use serde::Serialize;

use super::task::{self, Task, check_agreement, unfounded};
use crate::{Decision, Evidence, Grader, GradingError, QuestionRequest, ReviewReason};

/// Answers taken as one question: bounds memory whatever the size of a task. Groups and queue are made
/// of so many at once.
const SLICE: usize = 10_000;
/// At most so many answers are named to be graded next.
const MOST_NEXT: usize = 200;

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
        let answered = task::read(bytes, number, &mut id, progress)
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

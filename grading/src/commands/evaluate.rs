//! `grading evaluate`: how good the grades of the running head are on graded answers.
//!
//! A head has seen the questions it was trained on; on those the numbers are too good. For honest
//! numbers on the training data see the nested report of `grading train`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::dataset::{self, Row};
use crate::evaluate::{Judged, Table, render, table};
use crate::model::trees::Random;
use crate::{Decision, GradeRequest, GradedExample, Grader, GraderConfig, GradingError};

#[derive(Clone, Debug)]
pub struct EvaluateOptions {
    pub data: Vec<PathBuf>,
    /// How many answers of each question the teacher has graded; 0 means none.
    pub k: Vec<usize>,
    pub seeds: u64,
    /// At most this many answers a question, chosen at random.
    pub most_per_question: Option<usize>,
    pub grader: GraderConfig,
}

#[derive(Clone, Debug, Serialize)]
pub struct EvaluateReport {
    pub model: String,
    pub tables: Vec<Table>,
    #[serde(skip)]
    pub text: String,
}

pub fn evaluate(options: EvaluateOptions, progress: &mut dyn FnMut(&str)) -> Result<EvaluateReport, GradingError> {
    let rows = dataset::load(&options.data)?;
    let grader = Grader::start(GraderConfig {
        max_in_flight: usize::MAX,
        ..options.grader.clone()
    })?;
    let mut questions: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        questions.entry(&row.question_id).or_default().push(row);
    }
    let mut tables = Vec::new();
    for &k in &options.k {
        let mut judged: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
        // Without graded answers nothing is drawn at random.
        for seed in 0..if k == 0 { 1 } else { options.seeds.max(1) } {
            for rows in questions.values() {
                for (row, grade) in grade_question(&grader, rows, k, seed, options.most_per_question)? {
                    judged.entry(row.dataset.clone()).or_default().push(grade);
                }
            }
            progress(&format!("k = {k}, seed {} done", seed + 1));
        }
        tables.extend(judged.iter().map(|(name, rows)| table(&format!("{name} k={k}"), rows)));
    }
    Ok(EvaluateReport {
        model: grader.model_version().to_owned(),
        text: render(&tables),
        tables,
    })
}

fn grade_question<'a>(
    grader: &Grader,
    rows: &[&'a Row],
    k: usize,
    seed: u64,
    most: Option<usize>,
) -> Result<Vec<(&'a Row, Judged)>, GradingError> {
    let mut order: Vec<&Row> = rows.to_vec();
    Random(seed.wrapping_mul(7919) + 17).shuffle(&mut order);
    let (graded, rest) = order.split_at(k.min(order.len()));
    let rest = &rest[..most.unwrap_or(usize::MAX).min(rest.len())];
    let whole = rows.iter().all(|row| row.score == 0.0 || row.score == 1.0);
    let examples: Vec<GradedExample> = graded
        .iter()
        .map(|row| GradedExample {
            answer: row.answer.clone(),
            score: row.score,
        })
        .collect();
    let requests: Vec<GradeRequest> = rest
        .iter()
        .map(|row| GradeRequest {
            graded: examples.clone(),
            ..row.request(if whole { 100 } else { 25 })
        })
        .collect();
    let grades = grader.grade_many_blocking(requests)?;
    Ok(rest
        .iter()
        .zip(grades)
        .map(|(row, grade)| {
            let judged = Judged {
                dataset: row.dataset.clone(),
                question: row.question_id.clone(),
                expected: grade.score,
                rounded: grade.score_hundredths as f32 / 100.0,
                confidence: grade.confidence,
                accepted: grade.decision == Decision::Accept,
                truth: row.score,
            };
            (*row, judged)
        })
        .collect())
}

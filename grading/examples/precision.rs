//! What a lesser precision changes in grades: `cargo run --release -p grading --example precision -- FILE [MOST] [K]`.
//!
//! Grades the same answers in each precision, with K graded examples of the question, and prints how the scores differ
//! from those in single precision and how often each agrees with the teacher.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::collections::BTreeMap;

use grading::dataset::Row;
use grading::{Decision, Grade, GradeRequest, GradedExample, Grader, GraderConfig, Precision};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = arguments.as_slice() else {
        return Err("usage: precision FILE [MOST PER QUESTION] [K]".into());
    };
    let number = |at: usize, usual: usize| rest.get(at).map_or(Ok(usual), |text| text.parse());
    let (most, k) = (number(0, 20)?, number(1, 0)?);
    let rows = grading::dataset::load(&[file.into()])?;
    let mut questions: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        questions.entry(&row.question_id).or_default().push(row);
    }
    let (mut requests, mut truth) = (Vec::new(), Vec::new());
    for rows in questions.values().filter(|rows| rows.len() > k) {
        let graded: Vec<GradedExample> = rows[..k]
            .iter()
            .map(|row| GradedExample {
                answer: row.answer.clone(),
                score: row.score,
            })
            .collect();
        for row in rows[k..].iter().take(most) {
            truth.push(row.score);
            requests.push(GradeRequest {
                graded: graded.clone(),
                ..row.request(25)
            });
        }
    }
    let mut exact: Vec<Grade> = Vec::new();
    for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
        let grader = Grader::start(GraderConfig {
            precision,
            max_in_flight: usize::MAX,
            ..GraderConfig::default()
        })?;
        let grades = grader.grade_many_blocking(requests.clone())?;
        if exact.is_empty() {
            exact = grades.clone();
        }
        let count = grades.len() as f32;
        let pairs = || grades.iter().zip(&exact);
        let share = |number: usize| number as f32 / count;
        let off = |grade: &Grade, truth: f32| grade.score - truth;
        let error = grades
            .iter()
            .zip(&truth)
            .map(|(grade, truth)| off(grade, *truth).powi(2))
            .sum::<f32>();
        let near = grades
            .iter()
            .zip(&truth)
            .filter(|(grade, truth)| off(grade, **truth).abs() <= 0.125);
        let accepted: Vec<_> = grades
            .iter()
            .zip(&truth)
            .filter(|(grade, _)| grade.decision == Decision::Accept)
            .collect();
        let right = accepted
            .iter()
            .filter(|(grade, truth)| off(grade, **truth).abs() <= 0.125)
            .count();
        println!(
            "{}: {} answers; RMSE {:.4}, within an eighth {:.4}; accepted {:.4}, of those within an eighth {:.4}; \
             against f32: mean change {:.4}, largest {:.3}, other rounded score {:.4}, other decision {:.4}",
            precision.as_str(),
            grades.len(),
            (error / count).sqrt(),
            share(near.count()),
            share(accepted.len()),
            right as f32 / accepted.len().max(1) as f32,
            pairs().map(|(a, b)| (a.score - b.score).abs()).sum::<f32>() / count,
            pairs().map(|(a, b)| (a.score - b.score).abs()).fold(0.0, f32::max),
            share(
                pairs()
                    .filter(|(a, b)| a.score_hundredths != b.score_hundredths)
                    .count()
            ),
            share(pairs().filter(|(a, b)| a.decision != b.decision).count()),
        );
    }
    Ok(())
}

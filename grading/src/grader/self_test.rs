//! A few answers whose grades are known, for warming up, health checks and comparing devices.

use serde::Serialize;

use crate::{Grade, GradeRequest};

/// The result of grading a few answers whose grades are known.
#[derive(Clone, Debug, Serialize)]
pub struct SelfTest {
    pub passed: bool,
    /// What was checked, and the grade found.
    pub checks: Vec<String>,
    pub milliseconds: u64,
}

/// A copy of the reference, a right, an empty and an unrelated answer.
pub fn requests() -> Vec<GradeRequest> {
    let request = |answer: &str| GradeRequest {
        question: "How did you separate the salt from the water?".into(),
        references: vec!["The water was evaporated, leaving the salt.".into()],
        answer: answer.into(),
        max_points_hundredths: 100,
        step_hundredths: 50,
        ..GradeRequest::default()
    };
    [
        "The water was evaporated, leaving the salt.",
        "We let the water evaporate and the salt was left behind.",
        "",
        "My dog likes to run in the park.",
    ]
    .map(request)
    .to_vec()
}

/// Do the grades of `requests` make sense, and what was checked.
pub fn judge(grades: &[Grade]) -> (bool, Vec<String>) {
    let [copy, right, empty, wrong] = grades else {
        return (false, vec!["a grade is missing".into()]);
    };
    let checks = [
        ("a copy of the reference gets full points", copy.score_hundredths == 100),
        ("an empty answer gets none", empty.score_hundredths == 0),
        (
            "a right answer gets more than an unrelated one",
            right.score > wrong.score,
        ),
        ("an unrelated answer gets no full points", wrong.score_hundredths < 100),
    ];
    let lines = checks
        .iter()
        .map(|(what, ok)| format!("{} {what}", if *ok { "ok" } else { "FAILED" }));
    (checks.iter().all(|(_, ok)| *ok), lines.collect())
}

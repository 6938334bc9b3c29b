//! `grading bench`: how fast this machine grades.

use std::time::Instant;

use serde::Serialize;

use crate::{GradeRequest, Grader, GraderConfig, GradingError};

#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    pub model: String,
    pub device: String,
    pub workers: usize,
    pub precision: &'static str,
    /// What multiplies: `amx`, `vnni`, `avx2` or `plain`.
    pub unit: &'static str,
    pub cold_start_milliseconds: u64,
    pub answers: usize,
    pub seconds: f64,
    pub answers_per_second: f64,
    pub tokens_per_second: f64,
    /// Share of the workers' time spent encoding.
    pub encode_share: f64,
    /// One answer alone, median of 20.
    pub single_milliseconds: f64,
    /// Essays of 300 to 600 words a second; the model reads the first 512 tokens.
    pub essays_per_second: f64,
    /// The most memory this process has had, where the system tells.
    pub peak_memory_mib: Option<u64>,
}

const WORDS: &str = "the water was heated until it slowly evaporated and the dissolved salt stayed \
    behind as small white crystals at the bottom of the dish because salt does not evaporate when \
    particles move faster they leave the surface and become a gas that mixes with the air around us \
    we could also filter sand first since its grains are too large to pass through the paper";

const MOST: usize = 100_000;

/// Grades `answers` different answers of 20 to 60 words.
pub fn bench(config: GraderConfig, answers: usize) -> Result<BenchReport, GradingError> {
    if !(1..=MOST).contains(&answers) {
        return Err(GradingError::Invalid(format!("grade 1 to {MOST} answers")));
    }
    let begun = Instant::now();
    let precision = config.precision.as_str();
    let grader = Grader::start(GraderConfig {
        max_in_flight: usize::MAX,
        ..config
    })?;
    let cold_start_milliseconds = begun.elapsed().as_millis() as u64;
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut random = crate::model::trees::Random(42);
    let mut request = |least: usize, spread: usize| {
        let length = least + random.below(spread);
        let answer: Vec<&str> = (0..length).map(|_| words[random.below(words.len())]).collect();
        GradeRequest {
            question: "How did you separate the salt from the water?".into(),
            references: vec!["The water was evaporated, leaving the salt behind.".into()],
            answer: answer.join(" "),
            max_points_hundredths: 200,
            step_hundredths: 50,
            ..GradeRequest::default()
        }
    };
    let mut requests: Vec<GradeRequest> = (0..answers + 20).map(|_| request(20, 41)).collect();
    let essays: Vec<GradeRequest> = (0..answers.div_ceil(16)).map(|_| request(300, 301)).collect();
    let singles = requests.split_off(answers);
    let before = grader.stats();
    let begun = Instant::now();
    grader.grade_many_blocking(requests)?;
    let seconds = begun.elapsed().as_secs_f64();
    let after = grader.stats();
    let mut times: Vec<f64> = Vec::new();
    for request in singles {
        let begun = Instant::now();
        grader.grade_many_blocking(vec![request])?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let count = essays.len();
    let begun = Instant::now();
    grader.grade_many_blocking(essays)?;
    let essays_per_second = count as f64 / begun.elapsed().as_secs_f64();
    let health = grader.health();
    let encode = after.encode_seconds - before.encode_seconds;
    Ok(BenchReport {
        model: health.model,
        device: health.device,
        workers: health.workers,
        precision,
        unit: crate::backend::unit_name(),
        cold_start_milliseconds,
        answers,
        seconds,
        answers_per_second: answers as f64 / seconds,
        tokens_per_second: (after.tokens - before.tokens) as f64 / seconds,
        encode_share: encode / (seconds * health.workers as f64),
        single_milliseconds: times[times.len() / 2],
        essays_per_second,
        peak_memory_mib: peak_memory(),
    })
}

/// From Linux; others do not tell as easily.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024)
}

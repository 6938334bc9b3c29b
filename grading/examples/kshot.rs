//! Nested measurement with graded answers: `cargo run --release -p grading --example kshot -- DATA SEEDS CACHE`;
//! `DIVISIONS=2` in the environment divides the questions in so many ways, not anew for each seed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::evaluate::kshot::kshot;
use grading::train::TrainOptions;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, seeds, cache] = arguments.as_slice() else {
        return Err("usage: kshot DATA SEEDS CACHE".into());
    };
    let options = TrainOptions {
        data: vec![data.into()],
        out: Default::default(),
        version: "measured".into(),
        seed: 1,
        divisions: std::env::var("DIVISIONS").map_or(Ok(u64::MAX), |text| text.parse())?,
        cache: Some(cache.into()),
        grader: GraderConfig::default(),
    };
    let report = kshot(&options, &[3, 5, 10, 20, 40], seeds.parse()?, &mut |line| {
        eprintln!("{line}")
    })?;
    println!("{}\n{}", serde_json::to_string(&report)?, report.render());
    Ok(())
}

//! Nested measurement with graded answers: `cargo run --release -p grading --example kshot -- DATA SEEDS CACHE`,
//! with `NETWORKS=1` in the environment also the networks are fitted.
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
        networks: std::env::var_os("NETWORKS").is_some(),
        cache: Some(cache.into()),
        grader: GraderConfig::default(),
    };
    let report = kshot(&options, &[3, 5, 10, 20, 40], seeds.parse()?, &mut |line| {
        eprintln!("{line}")
    })?;
    println!("{}\n{}", serde_json::to_string(&report)?, report.render());
    Ok(())
}

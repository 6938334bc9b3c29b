//! Nested measurement: `cargo run --release -p grading --example unseen -- DATA SEEDS [CACHE [domains]]`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::evaluate::unseen::unseen;
use grading::train::TrainOptions;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, seeds, rest @ ..] = arguments.as_slice() else {
        return Err("usage: unseen DATA SEEDS [CACHE [domains]]".into());
    };
    let options = TrainOptions {
        data: vec![data.into()],
        out: Default::default(),
        version: "measured".into(),
        seed: 1,
        divisions: std::env::var("DIVISIONS").map_or(Ok(u64::MAX), |text| text.parse())?,
        cache: rest.first().map(Into::into),
        grader: GraderConfig::default(),
    };
    let report = unseen(&options, seeds.parse()?, rest.len() > 1, &mut |line| {
        eprintln!("{line}")
    })?;
    println!("{}\n{}", serde_json::to_string(&report)?, report.render());
    Ok(())
}

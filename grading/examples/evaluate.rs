//! The shipped head on graded answers: `cargo run --release -p grading --example evaluate -- FILE K,K,… [ANSWERS PER QUESTION]`.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::commands::{EvaluateOptions, Protocol, evaluate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, k, rest @ ..] = arguments.as_slice() else {
        return Err("usage: evaluate FILE K,K,… [ANSWERS PER QUESTION]".into());
    };
    let options = EvaluateOptions {
        data: vec![data.into()],
        protocol: Protocol::Kshot,
        k: k.split(',').map(str::parse).collect::<Result<_, _>>()?,
        seeds: 1,
        divisions: None,
        cache: None,
        most_per_question: rest.first().map(|most| most.parse()).transpose()?,
        grader: GraderConfig::default(),
    };
    let report = evaluate(options, &mut |line| println!("{line}"))?;
    println!("{}\n{}", report.model, report.text);
    Ok(())
}

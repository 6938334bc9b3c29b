//! Tasks in, grades out, with the running head: `cargo run --release -p grading --example predict -- IN OUT [AGREEMENT]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::fs::File;
use std::io::{BufReader, BufWriter};

use grading::commands::{PredictOptions, predict};
use grading::{Grader, GraderConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: predict IN OUT [AGREEMENT]".into());
    };
    let options = PredictOptions {
        target_agreement: rest.first().map_or(Ok(0.95), |text| text.parse())?,
    };
    let grader = Grader::start(GraderConfig::default())?;
    let (mut input, mut output) = (
        BufReader::new(File::open(input)?),
        BufWriter::new(File::create(output)?),
    );
    let summary = predict(&grader, &options, &mut input, &mut output, &mut |line| {
        eprintln!("{line}")
    })?;
    println!(
        "{} tasks, {} answers, {} accepted",
        summary.tasks, summary.answers, summary.accepted
    );
    Ok(())
}

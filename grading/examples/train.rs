//! Fits the head: `cargo run --release -p grading --example train -- DATA OUT [CACHE]`.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::commands::{TrainCommand, train};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, out, rest @ ..] = arguments.as_slice() else {
        return Err("usage: train DATA OUT [CACHE]".into());
    };
    let command = TrainCommand {
        data: vec![data.into()],
        out: out.into(),
        version: "trained".into(),
        seed: 1,
        cache: rest.first().map(Into::into),
        grader: GraderConfig::default(),
    };
    let (_, tables) = train(command, &mut |line| println!("{line}"))?;
    println!("{tables}");
    Ok(())
}

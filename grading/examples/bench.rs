//! How fast this machine grades: `cargo run --release -p grading --example bench -- [ANSWERS] [WORKERS] [f32|bf16|int8]`.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::commands::bench;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: usize| arguments.get(at).map_or(Ok(usual), |text| text.parse());
    let (answers, workers) = (number(0, 512)?, number(1, 0)?);
    let precision = arguments.get(2).map_or("", String::as_str).parse()?;
    let report = bench(
        GraderConfig {
            workers,
            precision,
            ..GraderConfig::default()
        },
        answers,
    )?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

//! How fast this machine grades: `cargo run --release -p grading --example bench -- [ANSWERS] [WORKERS]`.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use grading::GraderConfig;
use grading::commands::bench;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>());
    let answers = numbers.next().transpose()?.unwrap_or(512);
    let workers = numbers.next().transpose()?.unwrap_or(0);
    let report = bench(
        GraderConfig {
            workers,
            ..GraderConfig::default()
        },
        answers,
    )?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        for line in status
            .lines()
            .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
        {
            println!("{line}");
        }
    }
    Ok(())
}

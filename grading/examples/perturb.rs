//! What changes a grade although the meaning stays: `cargo run --release -p grading --example perturb -- DATA [ANSWERS PER DATA SET]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use grading::evaluate::perturb::perturb;
use grading::{Grader, GraderConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, rest @ ..] = arguments.as_slice() else {
        return Err("usage: perturb DATA [ANSWERS PER DATA SET]".into());
    };
    let most = rest.first().map_or(Ok(300), |text| text.parse())?;
    let grader = Grader::start(GraderConfig::default())?;
    let rows = grading::dataset::load(&[data.into()])?;
    println!("{}", grader.model_version());
    for effect in perturb(&grader, &rows, most, &mut |line| eprintln!("{line}"))? {
        println!(
            "{:<32} {} answers: mean {:+.3}, of right ones {:+.3}; fell {:.3}, rose {:.3}; accepted {:.3} → {:.3}",
            effect.change,
            effect.answers,
            effect.mean,
            effect.mean_of_right,
            effect.fell,
            effect.rose,
            effect.accepted[0],
            effect.accepted[1]
        );
    }
    Ok(())
}

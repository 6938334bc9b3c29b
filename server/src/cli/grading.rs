//! `grading …`: the model on the command line. The formats are stable: other programs call these.

use crate::boot::grader_config;
use crate::config::Config;
use clap::Subcommand;
use grading::Grader;
use grading::commands::{self, EvaluateOptions, PredictOptions, Protocol, TrainCommand};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Grading {
    /// Grades tasks: one JSON object a line in, one out.
    Predict {
        #[arg(long = "in")]
        input: PathBuf,
        #[arg(long = "out")]
        output: PathBuf,
        /// Accept suggestions so that this share of the accepted ones would be the teacher's.
        #[arg(long, default_value_t = 0.95)]
        target_agreement: f32,
    },
    /// Measures grades on graded answers: nested on data the model was trained on, else as it is.
    Evaluate {
        #[arg(long, required = true, num_args = 1..)]
        data: Vec<PathBuf>,
        /// `unseen`: questions nobody has graded; `kshot`: a teacher has graded some answers.
        #[arg(long, default_value = "kshot")]
        protocol: Protocol,
        /// How many answers of each question the teacher has graded.
        #[arg(long, value_delimiter = ',', default_value = "0,5,10,20,40")]
        k: Vec<usize>,
        #[arg(long, default_value_t = 5)]
        seeds: u64,
        /// Divide the questions into folds in so many ways (an hour of two cores each), not anew for every seed.
        #[arg(long)]
        divisions: Option<u64>,
        #[arg(long)]
        most_per_question: Option<usize>,
        /// Keeps what was computed here between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Says why each answer of a task (the first line of the file) would get its points.
    Explain {
        #[arg(long = "in")]
        input: PathBuf,
        #[arg(long, default_value_t = 0.95)]
        target_agreement: f32,
        #[arg(long)]
        json: bool,
    },
    /// Fits the head on graded answers.
    Train {
        #[arg(long, required = true, num_args = 1..)]
        data: Vec<PathBuf>,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        version: Option<String>,
        #[arg(long)]
        seed: Option<u64>,
        /// Keeps computed features here between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
    },
    /// How fast this machine grades.
    Bench {
        #[arg(long, default_value_t = 256)]
        answers: usize,
        #[arg(long)]
        json: bool,
    },
    /// Which devices there are, and whether they compute correctly.
    Devices,
}

impl Grading {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        tokio::task::spawn_blocking(move || self.run_blocking(&config)).await?
    }

    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    fn run_blocking(self, config: &Config) -> anyhow::Result<ExitCode> {
        let grader = grader_config(config)?;
        let mut progress = |line: &str| eprintln!("{line}");
        match self {
            Grading::Predict {
                input,
                output,
                target_agreement,
            } => {
                let grader = Grader::start(grader)?;
                let mut input = BufReader::new(File::open(input)?);
                let mut output = BufWriter::new(File::create(output)?);
                let options = PredictOptions { target_agreement };
                let summary = commands::predict(&grader, &options, &mut input, &mut output, &mut progress)?;
                output.flush()?;
                eprintln!(
                    "{} tasks, {} answers, {} accepted",
                    summary.tasks, summary.answers, summary.accepted
                );
            }
            Grading::Explain {
                input,
                target_agreement,
                json,
            } => {
                let text = std::fs::read_to_string(input)?;
                let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                let all = commands::explain(&grader, line, target_agreement)?;
                if json {
                    println!("{}", serde_json::to_string_pretty(&all)?);
                } else {
                    all.iter().for_each(|explained| println!("{}", explained.render()));
                }
            }
            Grading::Evaluate {
                data,
                protocol,
                k,
                seeds,
                divisions,
                most_per_question,
                cache,
                json,
            } => {
                let report = commands::evaluate(
                    EvaluateOptions {
                        data,
                        protocol,
                        k,
                        seeds,
                        divisions,
                        most_per_question,
                        cache,
                        grader,
                    },
                    &mut progress,
                )?;
                if json {
                    println!("{}", serde_json::to_string_pretty(&report)?);
                } else {
                    println!("{}", report.text);
                }
            }
            Grading::Train {
                data,
                out,
                version,
                seed,
                cache,
            } => {
                let command = TrainCommand {
                    data,
                    out,
                    version,
                    seed,
                    cache,
                    grader,
                };
                println!("{}", commands::train(command, &mut progress)?.1);
            }
            Grading::Bench { answers, json } => {
                let report = commands::bench(grader, answers)?;
                if json {
                    println!("{}", serde_json::to_string_pretty(&report)?);
                } else {
                    println!("{} on {}, {} workers", report.model, report.device, report.workers);
                    println!(
                        "{:.1} answers/s, {:.0} tokens/s",
                        report.answers_per_second, report.tokens_per_second
                    );
                    println!(
                        "one answer alone: {:.1} ms; cold start: {} ms",
                        report.single_milliseconds, report.cold_start_milliseconds
                    );
                }
            }
            Grading::Devices => {
                let reports = commands::devices(&grader);
                for report in &reports {
                    let verdict = if report.works { "works" } else { "not usable" };
                    println!("{:5} {verdict}: {}", report.device.as_str(), report.detail);
                }
                if !reports.iter().any(|report| report.works) {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

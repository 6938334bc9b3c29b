//! `grading …`: the model on the command line. The formats are stable: other programs call these.

use crate::boot::grader_config;
use crate::config::Config;
use anyhow::Context;
use clap::Subcommand;
use grading::Grader;
use grading::commands::{self, EvaluateOptions, PredictOptions, Protocol, TrainCommand};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
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
        /// The name that grades will carry; `models register` shows it.
        #[arg(long, default_value = "trained")]
        version: String,
        #[arg(long, default_value_t = 1)]
        seed: u64,
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
                let mut tasks = BufReader::new(opened(&input)?);
                let grader = Grader::start(grader)?;
                let mut grades = Grades::create(output)?;
                let options = PredictOptions { target_agreement };
                let summary = commands::predict(&grader, &options, &mut tasks, &mut grades.file, &mut progress)
                    .with_context(|| grades.so_far())?;
                grades.finish()?;
                eprintln!(
                    "{} tasks, {} answers, {} accepted",
                    summary.tasks, summary.answers, summary.accepted
                );
                if summary.failed > 0 {
                    eprintln!("{} tasks could not be graded; their lines say why", summary.failed);
                    return Ok(ExitCode::FAILURE);
                }
            }
            Grading::Explain {
                input,
                target_agreement,
                json,
            } => {
                let mut file = Vec::new();
                opened(&input)?
                    .read_to_end(&mut file)
                    .with_context(|| input.display().to_string())?;
                let all = commands::explain(&grader, &file, target_agreement, &mut progress)
                    .with_context(|| input.display().to_string())?;
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

fn opened(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}

/// Where grades are written: beside the file they are for until all are there, so that a stopped run destroys nothing.
/// What is no ordinary file (a pipe, a terminal) is written to at once.
struct Grades {
    file: BufWriter<File>,
    /// The file so far, and its name when it is whole.
    parts: Option<(PathBuf, PathBuf)>,
}

impl Grades {
    fn create(path: PathBuf) -> anyhow::Result<Self> {
        let ordinary = std::fs::metadata(&path).map_or(true, |found| found.is_file());
        let parts = ordinary.then(|| {
            let mut name = path.clone().into_os_string();
            name.push(".partial");
            (PathBuf::from(name), path.clone())
        });
        let open = parts.as_ref().map_or(&path, |(partial, _)| partial);
        let file = File::create(open).with_context(|| open.display().to_string())?;
        Ok(Self {
            file: BufWriter::new(file),
            parts,
        })
    }

    fn so_far(&self) -> String {
        let kept = self.parts.as_ref();
        kept.map_or_else(
            || "not all tasks were graded".into(),
            |(partial, _)| format!("not all tasks were graded; what was is in {}", partial.display()),
        )
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.file.flush()?;
        if let Some((partial, whole)) = &self.parts {
            std::fs::rename(partial, whole).with_context(|| whole.display().to_string())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_replace_a_file_only_when_all_are_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("grades.jsonl");
        std::fs::write(&file, "old").expect("writes");
        let read = || std::fs::read_to_string(&file).expect("reads");
        let mut stopped = Grades::create(file.clone()).expect("opens");
        stopped.file.write_all(b"half").expect("writes");
        drop(stopped);
        assert_eq!(read(), "old");
        let mut whole = Grades::create(file.clone()).expect("opens");
        whole.file.write_all(b"new").expect("writes");
        assert!(whole.so_far().contains("grades.jsonl.partial"));
        whole.finish().expect("renames");
        assert_eq!(read(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1);
        assert!(
            opened(Path::new("/no/such/file"))
                .expect_err("none")
                .to_string()
                .contains("/no/such/file")
        );
    }
}

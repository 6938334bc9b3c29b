//! `models …`: the register of grading models, and making stored suggestions again.

use crate::boot;
use crate::config::Config;
use crate::worker::replay;
use anyhow::Context;
use app::grade::service::{Outcome, replays};
use app::grader_model::service;
use app::ids::{QuestionId, RunId};
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Models {
    /// What is registered, the active one first.
    List,
    /// Register a head, as written by `grading train`; it is not active before you say so.
    Register {
        /// head.json
        #[arg(long)]
        head: PathBuf,
        /// report.json
        #[arg(long)]
        report: Option<PathBuf>,
    },
    /// Have every worker grade with this model from now on.
    Activate { name: String },
    /// Go back to the model that was active before.
    Rollback,
    /// Make stored suggestions again from the history, and compare them to the bit.
    Replay {
        /// Of one question only.
        #[arg(long)]
        question: Option<QuestionId>,
    },
}

impl Models {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        if let Models::Replay { question } = self {
            return again(config, question).await;
        }
        let ctx = boot::start(config, false).await?.ctx().await?;
        match self {
            Models::List => {
                for model in service::list_by_system(&ctx).await? {
                    let state = if model.active { "active" } else { "      " };
                    let head = model.head_hash.unwrap_or_else(|| "built into the program".into());
                    println!("{state}  {}  {head}  {} suggestions", model.name, model.suggestions);
                }
            }
            Models::Register { head, report } => {
                let bytes = std::fs::read(&head).with_context(|| format!("{} cannot be read", head.display()))?;
                let report = report
                    .map(|file| {
                        std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
                    })
                    .transpose()?;
                let id = service::register_by_system(&ctx, bytes, report).await?;
                let models = service::list_by_system(&ctx).await?;
                if let Some(model) = models.into_iter().find(|model| model.id == id) {
                    println!("{}", model.name);
                }
            }
            Models::Activate { name } => {
                service::activate_by_system(&ctx, &name).await?;
                println!("{name} is active; workers switch within seconds.");
            }
            Models::Rollback => {
                service::roll_back_by_system(&ctx).await?;
                println!("The model that was active before is active again.");
            }
            Models::Replay { .. } => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Default)]
struct Counted {
    runs: u32,
    suggestions: u64,
    /// The question was edited since, or something was deleted.
    changed: u32,
    other_model: u32,
    different: u32,
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn again(config: Config, question: Option<QuestionId>) -> anyhow::Result<ExitCode> {
    let parts = boot::start(config, true).await?;
    let ctx = parts.ctx().await?;
    let grader = parts.grader.as_ref().context("the grader is not loaded")?.get();
    let (mut after, mut counted): (Option<RunId>, _) = (None, Counted::default());
    loop {
        let piece = replays(&ctx, question, after, 20).await?;
        let Some((last, _)) = piece.last() else { break };
        after = Some(*last);
        for (run, stored) in piece {
            let Ok(stored) = stored else {
                counted.changed += 1;
                continue;
            };
            if stored.model != grader.model_version() {
                counted.other_model += 1;
                continue;
            }
            let made = replay(&grader, &stored).await?;
            if made.input_hash != stored.input_hash {
                counted.changed += 1;
                continue;
            }
            let outcome: Vec<Outcome> = made.suggestions.iter().map(Outcome::of).collect();
            if outcome == stored.outcome {
                counted.runs += 1;
                counted.suggestions += outcome.len() as u64;
            } else {
                counted.different += 1;
                println!("run {run} came out differently");
            }
        }
    }
    println!(
        "{} runs with {} suggestions came out the same, to the bit; {} differently. Not comparable: {} because the question or its answers were changed since, {} because another model made them.",
        counted.runs, counted.suggestions, counted.different, counted.changed, counted.other_model
    );
    Ok(if counted.different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

//! `models …`: the register of grading models, and making stored suggestions again.

use crate::boot;
use crate::config::Config;
use crate::worker::again;
use anyhow::Context;
use app::grader_model::service;
use app::ids::QuestionId;
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
    /// Make stored suggestions again from the history, each with the model that made it, and compare them to the bit. Fails when something
    /// differs, and when there are runs but none could be compared.
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
            let parts = boot::start(config, true).await?;
            let (ctx, grader) = (parts.ctx().await?, parts.grader.context("the grader is not loaded")?);
            let found = again::all(&ctx, &grader, question).await?;
            println!("{found}");
            return Ok(if found.is_well() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        let ctx = boot::start(config, false).await?.ctx().await?;
        match self {
            Models::List => {
                for model in service::list_by_system(&ctx).await? {
                    let state = if model.active { "active" } else { "      " };
                    let head = model
                        .head_hash
                        .unwrap_or_else(|| "not kept: built into a program".into());
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

//! `migrate`: the schema, one process at a time, with the SQL to read beforehand and sums to compare afterwards.

use crate::config::Config;
use anyhow::{Context, bail};
use app::platform::db::Db;
use clap::{Args, Subcommand};
use migration::{control, inspect};
use std::path::PathBuf;
use std::process::ExitCode;

/// Bring the database to this version's schema.
#[derive(Args)]
pub struct Migrate {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Apply what is pending (the default). Only one process migrates at a time.
    Up,
    /// Print the SQL that `up` would run, and change nothing.
    Plan,
    /// Say where the schema stands.
    Status,
    /// Take back the newest migrations.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Check that the database is whole; save row counts and checksums, or compare with saved ones.
    Verify {
        /// Write row counts and checksums of every table to this file.
        #[arg(long)]
        save: Option<PathBuf>,
        /// Compare with a file written before.
        #[arg(long)]
        compare: Option<PathBuf>,
        /// More rows than before are fine: the system went on working.
        #[arg(long)]
        grown_ok: bool,
    },
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
impl Migrate {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        std::fs::create_dir_all(&config.server.data_dir)?;
        // Without limits on time: a large table takes as long as it takes.
        let db = Db::connect(&config.database_url(), 2)
            .await
            .context("the database cannot be opened")?;
        let db = db.read();
        match self.action.unwrap_or(Action::Up) {
            Action::Up => match control::up(db).await?.as_slice() {
                [] => println!("Nothing is pending."),
                applied => applied.iter().for_each(|name| println!("applied {name}")),
            },
            Action::Plan => plan(db).await?,
            Action::Status => status(&control::look(db).await?),
            Action::Down { steps } => {
                for name in control::down(db, steps).await? {
                    println!("took back {name}");
                }
            }
            Action::Verify {
                save,
                compare,
                grown_ok,
            } => return verify(db, save, compare, grown_ok).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn plan(db: &sea_orm::DatabaseConnection) -> anyhow::Result<()> {
    let steps = control::plan(db).await?;
    if steps.is_empty() {
        println!("-- Nothing is pending.");
    }
    for step in steps {
        println!("-- {}", step.migration);
        for statement in step.statements {
            println!("{statement};");
        }
        println!();
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
fn status(schema: &control::Schema) {
    for name in &schema.applied {
        let mark = if schema.unknown.contains(name) {
            "newer  "
        } else {
            "applied"
        };
        println!("{mark} {name}");
    }
    for name in &schema.pending {
        println!("pending {name}");
    }
    match (&schema.needs, schema.suits()) {
        (None, _) => println!("{} migrations are pending.", schema.pending.len()),
        (Some(_), true) => println!("The schema is newer than this program, which can serve on it all the same."),
        (Some(needs), false) => {
            println!("The schema is newer than this program, which cannot serve on it: {needs} is needed.")
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn verify(
    db: &sea_orm::DatabaseConnection,
    save: Option<PathBuf>,
    compare: Option<PathBuf>,
    grown_ok: bool,
) -> anyhow::Result<ExitCode> {
    let mut bad = 0;
    let findings = inspect::integrity(db).await?;
    bad += findings.len();
    for finding in &findings {
        println!("broken  {}: {}", finding.place, finding.problem);
    }
    let before: Option<inspect::Snapshot> = match &compare {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            Some(serde_json::from_str(&text).with_context(|| format!("{} holds no snapshot", file.display()))?)
        }
        None => None,
    };
    let now = inspect::snapshot(db, before.as_ref()).await?;
    for (table, state) in &now.tables {
        println!("table   {table}: {} rows, {}", state.rows, state.checksum);
    }
    if let Some(before) = &before {
        for difference in inspect::compare(before, &now) {
            let fine = difference.grown && grown_ok;
            bad += usize::from(!fine);
            println!(
                "{} {}: {}",
                if fine { "grown  " } else { "changed" },
                difference.table,
                difference.problem
            );
        }
    }
    if let Some(file) = save {
        if compare.is_some() {
            bail!("save and compare in one call would write down only what the older file knows; call twice");
        }
        std::fs::write(&file, serde_json::to_vec_pretty(&now)?)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        println!("saved   {}", file.display());
    }
    println!(
        "{}",
        if bad == 0 {
            "All is whole."
        } else {
            "Not all is as it should be."
        }
    );
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

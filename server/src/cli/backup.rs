//! `backup …` and `restore`.

use crate::backup::env::Env;
use crate::backup::restore::{Order, restore};
use crate::backup::{create, prove, prune, record, replay, seal, source};
use crate::config::Config;
use anyhow::{Context, bail};
use app::platform::db::Db;
use app::time::Timestamp;
use clap::{Args, Subcommand};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Backup {
    /// Make one now; with --prove, restore it to a scratch place and compare.
    Create {
        #[arg(long)]
        prove: bool,
        #[arg(long)]
        json: bool,
    },
    /// What there is, oldest first.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Remove what is older than the days to keep; never the last proven one.
    Prune {
        /// Instead of the configured days.
        #[arg(long)]
        keep_days: Option<i64>,
        /// Only say what would go.
        #[arg(long)]
        dry_run: bool,
    },
    /// Prove one: restore it to a scratch place, compare every table, open files.
    Verify {
        /// Its id, or `latest`.
        #[arg(default_value = "latest")]
        id: String,
        /// Open every file rather than a sample.
        #[arg(long)]
        all_files: bool,
        /// The private key's file.
        #[arg(long)]
        identity: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Make a key pair: the private half to a file, the public half to be configured.
    Keygen {
        #[arg(long, default_value = "backup-identity.txt")]
        out: PathBuf,
    },
}

#[derive(Args)]
pub struct Restore {
    /// The backup's id, or `latest`.
    #[arg(long)]
    from: String,
    /// The database to fill; the configured one by default.
    #[arg(long)]
    to_database: Option<String>,
    /// Then replay the binary log up to this time, such as 2026-11-24T10:15:00Z. MySQL and MariaDB only.
    #[arg(long)]
    to_time: Option<String>,
    /// Files of the binary log, for --to-time.
    #[arg(long, num_args = 1..)]
    binlog: Vec<PathBuf>,
    /// Lose what the database holds now.
    #[arg(long)]
    replace: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// The database alone.
    #[arg(long)]
    no_files: bool,
    /// The private key's file.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// The public key (hex) that must have signed the manifest, where it is not this installation's.
    #[arg(long)]
    signer: Option<String>,
}

/// For notes alone; a backup does not depend on it, and nothing is migrated.
async fn notes(config: &Config) -> Option<Db> {
    Db::connect(&config.database_url(), 2).await.ok()
}

impl Backup {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, mut config: Config) -> anyhow::Result<ExitCode> {
        match self {
            Backup::Keygen { out } => {
                let public = seal::keygen(&out)?;
                println!(
                    "The private key is in {}. Keep it away from the server and in two places:",
                    out.display()
                );
                println!("without it no backup can be read. Configure the public key:\nBACKUP_RECIPIENT={public}");
            }
            Backup::Create { prove: also, json } => {
                let env = Env::open(&config).await?;
                let db = notes(&config).await;
                let manifest = create::create(&env, db.as_ref()).await?;
                let proof = match also {
                    true => Some(prove::prove(&env, db.as_ref(), &manifest.id, false).await?),
                    false => None,
                };
                if json {
                    println!("{}", serde_json::json!({ "manifest": manifest, "proof": proof }));
                } else {
                    println!("{}", create::summary(&manifest));
                    if let Some(proof) = proof {
                        println!("{}", proven(&proof));
                    }
                }
            }
            Backup::List { json } => return list(&config, json).await,
            Backup::Prune { keep_days, dry_run } => {
                let env = Env::open(&config).await?;
                let db = notes(&config).await;
                let days = keep_days.unwrap_or(config.backup.keep_days);
                let pruned = prune::prune(&env, db.as_ref(), days, dry_run).await?;
                let verb = if dry_run { "Would remove" } else { "Removed" };
                println!(
                    "{verb} {} backups older than {days} days, {} leftovers and {} copies of files that nothing refers to.",
                    pruned.backups.len(),
                    pruned.leftovers,
                    pruned.copies
                );
                pruned.backups.iter().for_each(|id| println!("{id}"));
            }
            Backup::Verify {
                id,
                all_files,
                identity,
                json,
            } => {
                config.backup.identity_file = identity.or(config.backup.identity_file);
                let env = Env::open(&config).await?;
                let db = notes(&config).await;
                let proof = prove::prove(&env, db.as_ref(), &id, all_files).await?;
                match json {
                    true => println!("{}", serde_json::to_string(&proof)?),
                    false => println!("{}", proven(&proof)),
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn proven(proof: &crate::backup::manifest::Proof) -> String {
    format!(
        "{} is proven: {} rows of {} tables restored into {} and equal; {} files present, {} opened and checked; {:.1} s",
        proof.id,
        proof.rows,
        proof.tables,
        proof.place,
        proof.files_present,
        proof.files_read,
        proof.milliseconds as f64 / 1000.0
    )
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn list(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let env = Env::open(config).await?;
    let db = notes(config).await;
    let signer = env.known_signer()?;
    let (ids, _) = env.place.ids().await?;
    let (mut rows, mut bad) = (Vec::new(), false);
    for id in &ids {
        match env.place.manifest(id, signer.as_deref()).await {
            Ok(manifest) => {
                let proof = env.place.proof(id).await?;
                if let Some(db) = &db
                    && let Err(error) = record::write(db, &manifest, proof.as_ref()).await
                {
                    tracing::debug!(%error, "the list in the database is not up to date");
                }
                rows.push(serde_json::json!({
                    "id": manifest.id, "created_at": manifest.created_at.rfc3339(), "version": manifest.version, "source": manifest.source,
                    "size": manifest.database.size, "rows": manifest.rows(), "files": manifest.files,
                    "proven_at": proof.map(|proof| proof.at.rfc3339()),
                }));
            }
            Err(error) => {
                bad = true;
                eprintln!("auto-grader: {error:#}");
            }
        }
    }
    if let Some(db) = &db {
        let _ = record::keep_only(db, &ids).await;
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else if rows.is_empty() {
        println!("There is no backup in {} yet.", env.place.name);
    } else {
        println!(
            "{:22}  {:20}  {:>9}  {:>9}  {:>7}  Proven",
            "Id", "Made", "Size", "Rows", "Files"
        );
        for row in &rows {
            let text = |name: &str| row[name].as_str().unwrap_or("no").to_owned();
            println!(
                "{:22}  {:20}  {:>9}  {:>9}  {:>7}  {}",
                text("id"),
                text("created_at"),
                create::bytes(row["size"].as_u64().unwrap_or(0)),
                row["rows"],
                row["files"],
                text("proven_at")
            );
        }
    }
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Restore {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, mut config: Config) -> anyhow::Result<ExitCode> {
        let began = std::time::Instant::now();
        config.backup.identity_file = self.identity.or(config.backup.identity_file);
        let to = self.to_database.unwrap_or_else(|| config.database_url());
        let env = Env::open(&config).await?;
        if self.replace && !self.yes {
            confirm(&source::place_of(&to))?;
        }
        let until = self.to_time.as_deref().map(instant).transpose()?;
        if let Some(until) = until {
            let expected = self
                .signer
                .clone()
                .map_or_else(|| env.known_signer(), |signer| Ok(Some(signer)))?;
            let manifest = env.place.manifest(&self.from, expected.as_deref()).await?;
            replay::possible(&manifest, &to, &self.binlog, until)?;
        }
        let order = Order {
            from: self.from,
            to: to.clone(),
            replace: self.replace,
            signer: self.signer,
            files: !self.no_files,
            replay_follows: until.is_some(),
        };
        let restored = restore(&env, &order, |words| println!("{words}")).await?;
        if let Some(until) = until {
            println!("Replaying the binary log up to {} …", until.rfc3339());
            let scratch = env.scratch()?;
            replay::replay(&restored.manifest, &to, &self.binlog, until, scratch.path())?;
            let target = crate::backup::target::Target::open(&to).await?;
            target.migrate().await?;
            target.close().await?;
        }
        println!(
            "Restored {} into {}: {} rows, {} files put back, {} were there; {:.1} s",
            restored.manifest.id,
            source::place_of(&to),
            restored.rows,
            restored.files_put,
            restored.files_there,
            began.elapsed().as_secs_f64()
        );
        println!("Next: start the server, then run `auto-grader verify launch`.");
        Ok(ExitCode::SUCCESS)
    }
}

#[expect(clippy::print_stdout, reason = "a command asks on the terminal")]
fn confirm(place: &str) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("--replace loses what is in {place}: add --yes if that is meant. Nothing was changed");
    }
    println!("Everything in {place} will be lost. Type “replace” to go on:");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    match line.trim() {
        "replace" => Ok(()),
        _ => bail!("not confirmed. Nothing was changed"),
    }
}

fn instant(text: &str) -> anyhow::Result<Timestamp> {
    let read = chrono::DateTime::parse_from_rfc3339(text);
    let read = read.with_context(|| format!("“{text}” is no time; write it like 2026-11-24T10:15:00Z"))?;
    Ok(Timestamp(read.timestamp_micros()))
}

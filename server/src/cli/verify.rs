//! `verify …`: the runbook's checks.

use crate::config::Config;
use crate::verify::launch::{Look, launch};
use crate::verify::walk::Walk;
use crate::verify::{Access, Checks, migration, post, rollback, smoke};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct Where {
    /// The server; the configured address by default.
    #[arg(long)]
    base_url: Option<String>,
    /// An authority to trust besides the system's.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Admin {
    /// A token of an administrator with all scopes. Without one, where the database can be reached, an account is made for the check and
    /// deactivated afterwards.
    #[arg(long, env = "AUTO_GRADER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Check only what anyone may see.
    #[arg(long)]
    public_only: bool,
}

#[derive(Subcommand)]
pub enum Verify {
    /// Every part before people come: services, database, cache, files, grader, TLS, names, disk, clock, backups, mail.
    Launch {
        #[command(flatten)]
        place: Where,
        /// Names that must resolve and be in the certificate.
        #[arg(long = "name")]
        names: Vec<String>,
        /// TLS 1.2 is meant to be taken.
        #[arg(long)]
        tls12: bool,
        /// How old the last proven backup may be, in hours.
        #[arg(long, default_value_t = 26)]
        backup_hours: i64,
        /// Do not load the model here.
        #[arg(long)]
        no_grader: bool,
    },
    /// Walks the main job on a running server: sign in, create, send a file, submit, grade, read; then cleans up.
    Smoke {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        admin: Admin,
    },
    /// The data after a migration: schema, tables, references, accounts, files, audit log.
    Migration {
        #[arg(long)]
        json: bool,
    },
    /// After a rollback: the version, and that nothing handed in was lost.
    Rollback {
        #[command(flatten)]
        place: Where,
        /// The version that must serve now.
        #[arg(long)]
        expect_version: Option<String>,
        /// Before the switch: write down what must not change.
        #[arg(long, conflicts_with = "compare")]
        record: Option<PathBuf>,
        /// After the switch: compare with what was written down.
        #[arg(long)]
        compare: Option<PathBuf>,
    },
    /// After the switch: a file sent, an answer graded, a mail delivered.
    PostLaunch {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        admin: Admin,
        /// Whom to send a mail to.
        #[arg(long)]
        mail_to: Option<String>,
    },
}

impl Where {
    fn base(&self, config: &Config) -> String {
        let configured = || format!("http://{}", config.server.addr);
        self.base_url.clone().unwrap_or_else(configured)
    }

    fn walk(&self, config: &Config) -> anyhow::Result<Walk> {
        Walk::new(&self.base(config), self.ca_file.as_deref())
    }
}

impl Verify {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        match self {
            Verify::Launch {
                place,
                names,
                tls12,
                backup_hours,
                no_grader,
            } => {
                let look = Look {
                    base_url: place.base(&config),
                    ca_file: place.ca_file.clone(),
                    names,
                    tls12,
                    backup_hours,
                    grader: !no_grader,
                };
                let mut checks = Checks::new(place.json);
                launch(&config, &look, &mut checks).await;
                checks.end(place.json)
            }
            Verify::Smoke { place, admin } => walked(&config, &place, &admin, None).await,
            Verify::PostLaunch { place, admin, mail_to } => walked(&config, &place, &admin, Some(mail_to)).await,
            Verify::Migration { json } => {
                let mut checks = Checks::new(json);
                migration::migration(&config, &mut checks).await;
                checks.end(json)
            }
            Verify::Rollback {
                place,
                expect_version,
                record,
                compare,
            } => rolled_back(&config, &place, expect_version.as_deref(), record, compare).await,
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn rolled_back(
    config: &Config,
    place: &Where,
    expected: Option<&str>,
    record: Option<PathBuf>,
    compare: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    if let Some(file) = record {
        let made = rollback::record(config, &file).await?;
        println!("{} submissions written down in {}", made.submissions, file.display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut checks = Checks::new(place.json);
    let walk = place.walk(config)?;
    rollback::compare(config, &walk, compare.as_deref(), expected, &mut checks).await;
    checks.end(place.json)
}

/// The main job; with `post`, also what comes after a launch.
async fn walked(
    config: &Config,
    place: &Where,
    admin: &Admin,
    post: Option<Option<String>>,
) -> anyhow::Result<ExitCode> {
    let walk = place.walk(config)?;
    let mut checks = Checks::new(place.json);
    smoke::public(&walk, &mut checks).await;
    if admin.public_only {
        return checks.end(place.json);
    }
    let access = match admin.token {
        Some(_) => None,
        None => Some(Access::open(config).await?),
    };
    let given = admin.token.clone().unwrap_or_default();
    let token = access.as_ref().map_or(given.as_str(), |access| access.token.as_str());
    match post {
        Some(mail_to) => {
            let parts = access.as_ref().map(|access| &access.parts);
            post::post(&walk, token, parts, mail_to.as_deref(), &mut checks).await;
        }
        None => smoke::main_job(&walk, token, &mut checks).await,
    }
    if let Some(access) = access {
        access.end().await?;
    }
    checks.end(place.json)
}

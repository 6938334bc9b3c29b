//! The commands of the one binary.

mod backup;
mod files;
mod grading;
mod launch;
mod mail;
mod maintenance;
mod migrate;
mod models;
mod serve;
mod storage;
mod user;
mod verify;

use crate::config::{self, Config};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Grades free-text answers, keeps the teacher in charge, and runs itself.
#[derive(Parser)]
#[command(name = "auto-grader", version)]
struct Cli {
    /// Configuration file; `auto-grader.toml` here, if there is one.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Settings people change by hand; all others come from the file or the environment.
#[derive(Args, Clone, Default)]
struct Flags {
    /// Listen here.
    #[arg(long, global = true)]
    addr: Option<String>,
    /// Database, files and keys of an embedded installation.
    #[arg(long, global = true)]
    data_dir: Option<String>,
    /// Where the database is.
    #[arg(long, global = true)]
    database_url: Option<String>,
    /// The built browser side.
    #[arg(long, global = true)]
    site_root: Option<String>,
    /// How much to log.
    #[arg(long, global = true)]
    log_level: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and grade (the default).
    Serve(serve::Serve),
    /// Grade only.
    Work,
    /// Bring the database to this version's schema.
    Migrate(migrate::Migrate),
    /// Put the demo institution into an empty database.
    Seed,
    /// Backups: make, list, prove, remove.
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Fill an empty database, and the file store, from a backup.
    Restore(backup::Restore),
    /// Accounts.
    #[command(subcommand)]
    User(user::User),
    /// Files: move them all to another store, remove what nobody refers to.
    #[command(subcommand)]
    Files(files::Files),
    /// The object store: serve one, prepare one.
    #[command(subcommand)]
    Storage(storage::Storage),
    /// The grading model.
    #[command(subcommand)]
    Grading(grading::Grading),
    /// The register of grading models.
    #[command(subcommand)]
    Models(models::Models),
    /// Check a running installation.
    #[command(subcommand)]
    Verify(verify::Verify),
    /// The report of a launch: make one, check one.
    #[command(subcommand)]
    Launch(launch::Launch),
    /// Sending mail.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Read-only times, told ahead.
    #[command(subcommand)]
    Maintenance(maintenance::Maintenance),
    /// The configuration in effect.
    #[command(subcommand)]
    Config(ShowConfig),
    /// The description of the REST API, as JSON.
    Openapi,
    /// Reads a file on standard input, in a process of its own; started by the server.
    #[command(hide = true)]
    ExtractText { kind: String },
}

#[derive(Subcommand)]
enum ShowConfig {
    /// Print it, with secrets hidden.
    Show,
}

/// Reads the command line and runs the command.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Runs with next to no environment and little memory: before the configuration and the runtime.
    if let Some(Command::ExtractText { kind }) = &cli.command {
        return app::file::extract::isolate::child_main(kind);
    }
    if let Ok(program) = std::env::current_exe() {
        app::file::extract::isolate::use_program(program);
    }
    let config = match load(&cli) {
        Ok(config) => config,
        Err(error) => return failed(&error.into()),
    };
    crate::telemetry::start(&config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(
        cli.command.unwrap_or_else(|| Command::Serve(serve::Serve::default())),
        config,
    )) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("auto-grader: {error:#}");
    ExitCode::FAILURE
}

fn load(cli: &Cli) -> Result<Config, config::ConfigError> {
    let flags = [
        ("server.addr", &cli.flags.addr),
        ("server.data_dir", &cli.flags.data_dir),
        ("database.url", &cli.flags.database_url),
        ("server.site_root", &cli.flags.site_root),
        ("log.level", &cli.flags.log_level),
    ];
    let flags: Vec<_> = flags
        .into_iter()
        .filter_map(|(path, value)| value.clone().map(|value| (path, value)))
        .collect();
    config::load(cli.config.as_deref(), |name| std::env::var(name).ok(), &flags)
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(options) => options.run(config).await?,
        Command::Work => serve::work(config).await?,
        Command::Migrate(command) => return command.run(config).await,
        Command::Seed => {
            let parts = crate::boot::start(config, true).await?;
            if let Some(worker) = parts.worker().await? {
                crate::seed::run(&parts.ctx().await?, &worker).await?;
            }
            println!("{}", crate::seed::logins());
        }
        Command::Backup(command) => return command.run(config).await,
        Command::Restore(command) => return command.run(config).await,
        Command::User(command) => command.run(config).await?,
        Command::Files(command) => return command.run(config).await,
        Command::Storage(command) => command.run(config).await?,
        Command::Grading(command) => return command.run(config).await,
        Command::Models(command) => return command.run(config).await,
        Command::Verify(command) => return command.run(config).await,
        Command::Launch(command) => return command.run(config).await,
        Command::Mail(command) => command.run(config).await?,
        Command::Maintenance(command) => return command.run(config).await,
        Command::Config(ShowConfig::Show) => print!("{}", config.redacted()),
        Command::ExtractText { .. } => return Ok(ExitCode::FAILURE),
        Command::Openapi => println!("{}", crate::rest::openapi().to_pretty_json()?),
    }
    Ok(ExitCode::SUCCESS)
}

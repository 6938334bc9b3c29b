//! `maintenance on | off | status`.

use crate::boot;
use crate::config::Config;
use anyhow::Context;
use app::maintenance::service::{self, Plan};
use app::platform::Ctx;
use app::time::Timestamp;
use clap::Subcommand;

/// Read-only times, told ahead.
#[derive(Subcommand)]
pub enum Maintenance {
    /// Pause changes now, or plan it.
    On {
        /// What people are told.
        #[arg(long, default_value = "")]
        message: String,
        /// When it begins: `now`, `+30m`, or a time in the institution's zone (2026-06-10T22:00).
        #[arg(long, default_value = "now")]
        from: String,
        /// When it will probably end: `+45m` after the beginning, or a time.
        #[arg(long)]
        until: Option<String>,
        /// Tell everyone by mail and in the app; a banner is on every page in any case.
        #[arg(long)]
        tell: bool,
    },
    /// End what is under way, and call off what is planned.
    Off,
    /// What is under way and planned. Exits with 3 while the system is read-only.
    Status,
}

impl Maintenance {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, config: Config) -> anyhow::Result<std::process::ExitCode> {
        let parts = boot::start(config, false).await?;
        let ctx = parts.ctx().await?;
        match self {
            Maintenance::On {
                message,
                from,
                until,
                tell,
            } => {
                let now = ctx.now();
                let from = time(&ctx, &from, now)?;
                let until = until.map(|text| time(&ctx, &text, from)).transpose()?;
                let plan = Plan {
                    message,
                    from: Some(from),
                    until,
                    tell,
                };
                service::open(&ctx, plan).await?;
                show(&ctx).await?;
            }
            Maintenance::Off => {
                let ended = service::close(&ctx).await?;
                println!("{ended} windows of maintenance ended. Changes are possible again within two seconds.");
            }
            Maintenance::Status => {
                if show(&ctx).await? {
                    return Ok(std::process::ExitCode::from(3));
                }
            }
        }
        Ok(std::process::ExitCode::SUCCESS)
    }
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn show(ctx: &Ctx) -> anyhow::Result<bool> {
    let overview = service::status(ctx).await?;
    println!(
        "{}",
        if overview.read_only {
            "Read-only."
        } else {
            "Changes are possible."
        }
    );
    for window in overview
        .windows
        .iter()
        .filter(|window| matches!(window.state.as_str(), "active" | "planned"))
    {
        let until = window
            .planned_until
            .map_or_else(|| "nobody knows".to_owned(), |at| at.date_time());
        println!(
            "{}: from {} until {until} ({}). {}",
            window.state,
            window.from.date_time(),
            window.from.zone(),
            window.message
        );
    }
    Ok(overview.read_only)
}

/// `now`, `+30m`, `+2h`, `+90s` after `base`, or a time of the institution's wall clock.
fn time(ctx: &Ctx, text: &str, base: Timestamp) -> anyhow::Result<Timestamp> {
    let text = text.trim();
    if text == "now" {
        return Ok(ctx.now());
    }
    if let Some(span) = text.strip_prefix('+') {
        let unit = match span.chars().last() {
            Some('s') => Timestamp::SECOND,
            Some('m') => Timestamp::MINUTE,
            Some('h') => Timestamp::HOUR,
            _ => anyhow::bail!("{text}: write a span as +90s, +30m or +2h"),
        };
        let number: u32 = span[..span.len() - 1]
            .parse()
            .context("a span is a number and s, m or h")?;
        return Ok(base.plus(i64::from(number) * unit));
    }
    ctx.parse_input(text)
        .with_context(|| format!("{text} is no time; write now, +30m or 2026-06-10T22:00"))
}

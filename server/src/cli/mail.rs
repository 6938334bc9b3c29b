//! `mail test` and `mail rollback-notice`.

use crate::boot;
use crate::config::Config;
use crate::mail::Sender;
use anyhow::{Context, bail};
use app::entity::mail_outbox;
use app::mail::delivery::state;
use app::mail::service;
use clap::Subcommand;
use sea_orm::EntityTrait;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Mail.
#[derive(Subcommand)]
pub enum Mail {
    /// Send a test mail through the outbox and wait until the mail server has taken it.
    Test {
        /// Whom to.
        #[arg(long)]
        to: String,
        /// How many seconds to wait.
        #[arg(long, default_value_t = 60)]
        wait: u64,
    },
    /// Tell everyone, in the app and by mail, that the system has returned to an earlier version.
    RollbackNotice {
        /// What happened, in a sentence or two.
        #[arg(long)]
        message: String,
        /// Names this rollback: told twice under the same name, people get it once.
        #[arg(long)]
        key: String,
    },
}

impl Mail {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let smtp = crate::mail::smtp(&config)?;
        let parts = boot::start(config, false).await?;
        let ctx = parts.ctx().await?;
        match self {
            Mail::Test { to, wait } => {
                let smtp = smtp.context("This installation sends no mail: SMTP_URL is not set")?;
                let place = smtp.place();
                let id = service::post_test(&ctx, &to).await?;
                // Sends by itself, beside whatever senders run: the outbox gives each mail to one of them.
                let sender = Sender {
                    ctx: ctx.clone(),
                    smtp,
                    metrics: parts.metrics.clone(),
                };
                let (began, stop) = (Instant::now(), CancellationToken::new());
                loop {
                    sender.batch(&stop).await?;
                    let row = mail_outbox::Entity::find_by_id(id).one(ctx.db()).await?;
                    let row = row.context("the mail has been removed from the outbox")?;
                    match row.state.as_str() {
                        state::SENT => {
                            println!(
                                "The mail server {place} has taken the mail to {to} ({}).",
                                row.message_id
                            );
                            return Ok(());
                        }
                        state::FAILED | state::UNSURE | state::CANCELLED | state::EXPIRED => {
                            bail!("{}: {}", row.state, row.problem.unwrap_or_default())
                        }
                        _ if began.elapsed() > Duration::from_secs(wait) => bail!(
                            "Not sent within {wait} seconds; it stays in the outbox and is tried again. {}",
                            row.problem.unwrap_or_default()
                        ),
                        _ => tokio::time::sleep(Duration::from_millis(500)).await,
                    }
                }
            }
            Mail::RollbackNotice { message, key } => {
                let people = service::rolled_back(&ctx, &message, &key).await?;
                let how = if ctx.state.mail.enabled {
                    "in the app and by mail"
                } else {
                    "in the app; mail is off"
                };
                println!("{people} people are told {how}.");
            }
        }
        Ok(())
    }
}

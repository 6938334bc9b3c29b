//! `verify post-launch`: what the runbook asks after the switch: a file, a grade, a mail, for real.

use super::walk::Walk;
use super::{Checks, not_here, smoke, well};
use crate::boot::Parts;
use anyhow::{Context, bail};
use app::entity::mail_outbox;
use app::mail::delivery::state;
use sea_orm::EntityTrait;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// The main job with its file and its grade, then a mail through the outbox, sent by the running system.
pub async fn post(walk: &Walk, token: &str, parts: Option<&Parts>, mail_to: Option<&str>, checks: &mut Checks) {
    smoke::main_job(walk, token, checks).await;
    checks.run("post.mail", "mail is delivered", mail(parts, mail_to)).await;
}

async fn mail(parts: Option<&Parts>, to: Option<&str>) -> anyhow::Result<super::Seen> {
    let Some(parts) = parts else {
        return not_here("the outbox can be seen only on a machine that has the database: run this there");
    };
    if crate::mail::smtp(&parts.config)?.is_none() {
        return not_here("this installation sends no mail: SMTP_URL is not set");
    }
    let to = to.context("name an address you can read with --mail-to")?;
    let ctx = parts.ctx().await?;
    let id = app::mail::service::post_test(&ctx, to).await?;
    let began = Instant::now();
    loop {
        let row = mail_outbox::Entity::find_by_id(id).one(ctx.db()).await?;
        let row = row.context("the mail has left the outbox unsent")?;
        match row.state.as_str() {
            state::SENT => {
                return well(format!(
                    "the mail server took the mail to {to} after {:.1} s",
                    began.elapsed().as_secs_f32()
                ));
            }
            state::FAILED | state::UNSURE | state::CANCELLED | state::EXPIRED => {
                bail!("{}: {}", row.state, row.problem.unwrap_or_default())
            }
            _ if began.elapsed() > PATIENCE => bail!(
                "not sent within {} seconds: is `serve` or `work` running? {}",
                PATIENCE.as_secs(),
                row.problem.unwrap_or_default()
            ),
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }
}

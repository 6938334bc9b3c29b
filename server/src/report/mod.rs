//! The launch report: every numbered item of the operations page, with what was found, when, and who must sign.
//!
//! `items` is the plain table of what must be there and which evidence shows it. `collect` runs the checks and reads what scripts wrote;
//! `document` lays the evidence beside the table; `measures` counts how the launch goes on; `seal` signs, and finds any altered byte. `html`
//! draws the same document for people. `redact` keeps secrets out of all of it.

mod collect;
mod document;
mod evidence;
mod html;
mod items;
mod live;
mod measures;
mod monitoring;
mod redact;
pub mod seal;

pub use collect::{Order, collect};
pub use document::{Report, Status};

use crate::config::Config;
use anyhow::Context;
use app::entity::launch_report;
use app::platform::db::Db;
use app::platform::signer::Signer;
use app::time::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::path::{Path, PathBuf};

/// Where the two files went.
pub struct Written {
    pub json: PathBuf,
    pub html: PathBuf,
}

/// Signs the report with the installation's key and writes both faces of it to `folder`. A copy goes into the database, where there is one.
pub async fn write(config: &Config, report: &mut Report, folder: &Path) -> anyhow::Result<Written> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let signer = Signer::load_or_create(&config.server.data_dir.join("receipt-signing.key"))
        .context("the signing key cannot be opened")?;
    report.signer = signer.public_key();
    let json = seal::seal(&report.json()?, &signer)?;
    let html = seal::seal(&html::page(report, &seal::fingerprint(&json)), &signer)?;
    let written = Written {
        json: folder.join("launch-report.json"),
        html: folder.join("launch-report.html"),
    };
    for (file, text) in [(&written.json, &json), (&written.html, &html)] {
        std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        let read = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read back", file.display()))?;
        seal::check(&read, Some(&report.signer))?;
    }
    if let Err(error) = keep(config, report, json).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the report is not kept in the database, only in its files"
        );
    }
    Ok(written)
}

async fn keep(config: &Config, report: &Report, document: String) -> anyhow::Result<()> {
    let db = Db::connect(&config.database_url(), 1).await?;
    let number = |status| report.count(status) as i32;
    let row = launch_report::ActiveModel {
        id: Set(uuid::Uuid::now_v7()),
        created_at: Set(Timestamp(report.created)),
        version: Set(report.version.clone()),
        passed: Set(number(Status::Passed)),
        failed: Set(number(Status::Failed)),
        unsigned_items: Set(number(Status::ToBeSigned)),
        not_here: Set(number(Status::NotHere)),
        document: Set(document),
    };
    let tx = db.begin().await?;
    launch_report::Entity::insert(row).exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok(())
}

//! Running the checks and reading what scripts found.

use super::document::Report;
use super::evidence::{self, Evidence};
use super::redact::Redactor;
use super::{live, measures, monitoring};
use crate::config::Config;
use crate::verify::launch::Look;
use crate::verify::walk::Walk;
use crate::verify::{Access, Checks, launch, migration, post, smoke, well};
use app::platform::clock::Clock;
use app::platform::db::Db;
use app::platform::signer::Signer;
use app::time::Timestamp;
use std::path::PathBuf;
use std::time::Instant;

/// What a report is to look at.
pub struct Order {
    pub look: Look,
    /// Walk the main job on the running server, and send a mail.
    pub walk: bool,
    /// An administrator's, for the walk; without one an account is made and deactivated.
    pub token: Option<String>,
    pub mail_to: Option<String>,
    /// Where `/metrics` is, if not at the programs' listener.
    pub metrics_url: Option<String>,
    pub prometheus_url: Option<String>,
    pub evidence: Vec<PathBuf>,
    /// When people came, for the measures.
    pub launched_at: Option<Timestamp>,
}

/// Everything that was found, laid out. Fails only where a file of evidence cannot be read: that is said before anything runs.
pub async fn collect(config: &Config, order: &Order) -> anyhow::Result<Report> {
    let (began, clock) = (Instant::now(), Clock::default());
    let redactor = Redactor::of(config, order.token.as_deref());
    let (mut sources, mut given) = (Vec::new(), Vec::new());
    for file in &order.evidence {
        let (source, found) = evidence::read(file, &redactor)?;
        sources.push(source);
        given.extend(found);
    }
    let mut found = Found {
        checks: Checks::new(false),
        list: Vec::new(),
        redactor,
        clock: clock.clone(),
    };
    launch::launch(config, &order.look, &mut found.checks).await;
    found.settle();
    migration::migration(config, &mut found.checks).await;
    found.settle();
    running(config, order, &mut found).await;
    if let Some(url) = &order.prometheus_url {
        monitoring::look(url, &mut found.checks).await;
        found.settle();
    }
    found
        .checks
        .run("report.signature", "signature", signature(config))
        .await;
    found.settle();
    found.list.extend(given);

    let db = Db::connect(&config.database_url(), 2).await.ok();
    let now = clock.now();
    let mut report = Report {
        format: Report::FORMAT,
        signer: String::new(),
        created_at: now.rfc3339(),
        created: now.0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        institution: institution(db.as_ref()).await,
        address: found.redactor.clean(&order.look.base_url),
        names: order.look.names.clone(),
        passed: 0,
        failed: 0,
        to_be_signed: 0,
        not_here: 0,
        milliseconds: 0,
        chapters: Vec::new(),
        more: Vec::new(),
        measures: measures::measures(db.as_ref(), order.launched_at, now).await,
        sources,
        signature: String::new(),
    };
    report.lay(found.list);
    report.milliseconds = began.elapsed().as_millis() as u64;
    Ok(report)
}

/// Findings on their way into the report.
struct Found {
    checks: Checks,
    list: Vec<Evidence>,
    redactor: Redactor,
    clock: Clock,
}

impl Found {
    /// Takes over what the checks have noted, as of now.
    fn settle(&mut self) {
        let at = self.clock.now();
        for check in std::mem::take(&mut self.checks.list) {
            self.list.push(Evidence::of(&check, at, &self.redactor));
        }
    }
}

/// What a visitor of the running server finds.
async fn running(config: &Config, order: &Order, found: &mut Found) {
    // An address that is none was reported with the checks of the launch.
    let Ok(walk) = Walk::new(&order.look.base_url, order.look.ca_file.as_deref()) else {
        return;
    };
    live::look(config, &walk, order.metrics_url.as_deref(), &mut found.checks).await;
    smoke::public(&walk, &mut found.checks).await;
    if order.walk {
        let began = Instant::now();
        if let Err(error) = walked(config, order, &walk, &mut found.checks).await {
            found
                .checks
                .note("smoke.access", "access for the walk", began, Err(error));
        }
    }
    found.settle();
}

async fn walked(config: &Config, order: &Order, walk: &Walk, checks: &mut Checks) -> anyhow::Result<()> {
    let mail_to = order.mail_to.as_deref();
    if let Some(token) = &order.token {
        post::post(walk, token, None, mail_to, checks).await;
        return Ok(());
    }
    let access = Access::open(config).await?;
    post::post(walk, &access.token, Some(&access.parts), mail_to, checks).await;
    access.end().await
}

/// That the key is there and what it signs can be checked.
async fn signature(config: &Config) -> anyhow::Result<crate::verify::Seen> {
    let signer = Signer::load_or_create(&config.server.data_dir.join("receipt-signing.key"))?;
    let signed = signer.sign("a launch report");
    let whole = crate::backup::manifest::verify(&signer.public_key(), "a launch report", &signed);
    anyhow::ensure!(whole, "what the key signs cannot be checked with its public half");
    well(format!("signed with the key {}", signer.public_key()))
}

async fn institution(db: Option<&Db>) -> String {
    match db {
        Some(db) => app::settings::store::institution(db.read())
            .await
            .map(|institution| institution.name)
            .unwrap_or_default(),
        None => String::new(),
    }
}

//! `verify launch`: every part of the installation, looked at from the machine it runs on.

use super::walk::Walk;
use super::{Checks, Seen, certificate, migration, not_here, well};
use crate::backup::env::Env;
use crate::boot;
use crate::config::{Config, StorageKind};
use anyhow::{Context, bail, ensure};
use app::platform::clock::Clock;
use app::platform::db::Db;
use app::time::Timestamp;
use fred::interfaces::ClientLike;
use sea_orm::{ConnectionTrait, Statement};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// What to look at besides the configuration.
pub struct Look {
    /// The server as people reach it.
    pub base_url: String,
    pub ca_file: Option<PathBuf>,
    /// Names that must resolve and, with TLS, be in the certificate.
    pub names: Vec<String>,
    /// Whether TLS 1.2 is meant to be taken.
    pub tls12: bool,
    /// How old the last proven backup may be.
    pub backup_hours: i64,
    /// Load the model here and grade with it.
    pub grader: bool,
}

pub async fn launch(config: &Config, look: &Look, checks: &mut Checks) {
    checks
        .run("launch.configuration", "configuration", configuration(config))
        .await;
    match Walk::new(&look.base_url, look.ca_file.as_deref()) {
        Ok(walk) => server(&walk, checks).await,
        Err(error) => {
            checks.run("launch.server", "server", async { Err(error) }).await;
        }
    }
    checks.run("launch.api", "programs' listener", api(config)).await;
    database(config, checks).await;
    checks.run("launch.cache", "cache", cache(config)).await;
    checks.run("launch.storage", "file store", storage(config)).await;
    checks.run("launch.grader", "grader", grader(config, look.grader)).await;
    tls(look, checks).await;
    checks.run("launch.names", "names", names(&look.names)).await;
    checks
        .run("launch.certificates", "certificate files", certificates(config))
        .await;
    checks.run("launch.disk", "disk", disk(config)).await;
    checks.run("launch.clock", "clock", clock(config)).await;
    checks
        .run("launch.backups", "backups", backups(config, look.backup_hours))
        .await;
    checks.run("launch.mail", "mail", mail(config)).await;
}

async fn configuration(config: &Config) -> anyhow::Result<Seen> {
    let site = &config.server.site_root;
    ensure!(
        site.join("pkg").is_dir(),
        "the browser's program is not in {}",
        site.display()
    );
    let probe = tempfile::Builder::new()
        .prefix("check-")
        .tempfile_in(&config.server.data_dir);
    probe.with_context(|| format!("the data folder {} cannot be written", config.server.data_dir.display()))?;
    well("read; the browser's program is there, the data folder can be written")
}

async fn server(walk: &Walk, checks: &mut Checks) {
    let alive = async { well(walk.page("/health", "ok").await?) };
    checks.run("launch.health", "server", alive).await;
    let ready = async {
        let (status, body) = walk.call(reqwest::Method::GET, "/health/ready", None, None).await?;
        let parts = body["parts"].as_array().cloned().unwrap_or_default();
        let word = |part: &serde_json::Value| {
            let state = if part["ok"] == true { "well" } else { "in trouble" };
            format!("{} {state}", part["name"].as_str().unwrap_or("?"))
        };
        let words = parts.iter().map(word).collect::<Vec<_>>().join(", ");
        ensure!(status.is_success(), "answered {status}: {words}");
        well(words)
    };
    checks.run("launch.ready", "its parts", ready).await;
    let page = async {
        let response = walk.client.get(format!("{}/sign-in", walk.base)).send().await?;
        let headers = response.headers().clone();
        ensure!(
            response.status().is_success(),
            "/sign-in answered {}",
            response.status()
        );
        for name in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
            ensure!(headers.contains_key(name), "the header {name} is missing");
        }
        if walk.base.starts_with("https:") {
            ensure!(headers.contains_key("strict-transport-security"), "HSTS is missing");
        }
        well("pages come with their security headers")
    };
    checks.run("launch.pages", "pages", page).await;
}

async fn api(config: &Config) -> anyhow::Result<Seen> {
    let Some(addr) = config.server.api_addr else {
        return not_here("API_ADDR is not set: programs use the pages' address");
    };
    let walk = Walk::new(&format!("http://{addr}"), None)?;
    walk.page("/health", "ok").await?;
    walk.page("/metrics", "http_requests_total").await?;
    well(format!("{addr} answers /health and /metrics"))
}

async fn database(config: &Config, checks: &mut Checks) {
    let began = Instant::now();
    let db = match Db::connect(&config.database_url(), 2).await {
        Ok(db) => db,
        Err(error) => {
            let failed = Err(anyhow::Error::from(error).context("the database does not answer"));
            checks.note("launch.database", "database", began, failed);
            return;
        }
    };
    checks.run("launch.database", "database", select_one(&db)).await;
    checks.run("launch.replicas", "replicas", replicas(config)).await;
    checks.run("launch.schema", "schema", migration::schema(&db)).await;
}

async fn select_one(db: &Db) -> anyhow::Result<Seen> {
    let backend = db.read().get_database_backend();
    let sql = if db.is_sqlite() {
        "SELECT sqlite_version()"
    } else {
        "SELECT VERSION()"
    };
    db.read()
        .query_one_raw(Statement::from_string(backend, "SELECT 1"))
        .await?;
    let began = Instant::now();
    let row = db.read().query_one_raw(Statement::from_string(backend, sql)).await?;
    let version: String = row.context("no answer")?.try_get_by_index(0)?;
    let kind = if db.is_sqlite() { "SQLite" } else { "MySQL" };
    well(format!(
        "{kind} {version} answers in {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    ))
}

async fn replicas(config: &Config) -> anyhow::Result<Seen> {
    let urls: Vec<&str> = match &config.database.replica_urls {
        Some(list) => list.split(',').map(str::trim).filter(|url| !url.is_empty()).collect(),
        None => Vec::new(),
    };
    for url in &urls {
        let place = crate::backup::source::place_of(url);
        let db = Db::connect(url, 1)
            .await
            .with_context(|| format!("the replica {place} does not answer"))?;
        select_one(&db).await.with_context(|| format!("the replica {place}"))?;
    }
    match urls.len() {
        0 => not_here("DATABASE_REPLICA_URLS is not set: everything is read from the primary"),
        count => well(format!("{count} replicas answer SELECT 1")),
    }
}

async fn cache(config: &Config) -> anyhow::Result<Seen> {
    let Some(url) = &config.redis.url else {
        return not_here("REDIS_URL is not set: one process, sessions in the database");
    };
    let pool = crate::redis::connect(url).await.context("Redis does not answer")?;
    let began = Instant::now();
    pool.ping::<String>(None).await.context("Redis does not answer PING")?;
    let words = format!("PONG after {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    // The connection goes with the process anyway.
    let _ = pool.quit().await;
    well(words)
}

async fn storage(config: &Config) -> anyhow::Result<Seen> {
    let took = boot::open_storage(config)?.probe().await?;
    let kind = match config.storage.kind {
        StorageKind::Embedded => "the embedded store",
        StorageKind::S3 => "the bucket",
    };
    well(format!(
        "{kind} took, returned and removed a file in {:.0} ms",
        took.as_secs_f64() * 1e3
    ))
}

async fn grader(config: &Config, here: bool) -> anyhow::Result<Seen> {
    if !here {
        return not_here("not tried on this machine; the server's own parts are above");
    }
    let config = boot::grader_config(config)?;
    let grader = tokio::task::spawn_blocking(move || grading::Grader::start(config)).await??;
    let test = grader.self_test().await?;
    ensure!(
        test.passed,
        "the model does not compute what it should: {}",
        test.checks.join("; ")
    );
    well(format!(
        "{} passed its self-test in {} ms",
        grader.model_version(),
        test.milliseconds
    ))
}

async fn tls(look: &Look, checks: &mut Checks) {
    let url = match look.base_url.parse::<url::Url>() {
        Ok(url) if url.scheme() == "https" => url,
        _ => {
            let why = || async { not_here("the address given is not https: TLS ends at a proxy in front of it") };
            checks.run("launch.tls", "TLS 1.3", why()).await;
            return;
        }
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let place = format!("{host}:{}", url.port_or_known_default().unwrap_or(443));
    let roots = || certificate::roots(look.ca_file.as_deref());
    let modern = async {
        let found = certificate::handshake(&place, &host, &TLS13, roots()?).await?;
        for name in &look.names {
            ensure!(
                found.names.iter().any(|one| one == name || wildcard(one, name)),
                "the certificate is not for {name}, only for {}",
                found.names.join(", ")
            );
        }
        let days = found.days_left(Clock::default().now().0 / Timestamp::SECOND);
        ensure!(days >= 14, "the certificate ends in {days} days");
        well(format!("{place} is {}, for {days} more days", found.name))
    };
    checks.run("launch.tls", "TLS 1.3", modern).await;
    let older = async {
        let taken = certificate::handshake(&place, &host, &TLS12, roots()?).await;
        match (taken, look.tls12) {
            (Ok(_), true) => well("taken, as configured"),
            (Ok(_), false) => bail!("TLS 1.2 is taken; give --tls12 if that is meant"),
            (Err(_), true) => bail!("TLS 1.2 is refused, and was meant to be taken"),
            (Err(error), false) => well(format!("refused: {error:#}")),
        }
    };
    checks.run("launch.tls12", "TLS 1.2", older).await;
}

/// Whether `*.school.example` covers `www.school.example`.
fn wildcard(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix("*."), name.split_once('.')) {
        (Some(rest), Some((_, parent))) => rest == parent,
        _ => false,
    }
}

async fn names(names: &[String]) -> anyhow::Result<Seen> {
    if names.is_empty() {
        return not_here("no names were given with --name");
    }
    let mut found = Vec::new();
    for name in names {
        let mut addresses = tokio::net::lookup_host((name.as_str(), 443))
            .await
            .with_context(|| format!("{name} does not resolve"))?;
        let first = addresses.next().with_context(|| format!("{name} has no address"))?;
        found.push(format!("{name} is {}", first.ip()));
    }
    well(found.join(", "))
}

async fn certificates(config: &Config) -> anyhow::Result<Seen> {
    let Some(files) = &config.tls.cert_files else {
        return not_here("TLS_CERT_FILES is not set");
    };
    let now = Clock::default().now().0 / Timestamp::SECOND;
    let mut words = Vec::new();
    for file in files.split(',').map(str::trim).filter(|file| !file.is_empty()) {
        let found = certificate::of_file(file.as_ref())?;
        let days = found.days_left(now);
        ensure!(days >= 14, "{} ends in {days} days", found.name);
        words.push(format!("{} for {days} more days", found.name));
    }
    well(words.join(", "))
}

/// `df` knows every file system; there is no safe call for it in the standard library.
async fn disk(config: &Config) -> anyhow::Result<Seen> {
    let output = Command::new("df")
        .arg("-Pk")
        .arg(&config.server.data_dir)
        .output()
        .context("df cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let fields: Vec<&str> = text
        .lines()
        .nth(1)
        .context("df says nothing")?
        .split_whitespace()
        .collect();
    let number = |place: usize| {
        fields
            .get(place)
            .and_then(|field| field.parse::<u64>().ok())
            .context("df speaks oddly")
    };
    let (all, free) = (number(1)?, number(3)?);
    let share = free * 100 / all.max(1);
    ensure!(
        share >= 10 && free > 1_000_000,
        "{share} % ({:.1} GB) free where the data is",
        free as f64 / 1e6
    );
    well(format!(
        "{share} % ({:.1} GB) free where the data is",
        free as f64 / 1e6
    ))
}

async fn clock(config: &Config) -> anyhow::Result<Seen> {
    let synchronised = Command::new("timedatectl")
        .args(["show", "-p", "NTPSynchronized", "--value"])
        .output();
    let words = match &synchronised {
        Ok(output) if output.stdout.starts_with(b"yes") => "synchronised",
        Ok(output) if output.stdout.starts_with(b"no") => bail!("this machine's clock is not synchronised: set up NTP"),
        _ => "this machine does not tell whether it is synchronised",
    };
    let url = config.database_url();
    if !url.starts_with("mysql") {
        return well(format!("{words}; database and program share it"));
    }
    let db = Db::connect(&url, 1).await?;
    let sql = "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)";
    let row = db
        .read()
        .query_one_raw(Statement::from_string(db.read().get_database_backend(), sql))
        .await?;
    let theirs: i64 = row.context("no answer")?.try_get_by_index(0)?;
    let apart = (Clock::default().now().0 - theirs).abs() as f64 / 1e6;
    ensure!(
        apart < 2.0,
        "the database's clock is {apart:.1} s away from this machine's"
    );
    well(format!("{words}; {apart:.1} s from the database's"))
}

async fn backups(config: &Config, hours: i64) -> anyhow::Result<Seen> {
    let env = Env::open(config).await?;
    let (ids, _) = env.place.ids().await?;
    let newest = ids
        .last()
        .context("there is no backup: run `auto-grader backup create --prove`")?;
    let manifest = env.place.manifest(newest, env.known_signer()?.as_deref()).await?;
    let now = env.clock.now();
    let age = |at: Timestamp| (now.0 - at.0) / Timestamp::HOUR;
    ensure!(
        age(manifest.created_at) < hours,
        "the newest backup is {} hours old",
        age(manifest.created_at)
    );
    let mut proven = None;
    for id in ids.iter().rev() {
        proven = env.place.proof(id).await?;
        if proven.is_some() {
            break;
        }
    }
    let proof = proven.context("no backup was ever restored to a scratch place: run `auto-grader backup verify`")?;
    ensure!(
        age(proof.at) < hours,
        "the last backup was proven {} hours ago",
        age(proof.at)
    );
    well(format!(
        "{} kept; the newest is {} hours old, {} was restored and compared {} hours ago",
        ids.len(),
        age(manifest.created_at),
        proof.id,
        age(proof.at)
    ))
}

async fn mail(config: &Config) -> anyhow::Result<Seen> {
    let Some(smtp) = crate::mail::smtp(config)? else {
        return not_here("SMTP_URL is not set: this installation sends no mail");
    };
    let url: url::Url = config.mail.url.as_deref().unwrap_or_default().parse()?;
    let place = smtp.place();
    let port = url.port().unwrap_or(if url.scheme() == "smtps" { 465 } else { 25 });
    let host = url.host_str().unwrap_or_default().to_owned();
    let connect = tokio::net::TcpStream::connect((host, port));
    tokio::time::timeout(std::time::Duration::from_secs(5), connect)
        .await
        .with_context(|| format!("{place} did not answer within 5 seconds"))?
        .with_context(|| format!("{place} does not answer"))?;
    well(format!("{place} takes connections; `verify post-launch` sends a mail"))
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn a_wildcard_covers_one_level() {
        assert!(wildcard("*.school.example", "www.school.example"));
        assert!(!wildcard("*.school.example", "a.b.school.example"));
        assert!(!wildcard("*.school.example", "school.example"));
        assert!(!wildcard("school.example", "school.example"));
    }
}

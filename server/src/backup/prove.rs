//! Proving a backup: restored into a scratch database, every table compared, files opened and checked. What was never restored is no
//! backup but a hope.

use super::env::Env;
use super::manifest::{Manifest, Proof};
use super::place::Place;
use super::target::Target;
use super::{objects, record, restore};
use age::x25519::Identity;
use anyhow::{Context, ensure};
use app::platform::db::Db;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor};
use std::path::Path;
use std::time::Instant;

/// Files whose content is opened and checked; the presence of all is.
const SAMPLE: u64 = 200;

/// Restores into a scratch place, compares, and writes the proof. `all_files` opens every file instead of a sample.
pub async fn prove(env: &Env, db: Option<&Db>, id: &str, all_files: bool) -> anyhow::Result<Proof> {
    let began = Instant::now();
    let manifest = env.place.manifest(id, env.known_signer()?.as_deref()).await?;
    let identity = env.identity()?;
    let scratch = env.scratch()?;
    let file = restore::fetch(env, &manifest, scratch.path()).await?;
    let room = Room::open(&env.config.database_url(), &manifest, scratch.path()).await?;
    let went = attempt(env, &manifest, &identity, file, &room, scratch.path(), all_files).await;
    room.remove().await;
    let (rows, files_present, files_read) = went?;
    let proof = Proof {
        id: manifest.id.clone(),
        at: env.clock.now(),
        place: room.words.to_owned(),
        rows,
        tables: manifest.tables.len() as u64,
        files_present,
        files_read,
        milliseconds: began.elapsed().as_millis() as u64,
    };
    let key = format!("{}proof.json", Place::folder(&manifest.id));
    env.place
        .blobs
        .put(&key, serde_json::to_vec_pretty(&proof)?, "application/json")
        .await
        .context("the proof cannot be stored")?;
    if let Some(db) = db
        && let Err(error) = record::write(db, &manifest, Some(&proof)).await
    {
        tracing::warn!(%error, "the proof cannot be noted in the database");
    }
    Ok(proof)
}

async fn attempt(
    env: &Env,
    manifest: &Manifest,
    identity: &Identity,
    file: std::path::PathBuf,
    room: &Room,
    scratch: &Path,
    all_files: bool,
) -> anyhow::Result<(u64, u64, u64)> {
    let target = Target::open(&room.url).await?;
    target.clear(&manifest.id).await?;
    let loaded = restore::load(manifest, file, identity, &target, scratch).await?;
    restore::compare(manifest, &loaded.tables, &room.url).await?;
    let broken = target.broken_reference().await?;
    ensure!(
        broken.is_none(),
        "a row of {} refers to nothing",
        broken.unwrap_or_default()
    );
    // A program must also be able to go on from here.
    target.migrate().await?;
    target.close().await?;

    let present = objects::present(env, &manifest.objects).await?;
    let (mut found, mut opened) = (0, 0);
    // Every so-manieth, so that the sample is spread over all.
    let step = if all_files {
        1
    } else {
        manifest.files.div_ceil(SAMPLE).max(1)
    };
    for page in restore::inventory(&loaded.inventory)? {
        for entry in page? {
            ensure!(present.contains(&entry.sha256), "the copy of {} is missing", entry.key);
            if found % step == 0 {
                let plain = scratch.join("opened");
                objects::fetch(env, &manifest.objects, &entry, identity, &plain).await?;
                opened += 1;
            }
            found += 1;
        }
    }
    ensure!(
        found == manifest.files,
        "the inventory has {found} files, and the manifest {}",
        manifest.files
    );
    Ok((loaded.rows, found, opened))
}

/// A database for a moment: a schema of its own on the MySQL server where that is allowed, else a file.
struct Room {
    url: String,
    words: &'static str,
    /// Server and schema to be dropped.
    schema: Option<(String, String)>,
}

impl Room {
    async fn open(url: &str, manifest: &Manifest, scratch: &Path) -> anyhow::Result<Room> {
        let file = || Room {
            url: format!("sqlite://{}?mode=rwc", scratch.join("scratch.db").display()),
            words: "a scratch SQLite database",
            schema: None,
        };
        if manifest.source != "mysql" || !url.starts_with("mysql:") {
            return Ok(file());
        }
        let name = format!("auto_grader_proof_{}", uuid::Uuid::new_v4().simple());
        match run(url, format!("CREATE DATABASE `{name}`")).await {
            Ok(()) => {
                let mut place: url::Url = url.parse()?;
                place.set_path(&name);
                Ok(Room {
                    url: place.into(),
                    words: "a scratch schema on the MySQL server",
                    schema: Some((url.to_owned(), name)),
                })
            }
            Err(error) => {
                tracing::info!(%error, "no scratch schema may be made on the server; proving in SQLite");
                Ok(file())
            }
        }
    }

    async fn remove(&self) {
        if let Some((url, name)) = &self.schema
            && let Err(error) = run(url, format!("DROP DATABASE `{name}`")).await
        {
            tracing::warn!(%error, name, "a scratch schema could not be removed; remove it by hand");
        }
    }
}

async fn run(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = sqlx::mysql::MySqlConnection::connect(url).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}

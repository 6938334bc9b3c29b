//! Making a backup while everything runs.

use super::env::Env;
use super::format::{Frame, Head, Keys};
use super::manifest::{Manifest, Part, TableSum};
use super::place::Place;
use super::source::Source;
use super::stream::Writing;
use super::{objects, record};
use anyhow::{Context, bail};
use app::platform::db::Db;
use app::time::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Makes a backup. `db` is for notes about it, and may be missing.
pub async fn create(env: &Env, db: Option<&Db>) -> anyhow::Result<Manifest> {
    let now = env.clock.now();
    let id = new_id(now);
    let source = Source::open(&env.config.database_url()).await?;
    if let Some(db) = db {
        match record::begin(db, &id, source.kind(), now).await {
            Ok(true) => {}
            Ok(false) => bail!("another process is making a backup right now; this one was not begun"),
            // An older schema has no such table yet.
            Err(error) => tracing::warn!(%error, "the backup cannot be noted in the database"),
        }
    }
    let mut signs = tokio::time::interval(Duration::from_secs(15));
    let mut making = std::pin::pin!(make(env, db, &id, now, source));
    let made = loop {
        tokio::select! {
            made = &mut making => break made,
            _ = signs.tick() => {
                if let Some(db) = db {
                    // The next sign may get through.
                    let _ = record::alive(db, &id, env.clock.now()).await;
                }
            }
        }
    };
    if let Some(db) = db {
        let noted = match &made {
            Ok(manifest) => record::write(db, manifest, None).await,
            Err(error) => record::failed(db, &id, &format!("{error:#}"), env.clock.now()).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "the backup cannot be noted in the database");
        }
    }
    if made.is_err() {
        // Without a manifest it is no backup; what was sent so far only takes room.
        let _ = env.place.remove(&id).await;
    }
    made
}

/// Sorts by time; the last part keeps two of one second apart.
fn new_id(now: Timestamp) -> String {
    let plain: String = now.rfc3339().chars().filter(|c| *c != '-' && *c != ':').collect();
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{plain}-{}", &random[..4])
}

async fn make(env: &Env, db: Option<&Db>, id: &str, now: Timestamp, mut source: Source) -> anyhow::Result<Manifest> {
    let began = Instant::now();
    let recipient = env.recipient()?;
    let signer = env.signer()?;
    let scratch = env.scratch()?;
    let file = scratch.path().join("database.age");
    let log_position = source.freeze().await.context("the database gives no consistent view")?;
    let migrations = source.migrations().await?;
    let writing = Writing::begin(file.clone(), recipient.clone());
    let kind = source.kind().to_owned();
    let head = Head {
        id: id.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        source: kind.clone(),
        migrations: migrations.clone(),
    };
    writing.send(Frame::Head(head)).await?;
    let key = std::fs::read_to_string(env.signing_key())?;
    let keys = Keys {
        receipt_signing_key: Some(key.trim().to_owned()),
    };
    writing.send(Frame::Keys(keys)).await?;
    let mut tables = Vec::new();
    for shape in source.shapes().await? {
        writing.send(Frame::Table(shape.table.clone())).await?;
        let end = source
            .read(&shape, Some(&writing.frames))
            .await
            .with_context(|| format!("the table {} cannot be read", shape.table.name))?;
        tables.push(TableSum {
            name: shape.table.name,
            rows: end.rows,
            sum: end.sum.clone(),
        });
        writing.send(Frame::End(end)).await?;
    }
    source.close().await;

    // Files after the database: whatever a row speaks of was stored before the row.
    let references = Arc::new(Mutex::new(Vec::<String>::new()));
    let copied = objects::copy(env, db, &recipient, scratch.path(), |entries| {
        if let Ok(mut references) = references.lock() {
            references.extend(entries.iter().map(|entry| entry.sha256.clone()));
        }
        writing.send(Frame::Files(entries))
    })
    .await
    .context("the files cannot be copied")?;
    let sealed = writing.finish().await?;

    let folder = Place::folder(id);
    let database = Part {
        key: format!("{folder}database.age"),
        size: sealed.size,
        sha256: sealed.sha256,
    };
    env.place
        .blobs
        .put_file(&database.key, &file, "application/octet-stream")
        .await
        .context("the backup cannot be stored")?;
    let mut names = std::mem::take(&mut *references.lock().map_err(|_| anyhow::anyhow!("a list was lost"))?);
    names.sort_unstable();
    names.dedup();
    let text = zstd::encode_all(names.join("\n").as_bytes(), 3)?;
    let references = Part {
        key: format!("{folder}references"),
        size: text.len() as u64,
        sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&text)),
    };
    env.place
        .blobs
        .put(&references.key, text, "application/octet-stream")
        .await?;
    let manifest = Manifest {
        format: Manifest::FORMAT,
        id: id.to_owned(),
        created_at: now,
        version: env!("CARGO_PKG_VERSION").into(),
        source: kind,
        migrations,
        tables,
        database,
        references,
        objects: objects::folder(&recipient),
        files: copied.files,
        file_bytes: copied.bytes,
        new_files: copied.new_files,
        new_file_bytes: copied.new_bytes,
        vanished_files: copied.vanished,
        recipient: recipient.to_string(),
        log_position,
        milliseconds: began.elapsed().as_millis() as u64,
        signer: String::new(),
        signature: String::new(),
    }
    .sign(&signer)?;
    // Last, and all at once: from here on there is a backup.
    env.place
        .blobs
        .put(
            &format!("{folder}manifest.json"),
            serde_json::to_vec_pretty(&manifest)?,
            "application/json",
        )
        .await
        .context("the manifest cannot be stored")?;
    Ok(manifest)
}

/// The manifest's file names of a backup, for messages.
pub fn summary(manifest: &Manifest) -> String {
    format!(
        "{}: {} rows of {} tables, {} files ({} new); {} + {} of new files, in {:.1} s",
        manifest.id,
        manifest.rows(),
        manifest.tables.len(),
        manifest.files,
        manifest.new_files,
        bytes(manifest.database.size),
        bytes(manifest.new_file_bytes),
        manifest.milliseconds as f64 / 1000.0
    )
}

/// `12.3 MB`
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

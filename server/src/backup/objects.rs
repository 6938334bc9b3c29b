//! The files of the object store: an inventory of all, copies of those that are new.
//!
//! A copy is named by its content and encrypted like everything else. What the store says of a file (size, etag) tells whether it is still
//! the content of last time, so that an unchanged file is not even read.

use super::env::Env;
use super::format::FileEntry;
use super::seal;
use age::x25519::{Identity, Recipient};
use anyhow::{Context, ensure};
use app::entity::backup_object as known;
use app::error::ErrorKind;
use app::platform::blobs::Listed;
use app::platform::db::Db;
use futures::stream::{self, StreamExt, TryStreamExt};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Files up to this size go through memory, larger ones through the disk.
const SMALL: i64 = 4 * 1024 * 1024;
/// Files copied at once.
const AT_ONCE: usize = 4;
/// Written by health checks, gone a moment later.
const PASSING: &str = "probe/";

/// What copying came to.
#[derive(Debug, Default)]
pub struct Copied {
    pub files: u64,
    pub bytes: u64,
    pub new_files: u64,
    pub new_bytes: u64,
    pub vanished: u64,
}

/// Where the copies for a key are.
pub fn folder(recipient: &Recipient) -> String {
    format!("objects/{}", seal::fingerprint(recipient))
}

/// The fingerprints that have a copy already.
pub async fn present(env: &Env, folder: &str) -> anyhow::Result<HashSet<String>> {
    let listed = env.place.blobs.list_all(&format!("{folder}/")).await?;
    Ok(listed
        .iter()
        .filter_map(|file| file.key.rsplit('/').next().map(str::to_owned))
        .collect())
}

/// Copies what is new and hands each page of the inventory to `page`.
pub async fn copy<F, Fut>(
    env: &Env,
    db: Option<&Db>,
    recipient: &Recipient,
    scratch: &Path,
    mut page: F,
) -> anyhow::Result<Copied>
where
    F: FnMut(Vec<FileEntry>) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let folder = folder(recipient);
    let mut present = present(env, &folder).await?;
    let (mut copied, mut next) = (Copied::default(), None);
    loop {
        let listing = env.blobs.list("", next).await?;
        let files: Vec<Listed> = listing
            .files
            .into_iter()
            .filter(|file| !file.key.starts_with(PASSING))
            .collect();
        let cached = match db {
            Some(db) => remembered(db, &files).await.unwrap_or_default(),
            None => HashMap::new(),
        };
        let unchanged = |file: &Listed| {
            let row = cached.get(&name_of(&file.key))?;
            (row.etag == file.etag && row.size == file.size && present.contains(&row.sha256))
                .then(|| row.sha256.clone())
        };
        let (mut entries, mut fresh) = (Vec::new(), Vec::new());
        for file in files {
            match unchanged(&file) {
                Some(sha256) => entries.push(FileEntry {
                    key: file.key,
                    size: file.size,
                    sha256,
                }),
                None => fresh.push(file),
            }
        }
        let held = &present;
        let sent: Vec<Option<(Listed, FileEntry, u64)>> = stream::iter(fresh)
            .map(|file| one(env, file, recipient, &folder, held, scratch))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut rows = Vec::new();
        for made in sent {
            let Some((file, entry, bytes)) = made else {
                copied.vanished += 1;
                continue;
            };
            if bytes > 0 {
                copied.new_files += 1;
                copied.new_bytes += bytes;
            }
            present.insert(entry.sha256.clone());
            rows.push(known::ActiveModel {
                id: Set(name_of(&file.key)),
                etag: Set(file.etag.chars().take(120).collect()),
                size: Set(entry.size),
                sha256: Set(entry.sha256.clone()),
            });
            entries.push(entry);
        }
        if let Some(db) = db
            && let Err(error) = remember(db, rows).await
        {
            tracing::warn!(%error, "what was copied could not be noted; the next backup reads these files again");
        }
        copied.files += entries.len() as u64;
        copied.bytes += entries.iter().map(|entry| entry.size as u64).sum::<u64>();
        page(entries).await?;
        match listing.next {
            Some(token) => next = Some(token),
            None => return Ok(copied),
        }
    }
}

/// Reads one file and stores a copy unless its content has one; None when it is gone by now. The number is of bytes stored.
async fn one(
    env: &Env,
    file: Listed,
    recipient: &Recipient,
    folder: &str,
    present: &HashSet<String>,
    scratch: &Path,
) -> anyhow::Result<Option<(Listed, FileEntry, u64)>> {
    let entry = |size: u64, sha256: &str| FileEntry {
        key: file.key.clone(),
        size: size as i64,
        sha256: sha256.to_owned(),
    };
    let gone = |error: &app::error::AppError| error.kind == ErrorKind::NotFound;
    let recipient = recipient.clone();
    if file.size <= SMALL {
        let bytes = match env.blobs.get(&file.key).await {
            Ok(bytes) => bytes,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(error).context("a file cannot be read"),
        };
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let found = entry(bytes.len() as u64, &sha256);
        if present.contains(&sha256) {
            return Ok(Some((file, found, 0)));
        }
        let sealed = tokio::task::spawn_blocking(move || seal::bytes(&bytes, &recipient)).await??;
        let size = sealed.len() as u64;
        env.place
            .blobs
            .put(&format!("{folder}/{sha256}"), sealed, "application/octet-stream")
            .await?;
        return Ok(Some((file, found, size)));
    }
    let (plain, sealed) = (
        scratch.join(name_of(&file.key)),
        scratch.join(format!("{}.age", name_of(&file.key))),
    );
    match env.blobs.get_file(&file.key, &plain).await {
        Ok(()) => {}
        Err(error) if gone(&error) => return Ok(None),
        Err(error) => return Err(error).context("a file cannot be read"),
    }
    let (from, to) = (plain.clone(), sealed.clone());
    let (whole, size) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let whole = seal::digest(&from)?;
        let mut sealer = seal::create(&to, &recipient)?;
        std::io::copy(&mut std::fs::File::open(&from)?, &mut sealer)?;
        Ok((whole, sealer.finish()?.0.size))
    })
    .await??;
    let fresh = !present.contains(&whole.sha256);
    if fresh {
        let key = format!("{folder}/{}", whole.sha256);
        env.place
            .blobs
            .put_file(&key, &sealed, "application/octet-stream")
            .await?;
    }
    let _ = tokio::fs::remove_file(&plain).await;
    let _ = tokio::fs::remove_file(&sealed).await;
    let found = entry(whole.size, &whole.sha256);
    Ok(Some((file, found, if fresh { size } else { 0 })))
}

/// Fetches a copy, opens it and checks it; the plain file is at `to`.
pub async fn fetch(env: &Env, folder: &str, entry: &FileEntry, identity: &Identity, to: &Path) -> anyhow::Result<()> {
    let sealed = to.with_extension("age");
    let key = format!("{folder}/{}", entry.sha256);
    env.place
        .blobs
        .get_file(&key, &sealed)
        .await
        .with_context(|| format!("the copy of {} is missing", entry.key))?;
    let (from, plain, identity) = (sealed.clone(), to.to_owned(), identity.clone());
    let found = tokio::task::spawn_blocking(move || seal::unseal(&from, &plain, &identity)).await?;
    let _ = tokio::fs::remove_file(&sealed).await;
    let found = found.with_context(|| format!("the copy of {}", entry.key))?;
    ensure!(
        found.sha256 == entry.sha256 && found.size as i64 == entry.size,
        "the copy of {} is not what was stored",
        entry.key
    );
    Ok(())
}

/// Keys may be long; their fingerprints are not.
fn name_of(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

async fn remembered(db: &Db, files: &[Listed]) -> Result<HashMap<String, known::Model>, sea_orm::DbErr> {
    let mut found = HashMap::new();
    for some in files.chunks(500) {
        let names = some.iter().map(|file| name_of(&file.key));
        let rows = known::Entity::find()
            .filter(known::Column::Id.is_in(names))
            .all(db.read())
            .await?;
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
    }
    Ok(found)
}

async fn remember(db: &Db, rows: Vec<known::ActiveModel>) -> Result<(), sea_orm::DbErr> {
    for some in rows.chunks(200) {
        let tx = db.begin().await?;
        let replace = OnConflict::column(known::Column::Id)
            .update_columns([known::Column::Etag, known::Column::Size, known::Column::Sha256])
            .to_owned();
        known::Entity::insert_many(some.to_vec())
            .on_conflict(replace)
            .exec_without_returning(&*tx)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

//! Removing what is old: backups after their time, but never the last proven one; then copies of files that no backup refers to.

use super::env::Env;
use super::record;
use anyhow::Context;
use app::platform::db::Db;
use app::time::Timestamp;
use std::collections::HashSet;

/// What was removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub backups: Vec<String>,
    pub leftovers: u64,
    pub copies: u64,
}

/// Younger copies may belong to a backup that is being made.
const YOUNG: i64 = 24 * 3600;

pub async fn prune(env: &Env, db: Option<&Db>, keep_days: i64, dry_run: bool) -> anyhow::Result<Pruned> {
    let now = env.clock.now();
    let signer = env.known_signer()?;
    let (whole, leftovers) = env.place.ids().await?;
    let mut kept = Vec::new();
    for id in &whole {
        let manifest = env.place.manifest(id, signer.as_deref()).await?;
        let proof = env.place.proof(id).await?;
        kept.push((manifest, proof));
    }
    let last_proven = kept
        .iter()
        .rev()
        .find(|(_, proof)| proof.is_some())
        .map(|(manifest, _)| manifest.id.clone());
    let newest = whole.last().cloned();
    let limit = now.plus(-keep_days.max(1) * Timestamp::DAY);
    let old = |id: &str, created: Timestamp| {
        created < limit && Some(id) != last_proven.as_deref() && Some(id) != newest.as_deref()
    };
    let mut pruned = Pruned::default();
    let mut referred = HashSet::new();
    for (manifest, _) in &kept {
        if old(&manifest.id, manifest.created_at) {
            if !dry_run {
                env.place.remove(&manifest.id).await?;
            }
            pruned.backups.push(manifest.id.clone());
        } else {
            let packed = env.place.blobs.get(&manifest.references.key).await.with_context(|| {
                format!(
                    "what {} refers to cannot be read; nothing more was removed",
                    manifest.id
                )
            })?;
            let text = String::from_utf8(zstd::decode_all(&packed[..])?)?;
            referred.extend(text.lines().map(str::to_owned));
        }
    }
    let listed = env.place.blobs.list_all("backups/").await?;
    for id in leftovers {
        let folder = super::place::Place::folder(&id);
        let young = |file: &&app::platform::blobs::Listed| file.modified > now.0 / Timestamp::SECOND - YOUNG;
        if !listed
            .iter()
            .filter(|file| file.key.starts_with(&folder))
            .any(|file| young(&file))
        {
            pruned.leftovers += 1;
            if !dry_run {
                env.place.remove(&id).await?;
            }
        }
    }
    for copy in env.place.blobs.list_all("objects/").await? {
        let name = copy.key.rsplit('/').next().unwrap_or_default();
        if !referred.contains(name) && copy.modified < now.0 / Timestamp::SECOND - YOUNG {
            pruned.copies += 1;
            if !dry_run {
                env.place.blobs.delete(&copy.key).await?;
            }
        }
    }
    if let (Some(db), false) = (db, dry_run) {
        let left: Vec<String> = whole.into_iter().filter(|id| !pruned.backups.contains(id)).collect();
        if let Err(error) = record::keep_only(db, &left).await {
            tracing::warn!(%error, "the list in the database is not up to date");
        }
    }
    Ok(pruned)
}

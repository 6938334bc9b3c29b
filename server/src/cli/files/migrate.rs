//! `files migrate`: from a folder or bucket to another.
//!
//! Each file is fetched, hashed, sent, fetched back from the target and hashed again; only then it counts, and a line of the state file says
//! so. Broken off at any point, the next run goes on where this one stopped. Keys stay as they are, so the database needs no change: point
//! the configuration to the new store when everything is verified. The database, if it answers, says what each file's hash and type must be.

use crate::config::Config;
use anyhow::{Context, bail};
use app::entity::file;
use app::platform::blobs::{Blobs, S3Config};
use app::platform::db::Db;
use clap::Args;
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

/// Files on their way at once.
const AT_ONCE: usize = 4;

#[derive(Args)]
pub struct Migrate {
    /// A folder, or `s3://bucket` with the configured keys.
    #[arg(long)]
    from: String,
    /// A folder, or `s3://bucket` with the configured keys.
    #[arg(long)]
    to: String,
    /// The S3 service of the source, where it is not the configured one.
    #[arg(long, env = "SOURCE_S3_ENDPOINT")]
    from_endpoint: Option<String>,
    #[arg(long, env = "SOURCE_AWS_ACCESS_KEY_ID")]
    from_access_key: Option<String>,
    #[arg(skip = std::env::var("SOURCE_AWS_SECRET_ACCESS_KEY").ok())]
    from_secret_key: Option<String>,
    /// Say what would be copied, and copy nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where to keep what is verified already.
    #[arg(long, default_value = "files-migration.jsonl")]
    state: PathBuf,
    /// Once every file is verified at the target, delete it at the source.
    #[arg(long)]
    delete_source: bool,
}

/// A file that is verified at the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    to: String,
    key: String,
    size: i64,
    sha256: String,
}

enum Place {
    Folder(PathBuf),
    Bucket(Box<Blobs>),
}

struct Known {
    sha256: Option<String>,
    media_type: String,
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
impl Migrate {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        if self.from == self.to {
            bail!("source and target are the same");
        }
        let source = self.place(&config, &self.from, true)?;
        let target = self.place(&config, &self.to, false)?;
        let files = source.list().await.context("the source cannot be listed")?;
        let mut done = read_state(&self.state, &self.to)?;
        // What somebody removed from the target is no longer done.
        let there = match &target {
            Place::Folder(folder) if !folder.exists() => BTreeMap::new(),
            target => target.list().await.context("the target cannot be listed")?,
        };
        done.retain(|key, entry| there.get(key) == Some(&entry.size) && files.get(key) == Some(&entry.size));
        let left: Vec<(String, i64)> = files
            .iter()
            .filter(|(key, _)| !done.contains_key(*key))
            .map(|(key, size)| (key.clone(), *size))
            .collect();
        let bytes: i64 = left.iter().map(|(_, size)| size).sum();
        println!(
            "{} files, {} verified already, {} to copy ({bytes} bytes).",
            files.len(),
            done.len(),
            left.len()
        );
        if self.dry_run {
            for (key, size) in &left {
                println!("would copy {key} ({size} bytes)");
            }
            return Ok(ExitCode::SUCCESS);
        }
        if let Place::Bucket(blobs) = &target {
            blobs.ensure_bucket().await?;
        }
        let known = known(&config).await;
        let failed = self.copy(&source, &target, left, &known, bytes).await?;
        for (key, why) in &failed {
            println!("failed {key}: {why}");
        }
        if !failed.is_empty() {
            println!(
                "{} files are not copied; nothing was deleted. Run the same command again.",
                failed.len()
            );
            return Ok(ExitCode::FAILURE);
        }
        let missing = known.keys().filter(|key| !files.contains_key(*key)).count();
        if missing > 0 {
            println!("Note: the database knows {missing} files that the source does not have.");
        }
        if self.delete_source {
            for key in files.keys() {
                source.delete(key).await?;
            }
            println!("Deleted {} files at the source.", files.len());
        }
        println!("Every file is verified at {}.", self.to);
        Ok(ExitCode::SUCCESS)
    }

    async fn copy(
        &self,
        source: &Place,
        target: &Place,
        left: Vec<(String, i64)>,
        known: &HashMap<String, Known>,
        bytes: i64,
    ) -> anyhow::Result<Vec<(String, String)>> {
        let scratch = Scratch::new(&self.state)?;
        let state = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.state)
            .with_context(|| format!("{} cannot be written", self.state.display()))?;
        let state = Mutex::new(state);
        let bar = ProgressBar::new(bytes.unsigned_abs());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}") {
            bar.set_style(style);
        }
        let work = futures::stream::iter(left.into_iter().enumerate()).map(|(number, (key, size))| {
            let (bar, state, scratch) = (&bar, &state, &scratch);
            async move {
                bar.set_message(key.clone());
                let paths = [
                    scratch.0.join(format!("{number}.out")),
                    scratch.0.join(format!("{number}.back")),
                ];
                let result = one(source, target, &key, size, known.get(&key), &paths).await;
                for path in &paths {
                    let _ = std::fs::remove_file(path);
                }
                bar.inc(size.unsigned_abs());
                match result {
                    Ok(sha256) => {
                        let entry = Done {
                            to: self.to.clone(),
                            key: key.clone(),
                            size,
                            sha256,
                        };
                        note(state, &entry).map_err(|error| (key, format!("{error:#}"))).err()
                    }
                    Err(error) => Some((key, format!("{error:#}"))),
                }
            }
        });
        let failed: Vec<_> = work
            .buffer_unordered(AT_ONCE)
            .filter_map(async |failed| failed)
            .collect()
            .await;
        bar.finish_and_clear();
        Ok(failed)
    }

    fn place(&self, config: &Config, text: &str, source: bool) -> anyhow::Result<Place> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return Ok(Place::Folder(text.into()));
        };
        let bucket = rest.trim_end_matches('/');
        if bucket.is_empty() || bucket.contains('/') {
            bail!("{text} is not understood: s3:// and the name of a bucket");
        }
        let storage = &config.storage;
        let key = |own: &Option<String>, configured: &Option<String>, what: &str| {
            own.clone()
                .filter(|_| source)
                .or_else(|| configured.clone())
                .with_context(|| format!("{what} is missing"))
        };
        let endpoint = self
            .from_endpoint
            .clone()
            .filter(|_| source)
            .or_else(|| storage.endpoint.clone());
        Ok(Place::Bucket(Box::new(Blobs::s3(S3Config {
            path_style: endpoint.is_some(),
            endpoint,
            public_endpoint: None,
            region: storage.region.clone().unwrap_or_else(|| "us-east-1".into()),
            bucket: bucket.to_owned(),
            access_key: key(&self.from_access_key, &storage.access_key, "AWS_ACCESS_KEY_ID")?,
            secret_key: key(&self.from_secret_key, &storage.secret_key, "AWS_SECRET_ACCESS_KEY")?,
        }))))
    }
}

/// Copies one file and reads it back; its hash.
async fn one(
    source: &Place,
    target: &Place,
    key: &str,
    size: i64,
    known: Option<&Known>,
    paths: &[PathBuf; 2],
) -> anyhow::Result<String> {
    source.get(key, &paths[0]).await?;
    let (sent, length) = hash(&paths[0]).await?;
    if length != size {
        bail!("{length} bytes came instead of {size}");
    }
    if let Some(expected) = known.and_then(|known| known.sha256.as_ref())
        && *expected != sent
    {
        bail!("the source's content is not what was uploaded: its SHA-256 is {sent}, the database says {expected}");
    }
    let media_type = known.map_or("application/octet-stream", |known| known.media_type.as_str());
    target.put(key, &paths[0], media_type).await?;
    target.get(key, &paths[1]).await?;
    let (arrived, _) = hash(&paths[1]).await?;
    if arrived != sent {
        bail!("the target returned other bytes than were sent");
    }
    Ok(sent)
}

impl Place {
    /// Keys and sizes.
    async fn list(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        match self {
            Place::Bucket(blobs) => {
                blobs.ensure_bucket().await?;
                Ok(blobs
                    .list_all("")
                    .await?
                    .into_iter()
                    .map(|found| (found.key, found.size))
                    .collect())
            }
            Place::Folder(folder) => {
                let mut found = BTreeMap::new();
                let mut folders = vec![folder.clone()];
                while let Some(here) = folders.pop() {
                    for entry in
                        std::fs::read_dir(&here).with_context(|| format!("{} cannot be read", here.display()))?
                    {
                        let (entry, path) = entry.map(|entry| (entry.metadata(), entry.path()))?;
                        let meta = entry?;
                        if meta.is_dir() {
                            folders.push(path);
                        } else if meta.is_file()
                            && let Some(key) = path.strip_prefix(folder).ok().and_then(Path::to_str)
                        {
                            found.insert(key.to_owned(), i64::try_from(meta.len())?);
                        }
                    }
                }
                Ok(found)
            }
        }
    }

    async fn get(&self, key: &str, path: &Path) -> anyhow::Result<()> {
        match self {
            Place::Bucket(blobs) => Ok(blobs.get_file(key, path).await?),
            Place::Folder(folder) => tokio::fs::copy(folder.join(key), path)
                .await
                .map(drop)
                .with_context(|| format!("{key} cannot be read")),
        }
    }

    async fn put(&self, key: &str, path: &Path, media_type: &str) -> anyhow::Result<()> {
        match self {
            Place::Bucket(blobs) => Ok(blobs.put_file(key, path, media_type).await?),
            Place::Folder(folder) => {
                if Path::new(key)
                    .components()
                    .any(|part| !matches!(part, std::path::Component::Normal(_)))
                {
                    bail!("the key leads out of the folder");
                }
                let place = folder.join(key);
                if let Some(parent) = place.parent() {
                    tokio::fs::create_dir_all(parent).await?;
                }
                // Beside the file, by a name no other file on its way has.
                let half = path_with(&place, ".part");
                tokio::fs::copy(path, &half).await?;
                tokio::fs::File::open(&half).await?.sync_all().await?;
                Ok(tokio::fs::rename(&half, &place).await?)
            }
        }
    }

    async fn delete(&self, key: &str) -> anyhow::Result<()> {
        match self {
            Place::Bucket(blobs) => Ok(blobs.delete(key).await?),
            Place::Folder(folder) => Ok(tokio::fs::remove_file(folder.join(key)).await?),
        }
    }
}

fn path_with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What the database says of each file; nothing if it cannot be asked.
async fn known(config: &Config) -> HashMap<String, Known> {
    let rows = async {
        let db = Db::connect(&config.database_url(), 1).await?;
        file::Entity::find().all(db.read()).await
    };
    match rows.await {
        Ok(rows) => rows
            .into_iter()
            .map(|row| {
                (
                    row.blob_key,
                    Known {
                        sha256: row.sha256,
                        media_type: row.media_type,
                    },
                )
            })
            .collect(),
        Err(error) => {
            tracing::warn!(%error, "the database cannot be asked for hashes; copies are compared with their source alone");
            HashMap::new()
        }
    }
}

async fn hash(path: &Path) -> anyhow::Result<(String, i64)> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        let (mut file, mut hasher) = (std::fs::File::open(path)?, Sha256::new());
        let length = std::io::copy(&mut file, &mut hasher)?;
        Ok((hex::encode(hasher.finalize()), i64::try_from(length)?))
    })
    .await?
}

fn read_state(path: &Path, to: &str) -> anyhow::Result<HashMap<String, Done>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    // A line that was broken off is a file to copy again.
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Done>(line).ok());
    Ok(lines
        .filter(|done| done.to == to)
        .map(|done| (done.key.clone(), done))
        .collect())
}

fn note(state: &Mutex<std::fs::File>, done: &Done) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(done)?;
    line.push(b'\n');
    let mut file = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.write_all(&line).context("the state file cannot be written")
}

/// A folder for files on their way, gone with the command.
struct Scratch(PathBuf);

impl Scratch {
    fn new(state: &Path) -> anyhow::Result<Scratch> {
        let folder = state.with_extension(format!("scratch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

//! Restoring: into an empty database, then the files, everything compared with what the manifest says.

use super::cell::Sum;
use super::env::Env;
use super::format::{FileEntry, Frame, Keys, Table};
use super::manifest::Manifest;
use super::source::{Source, place_of};
use super::target::Target;
use super::{objects, stream};
use age::x25519::Identity;
use anyhow::{Context, bail, ensure};
use futures::stream::TryStreamExt;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// What loading a backup brought.
pub struct Loaded {
    pub rows: u64,
    pub keys: Keys,
    /// One JSON list of entries on each line.
    pub inventory: PathBuf,
    pub tables: Vec<Table>,
}

/// Downloads the sealed database and checks that it is what the manifest says.
pub async fn fetch(env: &Env, manifest: &Manifest, scratch: &Path) -> anyhow::Result<PathBuf> {
    let file = scratch.join("fetched.age");
    let part = &manifest.database;
    env.place
        .blobs
        .get_file(&part.key, &file)
        .await
        .with_context(|| format!("{} cannot be fetched", part.key))?;
    let path = file.clone();
    let found = tokio::task::spawn_blocking(move || super::seal::digest(&path)).await??;
    ensure!(
        found.size == part.size && found.sha256 == part.sha256,
        "the backup {} is damaged: {} is not the file that its manifest names ({} of {} bytes)",
        manifest.id,
        part.key,
        found.size,
        part.size
    );
    Ok(file)
}

/// Loads a sealed database into a target, which must be clear. The schema stays that of the backup.
pub async fn load(
    manifest: &Manifest,
    file: PathBuf,
    identity: &Identity,
    target: &Target,
    scratch: &Path,
) -> anyhow::Result<Loaded> {
    target.shape(&manifest.migrations).await?;
    let mut frames = stream::read(file, identity.clone());
    let mut loaded = Loaded {
        rows: 0,
        keys: Keys::default(),
        inventory: scratch.join("inventory"),
        tables: Vec::new(),
    };
    let mut inventory = std::io::BufWriter::new(std::fs::File::create(&loaded.inventory)?);
    let mut sum = Sum::default();
    loop {
        let frame = frames.recv().await.context("the backup ended too early")?;
        match frame.with_context(|| format!("the backup {}", manifest.id))? {
            Frame::Head(head) => ensure!(
                head.id == manifest.id && head.migrations == manifest.migrations,
                "the database in the backup {} belongs to another manifest",
                manifest.id
            ),
            Frame::Keys(keys) => loaded.keys = keys,
            Frame::Table(table) => {
                sum = Sum::default();
                loaded.tables.push(table);
            }
            Frame::Rows(rows) => {
                let table = loaded.tables.last().context("rows without a table")?;
                rows.iter().for_each(|row| sum.add(row));
                target.load(table, rows).await?;
            }
            Frame::End(end) => {
                let table = loaded.tables.last().context("an end without a table")?;
                let said = manifest.tables.iter().find(|one| one.name == table.name);
                ensure!(
                    said.is_some_and(|said| said.rows == sum.rows && said.sum == sum.hex())
                        && end.rows == sum.rows
                        && end.sum == sum.hex(),
                    "the rows of {} are not those that the manifest names",
                    table.name
                );
                loaded.rows += end.rows;
            }
            Frame::Files(entries) => {
                use std::io::Write as _;
                serde_json::to_writer(&mut inventory, &entries)?;
                inventory.write_all(b"\n")?;
            }
            Frame::Done => break,
        }
    }
    ensure!(
        loaded.tables.len() == manifest.tables.len(),
        "the backup has {} tables, and its manifest names {}",
        loaded.tables.len(),
        manifest.tables.len()
    );
    inventory.into_inner()?.sync_all()?;
    Ok(loaded)
}

/// Where a process that still runs on the database says every second that it does; it holds nothing that a backup is for.
const PULSE: &str = "replication_heartbeat";

/// Reads every table back and compares.
pub async fn compare(manifest: &Manifest, tables: &[Table], url: &str) -> anyhow::Result<()> {
    let mut source = Source::open(url).await?;
    for table in tables.iter().filter(|table| table.name != PULSE) {
        let shape = source.shape_like(table).await?;
        let found = source.read(&shape, None).await?;
        let said = manifest.tables.iter().find(|one| one.name == table.name);
        let said = said.with_context(|| format!("the manifest knows no table {}", table.name))?;
        ensure!(
            found.rows == said.rows,
            "{} has {} rows after restoring, and {} in the backup",
            table.name,
            found.rows,
            said.rows
        );
        ensure!(
            found.sum == said.sum,
            "the rows of {} differ from those of the backup",
            table.name
        );
    }
    source.close().await;
    Ok(())
}

/// What to restore, and where to.
pub struct Order {
    pub from: String,
    pub to: String,
    /// Clear a database that holds data.
    pub replace: bool,
    /// Whose signature the manifest must have; the installation's own by default.
    pub signer: Option<String>,
    pub files: bool,
    /// Leave the schema at the backup's, for a binary log to be replayed on it.
    pub replay_follows: bool,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    pub rows: u64,
    pub files_put: u64,
    pub files_there: u64,
}

pub async fn restore(env: &Env, order: &Order, say: impl Fn(&str)) -> anyhow::Result<Restored> {
    let expected = match &order.signer {
        Some(signer) => Some(signer.clone()),
        None => env.known_signer()?,
    };
    let manifest = env.place.manifest(&order.from, expected.as_deref()).await?;
    let identity = env.identity()?;
    let scratch = env.scratch()?;
    let target = Target::open(&order.to).await?;
    if target.is_half().await? {
        say("An earlier restore into this database was cut short; it is begun anew.");
    } else if target.has_data().await? && !order.replace {
        bail!(
            "the database {} holds data. Nothing was changed. Restore into an empty one, or give --replace to lose what is there",
            place_of(&order.to)
        );
    }
    say(&format!("Fetching {} …", manifest.id));
    let file = fetch(env, &manifest, scratch.path()).await?;
    target.clear(&manifest.id).await?;
    say(&format!(
        "Loading {} rows of {} tables …",
        manifest.rows(),
        manifest.tables.len()
    ));
    let loaded = load(&manifest, file, &identity, &target, scratch.path()).await?;
    say("Comparing every table with the backup …");
    compare(&manifest, &loaded.tables, &order.to).await?;
    if let Some(table) = target.broken_reference().await? {
        bail!("a row of {table} refers to nothing: the backup is not whole");
    }
    put_key(env, &loaded.keys, &say)?;
    let (put, there) = match order.files {
        true => {
            say("Putting back files …");
            put_files(env, &manifest, &loaded.inventory, &identity, scratch.path()).await?
        }
        false => (0, 0),
    };
    if !order.replay_follows {
        target.migrate().await?;
    }
    target.done().await?;
    target.close().await?;
    Ok(Restored {
        rows: loaded.rows,
        manifest,
        files_put: put,
        files_there: there,
    })
}

/// The key that signs receipts, where this installation has none of its own.
fn put_key(env: &Env, keys: &Keys, say: &impl Fn(&str)) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(key) = &keys.receipt_signing_key else {
        return Ok(());
    };
    let path = env.signing_key();
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    match made {
        Ok(mut file) => {
            file.write_all(key.as_bytes())?;
            file.sync_all()?;
            say("The key that signs receipts is back.");
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if std::fs::read_to_string(&path)?.trim() != key {
                say(&format!(
                    "Note: {} is another key than the backup's; receipts of before are checked with the backup's. It was left alone.",
                    path.display()
                ));
            }
        }
        Err(error) => return Err(error).context("the key that signs receipts cannot be written"),
    }
    Ok(())
}

/// The entries an inventory file holds, page by page.
pub fn inventory(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Vec<FileEntry>>>> {
    use std::io::BufRead as _;
    let lines = std::io::BufReader::new(std::fs::File::open(path)?).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// Puts back the files that are not there or are others; how many were put, and how many were there.
async fn put_files(
    env: &Env,
    manifest: &Manifest,
    list: &Path,
    identity: &Identity,
    scratch: &Path,
) -> anyhow::Result<(u64, u64)> {
    let counts = Mutex::new((0, 0));
    for page in inventory(list)? {
        futures::stream::iter(page?.into_iter().enumerate().map(anyhow::Ok))
            .try_for_each_concurrent(4, |(number, entry)| {
                let counts = &counts;
                async move {
                    let there = env.blobs.head(&entry.key).await?;
                    if there.is_some_and(|head| head.size == entry.size) && same(env, &entry, scratch, number).await? {
                        counts.lock().await.1 += 1;
                        return Ok(());
                    }
                    let plain = scratch.join(format!("file-{number}"));
                    objects::fetch(env, &manifest.objects, &entry, identity, &plain).await?;
                    env.blobs
                        .put_file(&entry.key, &plain, "application/octet-stream")
                        .await?;
                    let _ = tokio::fs::remove_file(&plain).await;
                    counts.lock().await.0 += 1;
                    anyhow::Ok(())
                }
            })
            .await?;
    }
    Ok(counts.into_inner())
}

/// Whether the file in the store has the content of the inventory.
async fn same(env: &Env, entry: &FileEntry, scratch: &Path, number: usize) -> anyhow::Result<bool> {
    let path = scratch.join(format!("present-{number}"));
    env.blobs.get_file(&entry.key, &path).await?;
    let file = path.clone();
    let found = tokio::task::spawn_blocking(move || super::seal::digest(&file)).await??;
    let _ = tokio::fs::remove_file(&path).await;
    Ok(found.sha256 == entry.sha256)
}

//! The backup bucket: what is where in it.
//!
//! `backups/<id>/{database.age,references,manifest.json,proof.json}` and `objects/<key's fingerprint>/<sha256>`, the last shared by all
//! backups, so that a file that does not change is stored once.

use super::manifest::{Manifest, Proof};
use crate::boot;
use crate::config::{Config, StorageKind};
use anyhow::Context;
use app::platform::blobs::{self, Blobs};

/// The bucket, or the folder that stands for it.
#[derive(Clone)]
pub struct Place {
    pub blobs: Blobs,
    /// For people: a bucket's name or a folder.
    pub name: String,
}

impl Place {
    pub async fn open(config: &Config) -> anyhow::Result<Place> {
        match config.storage.kind {
            StorageKind::Embedded => {
                let folder = config.server.data_dir.join("backups");
                let secret = blobs::load_or_create_secret(&config.server.data_dir.join("storage.key"))
                    .context("the storage key cannot be opened")?;
                let blobs = Blobs::embedded(&folder, &secret)
                    .with_context(|| format!("the backup folder {} cannot be opened", folder.display()))?;
                Ok(Place {
                    blobs,
                    name: folder.display().to_string(),
                })
            }
            StorageKind::S3 => {
                let s3 = boot::s3_config(config)?;
                let name = config
                    .backup
                    .bucket
                    .clone()
                    .unwrap_or_else(|| format!("{}-backup", s3.bucket));
                let blobs = Blobs::with_bucket(s3, name.clone());
                blobs
                    .ensure_bucket()
                    .await
                    .with_context(|| format!("the backup bucket {name} is not there and cannot be made"))?;
                Ok(Place { blobs, name })
            }
        }
    }

    pub fn folder(id: &str) -> String {
        format!("backups/{id}/")
    }

    /// Ids of whole backups, oldest first, and of leftovers without a manifest.
    pub async fn ids(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let (mut whole, mut all) = (Vec::new(), Vec::new());
        for file in self.blobs.list_all("backups/").await? {
            let mut parts = file.key.split('/').skip(1);
            if let (Some(id), Some(name)) = (parts.next(), parts.next()) {
                if name == "manifest.json" {
                    whole.push(id.to_owned());
                }
                if all.last().is_none_or(|last| last != id) {
                    all.push(id.to_owned());
                }
            }
        }
        all.retain(|id| !whole.contains(id));
        Ok((whole, all))
    }

    /// One manifest, checked. `latest` stands for the newest.
    pub async fn manifest(&self, id: &str, signer: Option<&str>) -> anyhow::Result<Manifest> {
        let id = match id {
            "latest" => self.ids().await?.0.pop().context("there is no backup yet")?,
            id => id.to_owned(),
        };
        let key = format!("{}manifest.json", Place::folder(&id));
        if self.blobs.head(&key).await?.is_none() {
            anyhow::bail!("there is no backup {id} in {}", self.name);
        }
        let manifest = Manifest::open(&self.blobs.get(&key).await?, signer)?;
        anyhow::ensure!(
            manifest.id == id,
            "the manifest of {id} belongs to another backup, {}",
            manifest.id
        );
        Ok(manifest)
    }

    pub async fn proof(&self, id: &str) -> anyhow::Result<Option<Proof>> {
        let key = format!("{}proof.json", Place::folder(id));
        if self.blobs.head(&key).await?.is_none() {
            return Ok(None);
        }
        Ok(serde_json::from_slice(&self.blobs.get(&key).await?).ok())
    }

    /// Removes a backup; the manifest first, so that a half-removed one is not listed.
    pub async fn remove(&self, id: &str) -> anyhow::Result<()> {
        let folder = Place::folder(id);
        self.blobs.delete(&format!("{folder}manifest.json")).await?;
        for file in self.blobs.list_all(&folder).await? {
            self.blobs.delete(&file.key).await?;
        }
        Ok(())
    }
}

//! What every part here needs, opened without starting a server: a backup must also be possible when a server cannot start, and
//! opening must not migrate anything.

use super::place::Place;
use super::seal;
use crate::boot;
use crate::config::Config;
use age::x25519::{Identity, Recipient};
use anyhow::Context;
use app::platform::blobs::Blobs;
use app::platform::clock::Clock;
use app::platform::signer::Signer;
use std::path::PathBuf;

#[derive(Clone)]
pub struct Env {
    pub config: Config,
    pub blobs: Blobs,
    pub place: Place,
    pub clock: Clock,
}

impl Env {
    pub async fn open(config: &Config) -> anyhow::Result<Env> {
        std::fs::create_dir_all(&config.server.data_dir)?;
        Ok(Env {
            blobs: boot::open_storage(config)?,
            place: Place::open(config).await?,
            config: config.clone(),
            clock: Clock::default(),
        })
    }

    pub fn signing_key(&self) -> PathBuf {
        self.config.server.data_dir.join("receipt-signing.key")
    }

    /// The installation's signature.
    pub fn signer(&self) -> anyhow::Result<Signer> {
        Signer::load_or_create(&self.signing_key()).context("the signing key cannot be opened")
    }

    /// Its public half, if the installation has a key already; nothing is made.
    pub fn known_signer(&self) -> anyhow::Result<Option<String>> {
        match self.signing_key().exists() {
            true => Ok(Some(self.signer()?.public_key())),
            false => Ok(None),
        }
    }

    /// The public key backups are encrypted to: the configured one, or that of a pair in the data folder, made now if need be.
    pub fn recipient(&self) -> anyhow::Result<Recipient> {
        if let Some(text) = &self.config.backup.recipient {
            return seal::recipient(text);
        }
        let file = self.identity_file();
        if !file.exists() {
            seal::keygen(&file)?;
            tracing::warn!(
                file = %file.display(),
                "a backup key was made on this machine: keep a copy elsewhere, or backups cannot be read when this disk is gone"
            );
        }
        Ok(seal::identity(&file)?.to_public())
    }

    fn identity_file(&self) -> PathBuf {
        let configured = self.config.backup.identity_file.clone();
        configured.unwrap_or_else(|| seal::default_identity_file(&self.config.server.data_dir))
    }

    /// Whether this machine can read backups.
    pub fn can_read(&self) -> bool {
        self.identity_file().exists()
    }

    /// The private key, to prove and to restore.
    pub fn identity(&self) -> anyhow::Result<Identity> {
        seal::identity(&self.identity_file())
            .context("reading a backup needs its private key: set BACKUP_IDENTITY_FILE or give --identity")
    }

    /// A folder for what is being worked on, on the disk of the data, removed with the value.
    pub fn scratch(&self) -> anyhow::Result<tempfile::TempDir> {
        let folder = self.config.server.data_dir.join("scratch");
        std::fs::create_dir_all(&folder)?;
        tempfile::Builder::new()
            .prefix("backup-")
            .tempdir_in(&folder)
            .with_context(|| format!("{} cannot be written", folder.display()))
    }
}

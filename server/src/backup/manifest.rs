//! What a backup says about itself, signed. It is uploaded last: a backup without a manifest is no backup.

use anyhow::{Context, bail, ensure};
use app::platform::signer::Signer;
use app::time::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};

/// A file of the backup bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub key: String,
    pub size: u64,
    pub sha256: String,
}

/// A table in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSum {
    pub name: String,
    pub rows: u64,
    pub sum: String,
}

/// Where the binary log stood at the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPosition {
    pub file: String,
    pub position: u64,
    /// The database's name in the log.
    pub database: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub id: String,
    pub created_at: Timestamp,
    /// Of the program that made it.
    pub version: String,
    /// `sqlite` or `mysql`.
    pub source: String,
    pub migrations: Vec<String>,
    pub tables: Vec<TableSum>,
    pub database: Part,
    /// The fingerprints of all files in it, for tidying up without the private key.
    pub references: Part,
    /// Where the files' contents are: `<objects>/<sha256>`.
    pub objects: String,
    pub files: u64,
    pub file_bytes: u64,
    pub new_files: u64,
    pub new_file_bytes: u64,
    /// Files that were removed while the backup ran.
    pub vanished_files: u64,
    /// The public key it is encrypted to.
    pub recipient: String,
    pub log_position: Option<LogPosition>,
    pub milliseconds: u64,
    /// The public key of `signature`, as hex.
    pub signer: String,
    pub signature: String,
}

/// That a backup was restored and compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub id: String,
    pub at: Timestamp,
    /// Where it was restored to.
    pub place: String,
    pub rows: u64,
    pub tables: u64,
    pub files_present: u64,
    pub files_read: u64,
    pub milliseconds: u64,
}

impl Manifest {
    pub const FORMAT: u32 = 1;

    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    fn text(&self) -> anyhow::Result<String> {
        let unsigned = Manifest {
            signature: String::new(),
            ..self.clone()
        };
        Ok(serde_json::to_string(&unsigned)?)
    }

    pub fn sign(mut self, signer: &Signer) -> anyhow::Result<Manifest> {
        self.signer = signer.public_key();
        self.signature = signer.sign(&self.text()?);
        Ok(self)
    }

    /// Reads and checks: the form, the signature, and, where the reader knows it, whose signature it is.
    pub fn open(bytes: &[u8], expected_signer: Option<&str>) -> anyhow::Result<Manifest> {
        let manifest: Manifest =
            serde_json::from_slice(bytes).context("the manifest is damaged, or was written by a newer version")?;
        ensure!(
            manifest.format == Manifest::FORMAT,
            "the backup has format {}, and this version reads format {}",
            manifest.format,
            Manifest::FORMAT
        );
        if !verify(&manifest.signer, &manifest.text()?, &manifest.signature) {
            bail!(
                "the manifest of {} was changed after it was signed: do not restore from it",
                manifest.id
            );
        }
        if let Some(expected) = expected_signer {
            ensure!(
                manifest.signer == expected,
                "the manifest of {} is signed by another installation ({}…): if that is right, name its key with --signer",
                manifest.id,
                &manifest.signer[..manifest.signer.len().min(12)]
            );
        }
        Ok(manifest)
    }
}

/// Whether the holder of `public` (hex) signed exactly `text`.
pub fn verify(public: &str, text: &str, signature: &str) -> bool {
    let key = hex::decode(public)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .ok()
        .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    match (key, signature) {
        (Some(key), Some(signature)) => key.verify(text.as_bytes(), &Signature::from_bytes(&signature)).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let part = |key: &str| Part {
            key: key.into(),
            size: 1,
            sha256: "00".into(),
        };
        Manifest {
            format: 1,
            id: "20261124T040000Z-0a1b".into(),
            created_at: Timestamp(1),
            version: "1.0.0".into(),
            source: "sqlite".into(),
            migrations: vec!["m1".into()],
            tables: vec![],
            database: part("d"),
            references: part("r"),
            objects: "objects/x".into(),
            files: 0,
            file_bytes: 0,
            new_files: 0,
            new_file_bytes: 0,
            vanished_files: 0,
            recipient: "age1".into(),
            log_position: None,
            milliseconds: 1,
            signer: String::new(),
            signature: String::new(),
        }
    }

    #[test]
    fn a_changed_manifest_or_a_foreign_one_is_refused_in_clear_words() {
        let signer = Signer::from_seed([1; 32]);
        let signed = manifest().sign(&signer).expect("signed");
        let text = serde_json::to_string(&signed).expect("json");
        Manifest::open(text.as_bytes(), Some(&signer.public_key())).expect("whole");
        let tampered = text.replace("\"version\":\"1.0.0\"", "\"version\":\"9.9.9\"");
        let error = Manifest::open(tampered.as_bytes(), None).expect_err("changed");
        assert!(error.to_string().contains("changed after it was signed"), "{error}");
        let other = Signer::from_seed([2; 32]).public_key();
        let error = Manifest::open(text.as_bytes(), Some(&other)).expect_err("foreign");
        assert!(error.to_string().contains("another installation"), "{error}");
        assert!(Manifest::open(&text.as_bytes()[..50], None).is_err());
    }
}

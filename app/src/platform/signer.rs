//! The institution's signature: ed25519 over the text of receipts and reports.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier};
use std::path::Path;
use std::sync::Arc;

/// Signs and checks. The key lives in the data folder and never leaves it.
#[derive(Clone)]
pub struct Signer {
    key: Arc<SigningKey>,
}

impl Signer {
    pub fn from_seed(seed: [u8; 32]) -> Signer {
        Signer {
            key: Arc::new(SigningKey::from_bytes(&seed)),
        }
    }

    /// Reads the key from `path`, or makes one there, readable by its owner alone.
    pub fn load_or_create(path: &Path) -> std::io::Result<Signer> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
                let bad = || std::io::Error::other(format!("{} does not hold a signing key", path.display()));
                bytes.map(Signer::from_seed).ok_or_else(bad)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let seed: [u8; 32] = rand::random();
                let made = std::fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path);
                match made {
                    Ok(mut file) => {
                        file.write_all(hex::encode(seed).as_bytes())?;
                        file.sync_all()?;
                        Ok(Signer::from_seed(seed))
                    }
                    // Another process was faster: use its key.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Signer::load_or_create(path),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// A signature as URL-safe text.
    pub fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.key.sign(text.as_bytes()).to_bytes())
    }

    /// Whether this institution signed exactly this text.
    pub fn verify(&self, text: &str, signature: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD
            .decode(signature.trim())
            .ok()
            .and_then(|b| <[u8; 64]>::try_from(b).ok());
        bytes.is_some_and(|b| {
            self.key
                .verifying_key()
                .verify(text.as_bytes(), &Signature::from_bytes(&b))
                .is_ok()
        })
    }

    /// The public key as hex, for whoever wants to check offline.
    pub fn public_key(&self) -> String {
        hex::encode(self.key.verifying_key().to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_does_not_verify() {
        let signer = Signer::from_seed([7; 32]);
        let signature = signer.sign("receipt 1");
        assert!(signer.verify("receipt 1", &signature));
        assert!(!signer.verify("receipt 2", &signature));
        assert!(!signer.verify("receipt 1", "not a signature"));
        assert!(!Signer::from_seed([8; 32]).verify("receipt 1", &signature));
    }
}

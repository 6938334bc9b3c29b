//! Compressed, then encrypted with `age` to a public key: the server can write backups it cannot read.

use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const LEVEL: i32 = 3;

/// The key pair's public half, from its text (`age1…`).
pub fn recipient(text: &str) -> anyhow::Result<Recipient> {
    text.trim()
        .parse()
        .map_err(|why: &str| anyhow::anyhow!("the backup key “{}” is not understood: {why}", text.trim()))
}

/// A short name of a public key, for keys of objects.
pub fn fingerprint(recipient: &Recipient) -> String {
    hex::encode(Sha256::digest(recipient.to_string()))[..12].to_owned()
}

/// The private half, from a file as `keygen` writes it (lines with `#` are comments).
pub fn identity(path: &Path) -> anyhow::Result<Identity> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the private backup key {} cannot be read", path.display()))?;
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("AGE-SECRET-KEY-"));
    let line = line.with_context(|| format!("{} does not hold a private backup key", path.display()))?;
    line.parse()
        .map_err(|why: &str| anyhow::anyhow!("{} does not hold a private backup key: {why}", path.display()))
}

/// Makes a pair; the private half goes to `path`, which must not be there yet, readable by its owner alone.
pub fn keygen(path: &Path) -> anyhow::Result<Recipient> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let identity = Identity::generate();
    let public = identity.to_public();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made; an existing key is never replaced", path.display()))?;
    let text = format!("# public key: {public}\n{}\n", identity.to_string().expose_secret());
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(public)
}

/// What a sealed file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub size: u64,
    pub sha256: String,
}

/// Counts and sums what goes through.
struct Meter<W> {
    inner: W,
    size: u64,
    digest: Sha256,
}

impl<W: Write> Write for Meter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.digest.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A file that is being sealed; without `finish` it cannot be opened.
pub struct Sealer<W: Write> {
    inner: zstd::Encoder<'static, age::stream::StreamWriter<Meter<W>>>,
}

impl<W: Write> Sealer<W> {
    pub fn new(out: W, recipient: &Recipient) -> anyhow::Result<Self> {
        let meter = Meter {
            inner: out,
            size: 0,
            digest: Sha256::new(),
        };
        let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient))?;
        let encrypted = encryptor.wrap_output(meter)?;
        Ok(Self {
            inner: zstd::Encoder::new(encrypted, LEVEL)?,
        })
    }

    /// Ends the file; what it became.
    pub fn finish(self) -> anyhow::Result<(Sealed, W)> {
        let mut meter = self.inner.finish()?.finish()?;
        meter.flush()?;
        let sealed = Sealed {
            size: meter.size,
            sha256: hex::encode(meter.digest.finalize()),
        };
        Ok((sealed, meter.inner))
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A sealed file being written to the disk.
pub fn create(path: &Path, recipient: &Recipient) -> anyhow::Result<Sealer<BufWriter<File>>> {
    Sealer::new(BufWriter::new(File::create(path)?), recipient)
}

/// Reads what was sealed; errors in words about the key or the damage.
pub fn open<R: Read + Send + 'static>(sealed: R, identity: &Identity) -> anyhow::Result<Box<dyn Read + Send>> {
    let decryptor = age::Decryptor::new_buffered(BufReader::new(sealed))
        .context("the file is not an encrypted backup, or its beginning is damaged")?;
    let plain = match decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)) {
        Ok(plain) => plain,
        Err(age::DecryptError::NoMatchingKeys) => bail!(
            "this backup was encrypted to another key: give the private key that belongs to the public key in its manifest"
        ),
        Err(error) => return Err(error).context("the backup cannot be decrypted: it is damaged"),
    };
    Ok(Box::new(zstd::Decoder::new(plain)?))
}

/// Seals a small file in memory.
pub fn bytes(plain: &[u8], recipient: &Recipient) -> anyhow::Result<Vec<u8>> {
    let mut sealer = Sealer::new(Vec::new(), recipient)?;
    sealer.write_all(plain)?;
    Ok(sealer.finish()?.1)
}

/// Opens `from` into `to`; the plain file's SHA-256 and size.
pub fn unseal(from: &Path, to: &Path, identity: &Identity) -> anyhow::Result<Sealed> {
    let mut plain = open(File::open(from)?, identity)?;
    let mut meter = Meter {
        inner: BufWriter::new(File::create(to)?),
        size: 0,
        digest: Sha256::new(),
    };
    std::io::copy(&mut plain, &mut meter).context("the file is cut off or damaged")?;
    meter.flush()?;
    Ok(Sealed {
        size: meter.size,
        sha256: hex::encode(meter.digest.finalize()),
    })
}

/// The SHA-256 and size of a file.
pub fn digest(path: &Path) -> anyhow::Result<Sealed> {
    let mut meter = Meter {
        inner: std::io::sink(),
        size: 0,
        digest: Sha256::new(),
    };
    std::io::copy(&mut File::open(path)?, &mut meter)?;
    Ok(Sealed {
        size: meter.size,
        sha256: hex::encode(meter.digest.finalize()),
    })
}

/// The key pair of an installation that configured none: in its data folder.
pub fn default_identity_file(data_dir: &Path) -> PathBuf {
    data_dir.join("backup-identity.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Identity, Recipient) {
        let identity = Identity::generate();
        let public = identity.to_public();
        (identity, public)
    }

    fn read(sealed: Vec<u8>, identity: &Identity) -> anyhow::Result<Vec<u8>> {
        let mut plain = Vec::new();
        open(std::io::Cursor::new(sealed), identity)?
            .read_to_end(&mut plain)
            .context("damaged")?;
        Ok(plain)
    }

    #[test]
    fn only_the_private_key_opens_what_was_sealed_and_damage_is_noticed() {
        let (identity, public) = pair();
        let plain = b"what students wrote".repeat(10_000);
        let sealed = bytes(&plain, &public).expect("sealed");
        assert!(sealed.len() < plain.len(), "compressed");
        assert_eq!(read(sealed.clone(), &identity).expect("opens"), plain);

        let wrong = read(sealed.clone(), &Identity::generate()).expect_err("another key");
        assert!(wrong.to_string().contains("another key"), "{wrong:#}");
        let cut = sealed[..sealed.len() - 3].to_vec();
        assert!(read(cut, &identity).is_err());
        let mut flipped = sealed;
        let middle = flipped.len() - 40;
        flipped[middle] ^= 1;
        assert!(read(flipped, &identity).is_err());
    }

    #[test]
    fn a_key_file_is_private_and_never_replaced() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let public = keygen(&path).expect("made");
        assert_eq!(
            identity(&path).expect("reads").to_public().to_string(),
            public.to_string()
        );
        assert_eq!(
            std::fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
        assert!(keygen(&path).is_err());
        std::fs::write(&path, "nonsense").expect("written");
        let error = identity(&path).err().expect("no key");
        assert!(
            error.to_string().contains("does not hold a private backup key"),
            "{error}"
        );
    }
}

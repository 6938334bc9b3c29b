//! The model's files: where they are, whether they are the right ones, how to read them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::GradingError;
use crate::backend::Pooling;

/// SHA-256 of the weights the shipped heads were trained on (all-MiniLM-L6-v2, single precision).
pub const PINNED_WEIGHTS: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
/// SHA-256 of the tokenizer that belongs to them.
pub const PINNED_TOKENIZER: &str = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

const NAME: &str = "all-MiniLM-L6-v2";

/// `AUTO_GRADER_MODEL_DIR`, else the folder `scripts/fetch-model.sh` fills.
pub fn default_model_dir() -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("AUTO_GRADER_MODEL_DIR").unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(|| PathBuf::from("."))
            .join("auto-grader/models")
            .join(NAME)
    })
}

/// A model folder whose files are all there.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    pub weights: PathBuf,
    pub tokenizer: PathBuf,
    pub config: PathBuf,
    /// As `1_Pooling/config.json` says; without that file, the mean.
    pub pooling: Pooling,
    /// `name@hash`: identifies the encoder in grades.
    pub base_version: String,
}

impl ModelFiles {
    /// Finds the files and computes their checksums. Other weights than the pinned ones are allowed
    /// (the hash in the version tells them apart), but a warning is logged: the heads do not fit them.
    pub fn open(dir: &Path) -> Result<Self, GradingError> {
        let file = |name: &str| {
            let path = dir.join(name);
            if path.is_file() {
                Ok(path)
            } else {
                Err(GradingError::ModelMissing(dir.to_owned()))
            }
        };
        let weights = file("model.safetensors")?;
        let tokenizer = file("tokenizer.json")?;
        let config = file("config.json")?;
        let hash = sha256(&weights)?;
        if hash != PINNED_WEIGHTS || sha256(&tokenizer)? != PINNED_TOKENIZER {
            tracing::warn!(
                folder = %dir.display(),
                "the model is not the one the grading heads were trained on"
            );
        }
        let name = if hash == PINNED_WEIGHTS {
            NAME.to_owned()
        } else {
            dir.file_name()
                .map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned())
        };
        Ok(Self {
            weights,
            tokenizer,
            config,
            pooling: pooling(dir)?,
            base_version: format!("{name}@{}", &hash[..8]),
        })
    }
}

/// What sentence encoders tell about pooling; ways that are not ours are refused, not ignored.
fn pooling(dir: &Path) -> Result<Pooling, GradingError> {
    let file = dir.join("1_Pooling/config.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        return Ok(Pooling::Mean);
    };
    let wrong = |why: String| GradingError::ModelBroken(format!("1_Pooling/config.json: {why}"));
    let modes: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let on: Vec<&str> = modes
        .iter()
        .filter(|(name, value)| name.starts_with("pooling_mode_") && value.as_bool() == Some(true))
        .map(|(name, _)| name.as_str())
        .collect();
    match on.as_slice() {
        [] | ["pooling_mode_mean_tokens"] => Ok(Pooling::Mean),
        ["pooling_mode_cls_token"] => Ok(Pooling::First),
        other => Err(wrong(format!(
            "{} is not supported; mean and cls are",
            other.join(" with ")
        ))),
    }
}

/// SHA-256 of a file as hexadecimal.
pub fn sha256(file: &Path) -> Result<String, GradingError> {
    let broken = |error: std::io::Error| GradingError::ModelBroken(format!("{}: {error}", file.display()));
    let mut reader = File::open(file).map_err(broken)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = reader.read(&mut buffer).map_err(broken)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}

/// A safetensors file, read one tensor at a time.
pub struct SafeTensors {
    file: BufReader<File>,
    data_start: u64,
    tensors: HashMap<String, TensorInfo>,
}

#[derive(Clone, Debug, Deserialize)]
struct TensorInfo {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

fn broken(error: impl std::fmt::Display) -> GradingError {
    GradingError::ModelBroken(format!("model.safetensors: {error}"))
}

impl SafeTensors {
    pub fn open(path: &Path) -> Result<Self, GradingError> {
        let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(broken)?);
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(broken)?;
        let length = u64::from_le_bytes(length);
        if length > 10_000_000 {
            return Err(broken("the header is too long; is this a safetensors file?"));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(broken)?;
        let header: HashMap<String, serde_json::Value> = serde_json::from_slice(&header).map_err(broken)?;
        let tensors = header
            .into_iter()
            .filter(|(name, _)| name != "__metadata__")
            .map(|(name, value)| {
                // Some checkpoints put everything below the name of the architecture.
                let name = name.strip_prefix("bert.").map(str::to_owned).unwrap_or(name);
                Ok((name, serde_json::from_value(value).map_err(broken)?))
            })
            .collect::<Result<_, GradingError>>()?;
        Ok(Self {
            file,
            data_start: 8 + length,
            tensors,
        })
    }

    /// All values of a tensor, which must have this shape.
    pub fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, GradingError> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(broken(format!("{name} has shape {:?}, expected {shape:?}", info.shape)));
        }
        self.values(&info, shape.iter().product())
    }

    /// The first values of a tensor, whatever its shape.
    pub fn read_prefix(&mut self, name: &str, count: usize) -> Result<Vec<f32>, GradingError> {
        let info = self.info(name)?;
        self.values(&info, count)
    }

    fn info(&self, name: &str) -> Result<TensorInfo, GradingError> {
        self.tensors
            .get(name)
            .cloned()
            .ok_or_else(|| broken(format!("{name} is missing")))
    }

    fn values(&mut self, info: &TensorInfo, count: usize) -> Result<Vec<f32>, GradingError> {
        let size = match info.dtype.as_str() {
            "F32" => 4,
            "BF16" => 2,
            other => return Err(broken(format!("number format {other}; F32 or BF16 is needed"))),
        };
        if (count * size) as u64 > info.data_offsets[1].saturating_sub(info.data_offsets[0]) {
            return Err(broken("a tensor is shorter than its shape says"));
        }
        let start = SeekFrom::Start(self.data_start + info.data_offsets[0]);
        self.file.seek(start).map_err(broken)?;
        let mut values = Vec::with_capacity(count);
        let mut buffer = vec![0; (1 << 16).min(count * size)];
        while values.len() < count {
            let bytes = buffer.len().min((count - values.len()) * size);
            let part = &mut buffer[..bytes];
            self.file.read_exact(part).map_err(broken)?;
            if size == 4 {
                values.extend(
                    part.chunks_exact(4)
                        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
                );
            } else {
                values.extend(part.chunks_exact(2).map(|b| f32::from_le_bytes([0, 0, b[0], b[1]])));
            }
        }
        Ok(values)
    }
}

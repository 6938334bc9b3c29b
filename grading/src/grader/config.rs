//! Settings of the grader.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::GradingError;
use crate::request::Limits;

/// Where the arithmetic happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    #[default]
    Cpu,
    /// Any graphics card through Vulkan, Metal or DirectX; needs the `wgpu` feature.
    Wgpu,
    /// An NVIDIA card; needs the `cuda` feature.
    Cuda,
}

impl Device {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }
}

impl FromStr for Device {
    type Err = GradingError;

    fn from_str(name: &str) -> Result<Self, GradingError> {
        match name.trim().to_ascii_lowercase().as_str() {
            "cpu" | "" => Ok(Self::Cpu),
            "wgpu" | "gpu" => Ok(Self::Wgpu),
            "cuda" => Ok(Self::Cuda),
            other => Err(GradingError::Device(format!(
                "{other} is not a device; use cpu, wgpu or cuda"
            ))),
        }
    }
}

/// How exactly the encoder multiplies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Single precision, to within 1e-5 of exact embeddings.
    #[default]
    F32,
    /// Factors rounded to bfloat16 where the processor multiplies those; else single precision.
    Bf16,
    /// Factors rounded to bytes, per text row and per column of weights.
    Int8,
}

impl Precision {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }
}

impl FromStr for Precision {
    type Err = GradingError;

    fn from_str(name: &str) -> Result<Self, GradingError> {
        match name.trim().to_ascii_lowercase().as_str() {
            "f32" | "" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "int8" => Ok(Self::Int8),
            other => Err(GradingError::Invalid(format!(
                "{other} is not a precision; use f32, bf16 or int8"
            ))),
        }
    }
}

/// How to start a grader; the default is right for most machines.
#[derive(Clone, Debug)]
pub struct GraderConfig {
    /// A folder with `model.safetensors`, `tokenizer.json` and `config.json`.
    pub model_dir: PathBuf,
    pub device: Device,
    pub precision: Precision,
    /// Worker threads; 0 means one per core on the processor and one on a graphics card.
    pub workers: usize,
    /// Answers that may wait or be worked on before new ones are refused.
    pub max_in_flight: usize,
    /// Largest number of answers a worker takes at once.
    pub batch: usize,
    /// Bytes of embeddings kept for reference answers and graded answers.
    pub cache_bytes: usize,
    pub limits: Limits,
    /// Accept suggestions so that this share of them would be the teacher's own.
    pub target_agreement: f32,
    /// A head fitted by `grading train` instead of the shipped one.
    pub head: Option<PathBuf>,
    /// The checksum the file of `head` must have; a grader with any other file does not start.
    pub head_sha256: Option<String>,
}

impl Default for GraderConfig {
    fn default() -> Self {
        Self {
            model_dir: crate::weights::default_model_dir(),
            device: Device::Cpu,
            precision: Precision::F32,
            workers: 0,
            max_in_flight: 20_000,
            batch: 32,
            cache_bytes: 24 * 1024 * 1024,
            limits: Limits::default(),
            target_agreement: 0.95,
            head: None,
            head_sha256: None,
        }
    }
}

impl GraderConfig {
    pub(super) fn workers(&self) -> usize {
        if self.workers > 0 {
            return self.workers;
        }
        match self.device {
            Device::Cpu => std::thread::available_parallelism().map_or(1, usize::from).min(16),
            Device::Wgpu | Device::Cuda => 1,
        }
    }
}

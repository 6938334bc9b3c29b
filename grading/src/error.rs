//! Everything that can go wrong while grading, in words a person can act on.

use std::path::PathBuf;

#[derive(Clone, Debug, thiserror::Error)]
pub enum GradingError {
    /// Set-up: fetch the weights first.
    #[error(
        "the model weights are not in {0}: run scripts/fetch-model.sh, or point AUTO_GRADER_MODEL_DIR at a folder that has model.safetensors, tokenizer.json and config.json"
    )]
    ModelMissing(PathBuf),
    /// The files are there but are not what was pinned or cannot be read.
    #[error("the model weights cannot be used: {0}")]
    ModelBroken(String),
    /// This build or this machine lacks the device.
    #[error("the device cannot be used: {0}")]
    Device(String),
    /// Too much is waiting already; try again in a moment.
    #[error("the grader is busy: {waiting} answers are waiting and the limit is {limit}")]
    Busy { waiting: usize, limit: usize },
    #[error("the request is too large: {0}")]
    TooLarge(String),
    #[error("the request is not valid: {0}")]
    Invalid(String),
    /// The backend failed on this request; it has been restarted and other requests go on.
    #[error("the grader failed on this answer and was restarted: {0}")]
    Crashed(String),
    /// The grader has been shut down.
    #[error("the grader has stopped")]
    Stopped,
    #[error("{0}")]
    Data(String),
}

impl GradingError {
    /// Would the same request succeed later?
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Stopped)
    }
}

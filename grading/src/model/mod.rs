//! The arithmetic: the sentence encoder (tensors) and the heads on top of it (small trees).
//!
//! `config` says how large an encoder is, `encoder` holds its weights and runs it, `trees` are
//! gradient-boosted trees in plain Rust, `head` puts trees, calibration and threshold together.

pub mod config;
pub mod encoder;
pub mod head;
pub mod trees;

pub use config::BertConfig;
pub use encoder::BertEncoder;
pub use head::Head;

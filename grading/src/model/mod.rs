//! The arithmetic: the sentence encoder (tensors) and the heads on top of it (small trees).
//!
//! `config` says how large an encoder is, `encoder` holds its weights and runs it, `trees` are
//! gradient-boosted trees in plain Rust, `adapter` what the encoder's last layers learnt, `head` puts adapter, trees,
//! calibration and threshold together, `meta` is its part for questions with graded answers.

pub mod adapter;
pub mod config;
pub mod encoder;
pub mod head;
pub mod meta;
pub mod trees;

pub use config::BertConfig;
pub use encoder::BertEncoder;
pub use head::Head;

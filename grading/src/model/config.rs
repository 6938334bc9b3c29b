//! The shape of a BERT-family encoder, as its `config.json` tells it.

use std::path::Path;

use serde::Deserialize;

use crate::GradingError;

#[derive(Clone, Debug, Deserialize)]
pub struct BertConfig {
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub vocab_size: usize,
    #[serde(default = "default_eps")]
    pub layer_norm_eps: f64,
    #[serde(default = "default_activation")]
    pub hidden_act: String,
    /// The family; taken for `bert` where it is not told.
    #[serde(default)]
    pub model_type: Option<String>,
}

fn default_eps() -> f64 {
    1e-12
}

fn default_activation() -> String {
    "gelu".into()
}

impl BertConfig {
    pub fn load(file: &Path) -> Result<Self, GradingError> {
        let broken = |error: String| GradingError::ModelBroken(format!("config.json: {error}"));
        let text = std::fs::read_to_string(file).map_err(|error| broken(error.to_string()))?;
        let config: Self = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        config.check().map_err(broken)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.num_attention_heads == 0 || !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(format!(
                "hidden_size {} is not a multiple of num_attention_heads {}",
                self.hidden_size, self.num_attention_heads
            ));
        }
        if let Some(family) = self.model_type.as_deref().filter(|family| *family != "bert") {
            return Err(format!("encoders of the family {family} are not supported; bert is"));
        }
        if self.hidden_act != "gelu" {
            return Err(format!("activation {} is not supported; gelu is", self.hidden_act));
        }
        Ok(())
    }
}

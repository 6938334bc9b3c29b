//! The encoder through `wgpu`, on whatever Vulkan there is (in tests, Mesa's on the processor), against the golden vectors.
#![cfg(feature = "wgpu")]

use burn::backend::Wgpu;
use grading::backend::{BurnEncoder, Encoder};
use grading::model::{BertConfig, BertEncoder};
use grading::prepare::Preparer;
use grading::weights::{ModelFiles, SafeTensors, default_model_dir};

#[test]
fn vectors_equal_the_double_precision_ones() {
    let files = ModelFiles::open(&default_model_dir()).expect("run scripts/fetch-model.sh first");
    let config = BertConfig::load(&files.config).expect("config.json");
    let mut weights = SafeTensors::open(&files.weights).expect("weights");
    let model = BertEncoder::<Wgpu>::load(&config, &mut weights, &Default::default()).expect("weights");
    let mut encoder = BurnEncoder::new(model);
    let preparer = Preparer::load(&files.tokenizer, config.max_position_embeddings).expect("tokenizer");
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden.json")).expect("golden.json");
    let mut worst = 0.0f64;
    for text in golden["texts"].as_array().expect("texts").iter().take(8) {
        let ids = preparer
            .prepare(text["text"].as_str().expect("text"))
            .expect("text")
            .tokens
            .ids;
        let found = encoder.encode(&[&ids]).expect("encodes");
        let expected = text["embedding"].as_array().expect("numbers");
        for (found, expected) in found[0].pooled.iter().zip(expected) {
            worst = worst.max((f64::from(*found) - expected.as_f64().expect("number")).abs());
        }
    }
    println!("largest difference {worst:e}");
    assert!(worst <= 1e-4, "largest difference {worst:e}");
}

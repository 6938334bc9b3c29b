//! The encoder through `wgpu`, on whatever Vulkan there is (in tests, Mesa's on the processor), against the golden vectors; the
//! layers with the shipped adapter against the processor's.
#![cfg(feature = "wgpu")]

use burn::backend::Wgpu;
use burn_flex::Flex;
use grading::backend::{BurnEncoder, Encoder};
use grading::model::{BertConfig, BertEncoder, Head};
use grading::prepare::Preparer;
use grading::weights::{ModelFiles, SafeTensors, default_model_dir};

#[test]
fn vectors_equal_the_double_precision_ones() {
    let files = ModelFiles::open(&default_model_dir()).expect("run scripts/fetch-model.sh first");
    let config = BertConfig::load(&files.config).expect("config.json");
    let head = Head::shipped().expect("the shipped head");
    let adapter = head.adapter.as_ref();
    let precision = grading::Precision::F32;
    let mut weights = SafeTensors::open(&files.weights).expect("weights");
    let model = BertEncoder::<Wgpu>::load_with(&config, &mut weights, &Default::default(), precision, adapter);
    let mut encoder = BurnEncoder::new(model.expect("weights"));
    let model = BertEncoder::<Flex>::load_with(&config, &mut weights, &Default::default(), precision, adapter);
    let mut processor = BurnEncoder::new(model.expect("weights"));
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
        let same = processor.encode(&[&ids]).expect("encodes");
        for (found, expected) in found[0].tuned.iter().zip(&same[0].tuned) {
            worst = worst.max(f64::from((found - expected).abs()));
        }
        let expected = text["embedding"].as_array().expect("numbers");
        for (found, expected) in found[0].pooled.iter().zip(expected) {
            worst = worst.max((f64::from(*found) - expected.as_f64().expect("number")).abs());
        }
    }
    println!("largest difference {worst:e}");
    assert!(worst <= 1e-4, "largest difference {worst:e}");
}

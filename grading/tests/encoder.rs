//! The encoder against vectors computed in double precision, and batched against single.

use std::path::PathBuf;

use burn_flex::Flex;
use grading::Precision;
use grading::backend::{BurnEncoder, Encoder};
use grading::model::{BertConfig, BertEncoder, Head};
use grading::weights::{ModelFiles, SafeTensors, default_model_dir};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    texts: Vec<GoldenText>,
}

#[derive(Deserialize)]
struct GoldenText {
    text: String,
    tokens: usize,
    ids_head: Vec<u32>,
    embedding: Vec<f32>,
}

fn golden() -> Vec<GoldenText> {
    let golden: Golden = serde_json::from_str(include_str!("golden.json")).expect("golden.json");
    golden.texts
}

/// `None` on a developer's machine without the weights; a failure where CI is set.
fn model_files() -> Option<ModelFiles> {
    let dir: PathBuf = default_model_dir();
    match ModelFiles::open(&dir) {
        Ok(files) => Some(files),
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn encoder(files: &ModelFiles) -> BurnEncoder<Flex> {
    encoder_as(files, Precision::F32)
}

fn encoder_as(files: &ModelFiles, precision: Precision) -> BurnEncoder<Flex> {
    let config = BertConfig::load(&files.config).expect("config.json");
    let mut weights = SafeTensors::open(&files.weights).expect("weights");
    let head = Head::shipped().expect("the shipped head");
    let adapter = head.adapter.as_ref();
    let model =
        BertEncoder::load_with(&config, &mut weights, &Default::default(), precision, adapter).expect("weights");
    BurnEncoder::new(model)
}

fn tokens(files: &ModelFiles, texts: &[GoldenText]) -> Vec<Vec<u32>> {
    let preparer = grading::prepare::Preparer::load(&files.tokenizer, 512).expect("tokenizer");
    texts
        .iter()
        .map(|text| preparer.prepare(&text.text).expect("text").tokens.ids)
        .collect()
}

#[test]
fn embeddings_equal_the_double_precision_ones() {
    let Some(files) = model_files() else { return };
    let golden = golden();
    let ids = tokens(&files, &golden);
    let mut encoder = encoder(&files);
    let views: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    let found = encoder.encode(&views).expect("encodes");
    let mut worst = 0.0f32;
    for ((text, ids), found) in golden.iter().zip(&ids).zip(&found) {
        assert_eq!(ids.len(), text.tokens, "{}", text.text);
        assert_eq!(ids[..text.ids_head.len()], text.ids_head, "{}", text.text);
        for (a, b) in found.pooled.iter().zip(&text.embedding) {
            worst = worst.max((a - b).abs());
        }
    }
    eprintln!("largest difference {worst:e}");
    assert!(worst <= 1e-5, "largest difference {worst:e}");
}

/// The first values that the documentation of sentence-transformers shows for this model.
#[test]
fn embeddings_equal_the_published_ones() {
    let Some(files) = model_files() else { return };
    let preparer = grading::prepare::Preparer::load(&files.tokenizer, 512).expect("tokenizer");
    let ids = preparer
        .prepare("This is an example sentence")
        .expect("text")
        .tokens
        .ids;
    let found = encoder(&files).encode(&[&ids]).expect("encodes");
    for (found, published) in found[0].pooled.iter().zip([0.0676569, 0.0634959, 0.0487131, 0.0793049]) {
        assert!((found - published).abs() < 5e-6, "{found} {published}");
    }
}

/// Measured against the same vectors: bytes cost some hundredths, halves some thousandths, and neither turns a vector.
#[test]
fn lesser_precisions_stay_near() {
    let Some(files) = model_files() else { return };
    let golden = golden();
    let ids = tokens(&files, &golden);
    let views: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    for (precision, most, least_cosine) in [(Precision::Bf16, 5e-3, 0.9999), (Precision::Int8, 5e-2, 0.97)] {
        let found = encoder_as(&files, precision).encode(&views).expect("encodes");
        let (mut worst, mut cosine) = (0.0f32, 1.0f32);
        for (text, found) in golden.iter().zip(&found) {
            let pairs = || found.pooled.iter().zip(&text.embedding);
            worst = pairs().fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
            cosine = cosine.min(pairs().map(|(a, b)| a * b).sum());
        }
        println!("{precision:?}: largest difference {worst:e}, smallest cosine {cosine}");
        assert!(
            worst <= most && cosine >= least_cosine,
            "{precision:?}: {worst:e}, {cosine}"
        );
    }
}

#[test]
fn a_text_gets_the_same_vectors_whatever_its_neighbours() {
    let Some(files) = model_files() else { return };
    let golden = golden();
    let ids = tokens(&files, &golden);
    let views: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
        same_whatever_the_neighbours(encoder_as(&files, precision), &views);
    }
}

fn same_whatever_the_neighbours(mut encoder: BurnEncoder<Flex>, views: &[&[u32]]) {
    let together = encoder.encode(views).expect("encodes");
    let mut differing = 0;
    let mut worst = 0.0f32;
    for size in [1, 2, 3, 5, 8] {
        for (views, expected) in views.chunks(size).zip(together.chunks(size)) {
            for (found, expected) in encoder.encode(views).expect("encodes").iter().zip(expected) {
                let values = found.states.iter().chain(&found.tuned);
                for (a, b) in values.zip(expected.states.iter().chain(&expected.tuned)) {
                    worst = worst.max((a - b).abs());
                    differing += usize::from(a.to_bits() != b.to_bits());
                }
            }
        }
    }
    eprintln!("largest difference {worst:e}, {differing} values differ");
    assert_eq!(differing, 0, "largest difference {worst:e}");
}

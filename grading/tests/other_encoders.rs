//! Any encoder of the BERT family can be loaded from a folder: a tiny one with random weights, made here, against the same
//! arithmetic in double precision, written down plainly.

use std::collections::BTreeMap;
use std::path::Path;

use burn_flex::Flex;
use grading::backend::{BurnEncoder, Encoder, Pooling};
use grading::model::{BertConfig, BertEncoder};
use grading::weights::{ModelFiles, SafeTensors};
use grading::{GradingError, Precision};

const HIDDEN: usize = 24;
const INNER: usize = 40;
const HEADS: usize = 2;
const LAYERS: usize = 2;
const WORDS: usize = 50;
const POSITIONS: usize = 80;

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn tensors() -> Tensors {
    let mut state = 1u64;
    let mut random = |shape: &[usize], spread: f32, middle: f32| {
        let values = (0..shape.iter().product()).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            middle + spread * ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0)
        });
        (shape.to_vec(), values.collect())
    };
    let mut all = Tensors::new();
    let mut put = |name: String, value: (Vec<usize>, Vec<f32>)| all.insert(name, value);
    put(
        "embeddings.word_embeddings.weight".into(),
        random(&[WORDS, HIDDEN], 1.0, 0.0),
    );
    put(
        "embeddings.position_embeddings.weight".into(),
        random(&[POSITIONS, HIDDEN], 0.5, 0.0),
    );
    put(
        "embeddings.token_type_embeddings.weight".into(),
        random(&[2, HIDDEN], 0.5, 0.0),
    );
    let mut maps = vec![];
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..LAYERS {
        let at = |name: &str| format!("encoder.layer.{layer}.{name}");
        for name in [
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
        ] {
            maps.push((at(name), HIDDEN, HIDDEN));
        }
        maps.push((at("intermediate.dense"), INNER, HIDDEN));
        maps.push((at("output.dense"), HIDDEN, INNER));
        norms.extend([at("attention.output.LayerNorm"), at("output.LayerNorm")]);
    }
    for (name, outputs, inputs) in maps {
        put(format!("{name}.weight"), random(&[outputs, inputs], 0.4, 0.0));
        put(format!("{name}.bias"), random(&[outputs], 0.1, 0.0));
    }
    for name in norms {
        put(format!("{name}.weight"), random(&[HIDDEN], 0.2, 1.0));
        put(format!("{name}.bias"), random(&[HIDDEN], 0.1, 0.0));
    }
    all
}

fn write(folder: &Path, tensors: &Tensors, pooling: &str) {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, (shape, values)) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let info = serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(format!("bert.{name}"), info);
    }
    let header = serde_json::to_vec(&header).expect("JSON");
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    let config = serde_json::json!({
        "model_type": "bert", "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "intermediate_size": INNER, "max_position_embeddings": POSITIONS, "vocab_size": WORDS,
    });
    std::fs::create_dir_all(folder.join("1_Pooling")).expect("folder");
    let save = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("file");
    save("model.safetensors", &file);
    save("config.json", config.to_string().as_bytes());
    save("tokenizer.json", b"{}");
    save(
        "1_Pooling/config.json",
        format!("{{\"pooling_mode_{pooling}\": true}}").as_bytes(),
    );
}

/// Token states of one text.
fn exact(tensors: &Tensors, ids: &[u32]) -> Vec<Vec<f64>> {
    let row = |name: &str, at: usize, width: usize| -> Vec<f64> {
        tensors[name].1[at * width..][..width]
            .iter()
            .map(|value| f64::from(*value))
            .collect()
    };
    let linear = |name: &str, x: &[f64]| -> Vec<f64> {
        let bias = &tensors[&format!("{name}.bias")].1;
        let weights = tensors[&format!("{name}.weight")].1.chunks_exact(x.len());
        let product = |row: &[f32]| row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
        weights
            .zip(bias)
            .map(|(row, bias)| product(row) + f64::from(*bias))
            .collect()
    };
    let norm = |name: &str, x: Vec<f64>| -> Vec<f64> {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
        let (gamma, beta) = (
            row(&format!("{name}.weight"), 0, x.len()),
            row(&format!("{name}.bias"), 0, x.len()),
        );
        let scaled = x.iter().map(|x| (x - mean) / (variance + 1e-12).sqrt());
        scaled
            .zip(gamma)
            .zip(beta)
            .map(|((x, gamma), beta)| x * gamma + beta)
            .collect()
    };
    let add = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
    let segment = row("embeddings.token_type_embeddings.weight", 0, HIDDEN);
    let mut states: Vec<Vec<f64>> = ids
        .iter()
        .enumerate()
        .map(|(at, &id)| {
            let word = row("embeddings.word_embeddings.weight", id as usize, HIDDEN);
            let position = row("embeddings.position_embeddings.weight", at, HIDDEN);
            norm("embeddings.LayerNorm", add(&add(&word, &position), &segment))
        })
        .collect();
    let size = HIDDEN / HEADS;
    for layer in 0..LAYERS {
        let at = |name: &str| format!("encoder.layer.{layer}.{name}");
        let part = |name: &str| -> Vec<Vec<f64>> {
            states
                .iter()
                .map(|x| linear(&at(&format!("attention.self.{name}")), x))
                .collect()
        };
        let (q, k, v) = (part("query"), part("key"), part("value"));
        let mut mixed = vec![vec![0.0; HIDDEN]; ids.len()];
        for head in 0..HEADS {
            let own = head * size..(head + 1) * size;
            for (q, mixed) in q.iter().zip(&mut mixed) {
                let score = |k: &Vec<f64>| {
                    let dot: f64 = q[own.clone()].iter().zip(&k[own.clone()]).map(|(a, b)| a * b).sum();
                    (dot / (size as f64).sqrt()).exp()
                };
                let weights: Vec<f64> = k.iter().map(score).collect();
                let total: f64 = weights.iter().sum();
                for (weight, v) in weights.iter().zip(&v) {
                    for (mixed, v) in mixed[own.clone()].iter_mut().zip(&v[own.clone()]) {
                        *mixed += weight / total * v;
                    }
                }
            }
        }
        for (x, mixed) in states.iter_mut().zip(mixed) {
            let attended = linear(&at("attention.output.dense"), &mixed);
            *x = norm(&at("attention.output.LayerNorm"), add(x, &attended));
            let gelu = |x: f64| 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2));
            let inner: Vec<f64> = linear(&at("intermediate.dense"), x).into_iter().map(gelu).collect();
            *x = norm(&at("output.LayerNorm"), add(x, &linear(&at("output.dense"), &inner)));
        }
    }
    states
}

/// By its series; the arguments here are small.
fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

fn scaled(mut vector: Vec<f64>) -> Vec<f64> {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("tiny-bert-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("folder");
    folder
}

#[test]
fn an_encoder_of_another_shape_gives_the_exact_vectors() {
    let folder = folder("shape");
    let tensors = tensors();
    let texts: Vec<Vec<u32>> = [1usize, 2, 15, 16, 17, 33, 80, 5]
        .iter()
        .map(|&length| (0..length).map(|at| ((at * 7 + length) % WORDS) as u32).collect())
        .collect();
    let views: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
    for (mode, pooling) in [("mean_tokens", Pooling::Mean), ("cls_token", Pooling::First)] {
        write(&folder, &tensors, mode);
        let files = ModelFiles::open(&folder).expect("files");
        assert_eq!(files.pooling, pooling);
        let config = BertConfig::load(&files.config).expect("config");
        for (precision, most) in [(Precision::F32, 1e-5), (Precision::Bf16, 2e-2), (Precision::Int8, 6e-2)] {
            let mut weights = SafeTensors::open(&files.weights).expect("weights");
            let model = BertEncoder::<Flex>::load_as(&config, &mut weights, &Default::default(), precision);
            let mut encoder = BurnEncoder::pooling_by(files.pooling, model.expect("weights"));
            let found = encoder.encode(&views).expect("encodes");
            for (ids, found) in texts.iter().zip(found) {
                let states = exact(&tensors, ids);
                let pooled = match pooling {
                    Pooling::First => states[0].clone(),
                    Pooling::Mean => (0..HIDDEN)
                        .map(|at| states.iter().map(|state| state[at]).sum())
                        .collect(),
                };
                for (found, exact) in found.pooled.iter().zip(scaled(pooled)) {
                    let off = (f64::from(*found) - exact).abs();
                    assert!(off <= most, "{precision:?}, {} tokens: {found} {exact}", ids.len());
                }
            }
        }
    }
    std::fs::remove_dir_all(folder).expect("goes");
}

#[test]
fn what_cannot_be_run_is_refused_with_a_reason() {
    let folder = folder("refused");
    write(&folder, &tensors(), "max_tokens");
    let text = |error: GradingError| error.to_string();
    let error = text(ModelFiles::open(&folder).expect_err("max pooling"));
    assert!(error.contains("pooling_mode_max_tokens is not supported"), "{error}");
    let config = folder.join("config.json");
    let changed = std::fs::read_to_string(&config)
        .expect("file")
        .replace("\"bert\"", "\"roberta\"");
    std::fs::write(&config, changed).expect("file");
    let error = text(BertConfig::load(&config).expect_err("another family"));
    assert!(error.contains("roberta"), "{error}");
    std::fs::remove_file(folder.join("model.safetensors")).expect("goes");
    let error = text(ModelFiles::open(&folder).expect_err("no weights"));
    assert!(error.contains("fetch-model.sh"), "{error}");
    std::fs::remove_dir_all(folder).expect("goes");
}

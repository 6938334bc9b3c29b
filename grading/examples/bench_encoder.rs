//! Our side of `scripts/bench-encoders.py`: encodes given token ids when told to on standard input.
//!
//! `bench_encoder TEXTS.json PRECISION THREADS`, then a line for each round: `go NAME` encodes all
//! texts of that name and answers `done`; `save NAME FILE` writes their embeddings as raw f32.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use burn_flex::Flex;
use grading::Precision;
use grading::backend::{BurnEncoder, Encoder};
use grading::batch::{Budget, plan};
use grading::model::{BertConfig, BertEncoder};
use grading::weights::{ModelFiles, SafeTensors, default_model_dir};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, precision, threads] = arguments.as_slice() else {
        return Err("usage: bench_encoder TEXTS.json PRECISION THREADS".into());
    };
    let texts: BTreeMap<String, Vec<Vec<u32>>> = serde_json::from_slice(&std::fs::read(texts)?)?;
    let precision: Precision = precision.parse()?;
    let files = ModelFiles::open(&default_model_dir())?;
    let config = BertConfig::load(&files.config)?;
    let mut weights = SafeTensors::open(&files.weights)?;
    let model = BertEncoder::<Flex>::load_as(&config, &mut weights, &Default::default(), precision)?;
    let mut encoders: Vec<_> = (0..threads.parse::<usize>()?)
        .map(|_| BurnEncoder::new(model.clone()))
        .collect();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, file) = match words.as_slice() {
            ["go", name] => (name, None),
            ["save", name, file] => (name, Some(file)),
            _ => return Err(format!("not a command: {line}").into()),
        };
        let found = encode(&mut encoders, &texts[*name])?;
        if let Some(file) = file {
            let bytes: Vec<u8> = found.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
            std::fs::write(file, bytes)?;
        }
        println!("done");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// All texts, their batches shared out between the encoders; the embeddings in the order of the texts.
fn encode(encoders: &mut [BurnEncoder<Flex>], texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, Failure> {
    let lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
    let batches = plan(&lengths, Budget::default());
    let next = AtomicUsize::new(0);
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = encoders
            .iter_mut()
            .map(|encoder| {
                let (batches, next) = (&batches, &next);
                scope.spawn(move || {
                    let mut out = Vec::new();
                    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let ids: Vec<&[u32]> = batch.iter().map(|&at| texts[at].as_slice()).collect();
                        let encoded = encoder.encode(&ids)?;
                        out.extend(batch.iter().copied().zip(encoded.into_iter().map(|text| text.pooled)));
                    }
                    Ok::<_, grading::GradingError>(out)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut all = vec![Vec::new(); texts.len()];
    for part in parts {
        for (at, pooled) in part.map_err(|_| "a thread panicked")?? {
            all[at] = pooled;
        }
    }
    Ok(all)
}

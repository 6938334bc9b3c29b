//! Sentences per second through the encoder alone, by batch size, on one thread.

use burn_flex::Flex;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use grading::backend::{BurnEncoder, Encoder};
use grading::model::{BertConfig, BertEncoder};
use grading::prepare::Preparer;
use grading::weights::{ModelFiles, SafeTensors, default_model_dir};

const TEXT: &str = "The water was heated until it slowly evaporated, and the dissolved salt stayed \
    behind as small white crystals at the bottom of the dish, because salt does not evaporate.";

fn encoder(criterion: &mut Criterion) {
    let files = ModelFiles::open(&default_model_dir()).expect("run scripts/fetch-model.sh first");
    let config = BertConfig::load(&files.config).expect("config.json");
    let mut weights = SafeTensors::open(&files.weights).expect("weights");
    let model = BertEncoder::<Flex>::load(&config, &mut weights, &Default::default()).expect("weights");
    let mut encoder = BurnEncoder::new(model);
    let preparer = Preparer::load(&files.tokenizer, 512).expect("tokenizer");
    let ids = preparer.prepare(TEXT).expect("text").tokens.ids;
    let mut group = criterion.benchmark_group("encode");
    for size in [1usize, 4, 8, 16, 32] {
        let batch: Vec<&[u32]> = vec![&ids; size];
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &batch, |bencher, batch| {
            bencher.iter(|| encoder.encode(batch).expect("encodes"));
        });
    }
    group.finish();
}

criterion_group!(benches, encoder);
criterion_main!(benches);

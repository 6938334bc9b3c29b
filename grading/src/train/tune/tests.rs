use burn_flex::Flex;

use super::block::{Linear, Norm};
use super::*;
use crate::backend::{BurnEncoder, Encoder};
use crate::grader::Precision;
use crate::model::{BertConfig, BertEncoder};
use crate::prepare::Preparer;
use crate::weights::{ModelFiles, SafeTensors};
use crate::{GraderConfig, GradingError};

const HIDDEN: usize = 32;
const INNER: usize = 48;

fn block(random: &mut Random) -> Block {
    let mut linear = |inputs: usize, outputs: usize| {
        let mut draw = |count: usize, reach: f32| -> Vec<f32> {
            (0..count).map(|_| (2.0 * random.share() - 1.0) * reach).collect()
        };
        let rows = draw(inputs * outputs, 2.0 / (inputs as f32).sqrt());
        Linear::new(inputs, rows, draw(outputs, 0.1))
    };
    let linear = [
        linear(HIDDEN, 3 * HIDDEN),
        linear(HIDDEN, HIDDEN),
        linear(HIDDEN, INNER),
        linear(INNER, HIDDEN),
    ];
    let mut norm = || Norm {
        gamma: (0..HIDDEN).map(|_| 0.5 + random.share()).collect(),
        beta: (0..HIDDEN).map(|_| random.share() - 0.5).collect(),
        eps: 1e-12,
    };
    Block {
        norms: [norm(), norm()],
        linear,
        heads: 2,
    }
}

/// Texts of which every second begins alike.
fn lower(texts: usize) -> Lower {
    let mut random = Random(3);
    let blocks = vec![block(&mut random), block(&mut random)];
    let texts = (0..texts)
        .map(|at| {
            let tokens = 2 + random.below(5);
            let mut states: Vec<f32> = (0..tokens * HIDDEN).map(|_| 2.0 * random.share() - 1.0).collect();
            if at % 2 == 0 {
                states[..HIDDEN]
                    .iter_mut()
                    .enumerate()
                    .for_each(|(at, value)| *value = (at as f32).sin());
            }
            states
        })
        .collect();
    Lower::made(HIDDEN, blocks, texts)
}

fn questions(lower: usize) -> Vec<Question> {
    let answers = (1..lower as TextId).map(|text| (text, if text % 2 == 0 { 1.0 } else { 0.0 }));
    vec![Question {
        answers: answers.collect(),
        references: vec![0],
    }]
}

#[test]
fn gradients_are_those_of_the_loss() {
    let lower = lower(8);
    let layout = Layout::new(&lower.blocks, 16);
    let mut random = Random(11);
    let mut values = start(&lower, &layout, &mut random);
    // Away from the start, where the gradient by `down` is zero.
    for place in layout.places.iter().flatten() {
        values[place.up.clone()]
            .iter_mut()
            .for_each(|value| *value = 0.2 * (random.share() - 0.5));
    }
    // Soft enough that nothing is cut off at nearly sure.
    values[layout.scalars.start] = 1.0;
    values[layout.scalars.start + 2] = 0.5;
    let questions = questions(8);
    let lesson = Lesson {
        answers: questions[0].answers.clone(),
        references: &questions[0].references,
        graded: vec![true, true, false, true, true, true, false],
    };
    let mut gradient = vec![0.0; values.len()];
    lesson.learn(&lower, &layout, &values, 1.0, &mut gradient);
    let loss = |values: &[f32]| lesson.learn(&lower, &layout, values, 1.0, &mut vec![0.0; values.len()]);
    for place in layout.places.iter().flatten() {
        for range in [&place.down, &place.up] {
            for _ in 0..10 {
                let at = range.start + random.below(range.len());
                let mut moved = values.clone();
                moved[at] += 2e-3;
                let up = loss(&moved);
                moved[at] -= 4e-3;
                let slope = (up - loss(&moved)) / 4e-3;
                let close = (slope - gradient[at]).abs() < 1e-3 + 0.03 * slope.abs();
                assert!(close, "{range:?}, {at}: {slope} and {}", gradient[at]);
            }
        }
    }
}

#[test]
fn learns_the_same_every_time_and_what_it_learns_can_be_read_back() {
    let lower = lower(41);
    let questions = questions(41);
    let questions: Vec<&Question> = questions.iter().collect();
    let how = FitAdapter {
        epochs: 40,
        ..FitAdapter::default()
    };
    let mut losses = Vec::new();
    let adapter = fit_adapter(&lower, &questions, &how, &mut |_, _, loss| losses.push(loss));
    assert!(losses[losses.len() - 1] < 0.7 * losses[0], "{losses:?}");
    assert_eq!(adapter, fit_adapter(&lower, &questions, &how, &mut |_, _, _| ()));
    // Texts that begin alike lie nearer now.
    let ids: Vec<TextId> = (0..41).collect();
    let apart = |vectors: &[Vec<f32>]| {
        let mean = |odd: usize| {
            let others = (1..41).filter(|at| at % 2 == odd);
            others.map(|at| dot(&vectors[0], &vectors[at])).sum::<f32>() / 20.0
        };
        mean(0) - mean(1)
    };
    let nothing = Adapter {
        layers: adapter
            .layers
            .iter()
            .map(|layer| {
                layer.each_ref().map(|thin| Thin {
                    down: thin.down.clone(),
                    up: vec![0.0; thin.up.len()],
                })
            })
            .collect(),
        ..adapter.clone()
    };
    let (before, after) = (
        apart(&vectors(&lower, &nothing, &ids)),
        apart(&vectors(&lower, &adapter, &ids)),
    );
    assert!(after > before + 0.2, "{before} {after}");
}

/// What training computes is what a grader with the adapter computes.
#[test]
fn the_encoder_with_the_adapter_gives_the_vectors_that_were_learnt() -> Result<(), GradingError> {
    let config = GraderConfig::default();
    // The last is longer than what is learnt from.
    let long = "The water boils away and the salt stays behind in the pan. ".repeat(20);
    let answers = [
        "The salt stays behind.",
        "a magnet pulls the iron out of the sand",
        &long,
    ];
    let mut texts = Texts::default();
    let ids: Vec<TextId> = answers.iter().map(|text| texts.put(text)).collect();
    let lower = match Lower::load(&texts, &config, 1, &mut |_| ()) {
        Err(error @ GradingError::ModelMissing(_)) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: {error}");
            return Ok(());
        }
        other => other?,
    };
    let layout = Layout::new(&lower.blocks, 16);
    let mut random = Random(2);
    let mut values = start(&lower, &layout, &mut random);
    let nothing = adapter(&lower, &layout, &values, 16);
    for place in layout.places.iter().flatten() {
        values[place.up.clone()]
            .iter_mut()
            .for_each(|value| *value = 0.04 * (random.share() - 0.5));
    }
    let something = adapter(&lower, &layout, &values, 16);
    let files = ModelFiles::open(&config.model_dir)?;
    let shape = BertConfig::load(&files.config)?;
    let preparer = Preparer::load(&files.tokenizer, shape.max_position_embeddings)?;
    let prepared = answers
        .iter()
        .map(|text| preparer.prepare(text))
        .collect::<Result<Vec<_>, _>>()?;
    let tokens: Vec<&[u32]> = prepared.iter().map(|text| text.tokens.ids.as_slice()).collect();
    let alike = |adapter: &Adapter| -> Result<Vec<[f32; 2]>, GradingError> {
        let mut weights = SafeTensors::open(&files.weights)?;
        let model =
            BertEncoder::<Flex>::load_with(&shape, &mut weights, &Default::default(), Precision::F32, Some(adapter))?;
        let encoded = BurnEncoder::pooling_by(files.pooling, model).encode(&tokens)?;
        let learnt = vectors(&lower, adapter, &ids);
        let pairs = encoded.iter().zip(&learnt);
        Ok(pairs
            .map(|(text, learnt)| [dot(&text.tuned, learnt), dot(&text.tuned, &text.pooled)])
            .collect())
    };
    for [learnt, plain] in alike(&nothing)? {
        assert!(learnt > 0.9999 && plain > 0.9999, "{learnt} {plain}");
    }
    for [learnt, plain] in alike(&something)? {
        assert!(learnt > 0.9999 && plain < 0.99, "{learnt} {plain}");
    }
    Ok(())
}

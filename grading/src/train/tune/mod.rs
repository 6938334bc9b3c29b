//! Fits the adapter: the last layers of the encoder learn, from classes of graded answers, which answers of a question
//! deserve the same score. Gradients by hand, one thread: the same lower states give the
//! same bytes.
//!
//! `texts` what the lower layers make of all texts, once · `block` and `attention` one layer, forwards and backwards ·
//! `gemm` the matrix product · `episode` the loss · `adam` the optimiser.

mod adam;
mod attention;
mod block;
mod episode;
mod gemm;
mod texts;

use self::adam::Adam;
use self::block::{Block, MATRICES, Place, Trace};
use self::episode::{Episode, SCALARS};
use self::gemm::turn;
pub use self::texts::{Extent, Lower, TextId, Texts};
use crate::backend::dot;
use crate::model::adapter::{Adapter, Thin};
use crate::model::trees::Random;

/// How to fit.
#[derive(Clone, Debug)]
pub struct FitAdapter {
    pub rank: usize,
    pub epochs: usize,
    /// Answers of a question in one epoch, at most.
    pub most: usize,
    /// Answers in one episode, and fewer that are not worth one.
    pub answers: usize,
    pub fewest: usize,
    /// Episodes in one step.
    pub batch: usize,
    pub rate: f32,
    pub decay: f32,
    pub seed: u64,
}

impl Default for FitAdapter {
    fn default() -> Self {
        Self {
            rank: 16,
            epochs: 3,
            most: 72,
            answers: 24,
            fewest: 8,
            batch: 4,
            rate: 2e-3,
            decay: 0.01,
            seed: 1,
        }
    }
}

/// Changes whenever other numbers come out for the same questions.
pub const RECIPE: u32 = 1;

/// A question to learn from.
pub struct Question {
    pub answers: Vec<(TextId, f32)>,
    pub references: Vec<TextId>,
}

/// References of a question that are used.
const REFERENCES: usize = 3;
/// Steps until the learning rate is full.
const WARM_UP: f32 = 20.0;
/// Gradients longer than this are shortened.
const LONGEST: f32 = 1.0;

/// Where the thin matrices of each layer lie in the flat parameters; the scalars of the loss come last.
struct Layout {
    places: Vec<[Place; MATRICES]>,
    scalars: std::ops::Range<usize>,
}

impl Layout {
    fn new(blocks: &[Block], rank: usize) -> Self {
        let mut end = 0;
        let mut next = |size: usize| {
            end += size;
            end - size..end
        };
        let places = blocks
            .iter()
            .map(|block| {
                block.linear.each_ref().map(|linear| Place {
                    down: next(linear.inputs * rank),
                    up: next(rank * linear.outputs),
                })
            })
            .collect();
        let scalars = next(SCALARS);
        Self { places, scalars }
    }
}

/// The adapter fitted on these questions. `progress` gets the steps done, of how many, and the loss of the last one.
pub fn fit_adapter(
    lower: &Lower,
    questions: &[&Question],
    how: &FitAdapter,
    progress: &mut dyn FnMut(usize, usize, f32),
) -> Adapter {
    let layout = Layout::new(&lower.blocks, how.rank);
    let mut random = Random(how.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut values = start(lower, &layout, &mut random);
    let plan = plan(questions, how, &mut random);
    let steps = plan.len().div_ceil(how.batch);
    let mut adam = Adam::new(values.len());
    for (step, batch) in plan.chunks(how.batch).enumerate() {
        let mut gradient = vec![0.0; values.len()];
        let mut loss = 0.0;
        for (question, answers) in batch {
            let lesson = Lesson {
                answers: answers.iter().map(|at| questions[*question].answers[*at]).collect(),
                references: &questions[*question].references,
                graded: graded(answers.len(), &mut random),
            };
            let share = 1.0 / batch.len() as f32;
            loss += share * lesson.learn(lower, &layout, &values, share, &mut gradient);
        }
        let length = dot(&gradient, &gradient).sqrt();
        if length > LONGEST {
            gradient.iter_mut().for_each(|value| *value *= LONGEST / length);
        }
        let rate = how.rate * ((step + 1) as f32 / WARM_UP).min(1.0) * (1.0 - step as f32 / steps as f32);
        adam.step(&mut values, &gradient, rate, how.decay, layout.scalars.start);
        progress(step + 1, steps, loss);
    }
    adapter(lower, &layout, &values, how.rank)
}

/// The `down` matrices at random, the `up` ones zero: at first nothing is added.
fn start(lower: &Lower, layout: &Layout, random: &mut Random) -> Vec<f32> {
    let mut values = vec![0.0; layout.scalars.end];
    for (block, places) in lower.blocks.iter().zip(&layout.places) {
        for (linear, place) in block.linear.iter().zip(places) {
            let reach = 2.0 * (3.0 / linear.inputs as f32).sqrt();
            for value in &mut values[place.down.clone()] {
                *value = (2.0 * random.share() - 1.0) * reach;
            }
        }
    }
    values[layout.scalars.clone()].copy_from_slice(&episode::START);
    values
}

/// Episodes of all epochs in the order in which they are learnt: a question, and some of its answers.
fn plan(questions: &[&Question], how: &FitAdapter, random: &mut Random) -> Vec<(usize, Vec<usize>)> {
    let mut all = Vec::new();
    for _ in 0..how.epochs {
        let mut epoch = Vec::new();
        for (number, question) in questions.iter().enumerate() {
            let mut order: Vec<usize> = (0..question.answers.len()).collect();
            random.shuffle(&mut order);
            order.truncate(how.most);
            let parts = order.chunks(how.answers).filter(|part| part.len() >= how.fewest);
            epoch.extend(parts.map(|part| (number, part.to_vec())));
        }
        random.shuffle(&mut epoch);
        all.append(&mut epoch);
    }
    all
}

/// All answers, or just a few: a teacher begins with few.
fn graded(answers: usize, random: &mut Random) -> Vec<bool> {
    if random.share() >= 0.7 {
        return vec![true; answers];
    }
    let few = [3, 5, 8, 12][random.below(4)];
    let mut graded: Vec<bool> = (0..answers).map(|at| at < few).collect();
    random.shuffle(&mut graded);
    graded
}

/// One episode.
struct Lesson<'a> {
    answers: Vec<(TextId, f32)>,
    references: &'a [TextId],
    graded: Vec<bool>,
}

impl Lesson<'_> {
    /// Adds the gradient, times `share`; returns the loss.
    fn learn(&self, lower: &Lower, layout: &Layout, values: &[f32], share: f32, gradient: &mut [f32]) -> f32 {
        let references = &self.references[..self.references.len().min(REFERENCES)];
        let texts: Vec<TextId> = self
            .answers
            .iter()
            .map(|(text, _)| *text)
            .chain(references.iter().copied())
            .collect();
        let scores: Vec<f32> = self.answers.iter().map(|(_, score)| *score).collect();
        let read = Reading::new(lower, layout, values, &texts, Extent::Short);
        let mut d = vec![0.0; read.vectors.len()];
        let episode = Episode {
            scores: &scores,
            graded: &self.graded,
            vectors: &read.vectors,
            width: lower.hidden,
        };
        let mut by_scalar = [0.0; SCALARS];
        let loss = episode.loss(&values[layout.scalars.clone()], share, &mut d, &mut by_scalar);
        let scalars = &mut gradient[layout.scalars.clone()];
        scalars.iter_mut().zip(by_scalar).for_each(|(to, by)| *to += by);
        read.backward(lower, layout, values, &d, gradient);
        loss
    }
}

/// Texts read through the adapted layers.
struct Reading {
    lengths: Vec<usize>,
    traces: Vec<Trace>,
    /// One of length 1 per text.
    vectors: Vec<f32>,
    /// What each was divided by.
    scales: Vec<f32>,
}

impl Reading {
    fn new(lower: &Lower, layout: &Layout, values: &[f32], texts: &[TextId], extent: Extent) -> Self {
        let (mut x, lengths) = lower.states(texts, extent);
        let mut traces: Vec<Trace> = Vec::new();
        for (block, places) in lower.blocks.iter().zip(&layout.places) {
            let trace = block.forward(values, places, x, &lengths);
            x = trace.out.clone();
            traces.push(trace);
        }
        let mut vectors = vec![0.0; texts.len() * lower.hidden];
        let mut scales = Vec::with_capacity(texts.len());
        let mut rest = x.as_slice();
        for (length, vector) in lengths.iter().zip(vectors.chunks_exact_mut(lower.hidden)) {
            let (own, others) = rest.split_at(length * lower.hidden);
            rest = others;
            let read = lower.read(*length);
            for state in own.chunks_exact(lower.hidden).take(read) {
                vector.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
            }
            let scale = dot(vector, vector).sqrt().max(1e-12);
            vector.iter_mut().for_each(|value| *value /= scale);
            scales.push(scale);
        }
        Self {
            lengths,
            traces,
            vectors,
            scales,
        }
    }

    /// From the gradient by the vectors to that by the parameters.
    fn backward(&self, lower: &Lower, layout: &Layout, values: &[f32], d: &[f32], gradient: &mut [f32]) {
        let width = lower.hidden;
        let mut states = vec![0.0; self.lengths.iter().sum::<usize>() * width];
        let mut rest = states.as_mut_slice();
        let texts = d.chunks_exact(width).zip(self.vectors.chunks_exact(width));
        for ((length, scale), (d, vector)) in self.lengths.iter().zip(&self.scales).zip(texts) {
            let (own, others) = rest.split_at_mut(length * width);
            rest = others;
            let along = dot(d, vector);
            for state in own.chunks_exact_mut(width).take(lower.read(*length)) {
                for (to, (d, value)) in state.iter_mut().zip(d.iter().zip(vector)) {
                    *to = (d - along * value) / scale;
                }
            }
        }
        let mut d = states;
        for (at, (block, places)) in lower.blocks.iter().zip(&layout.places).enumerate().rev() {
            let trace = &self.traces[at];
            match block.backward(values, places, trace, &self.lengths, d, gradient, at > 0) {
                Some(before) => d = before,
                None => return,
            }
        }
    }
}

fn adapter(lower: &Lower, layout: &Layout, values: &[f32], rank: usize) -> Adapter {
    let thin = |place: &Place| Thin {
        down: turn(&values[place.down.clone()], place.down.len() / rank, rank),
        up: turn(&values[place.up.clone()], rank, place.up.len() / rank),
    };
    let mut adapter = Adapter {
        first_layer: lower.first_layer,
        rank,
        layers: layout.places.iter().map(|places| places.each_ref().map(thin)).collect(),
    };
    adapter.round();
    adapter
}

/// The vectors of these texts with an adapter, as a grader that carries it computes them.
pub fn vectors(lower: &Lower, adapter: &Adapter, texts: &[TextId]) -> Vec<Vec<f32>> {
    let layout = Layout::new(&lower.blocks, adapter.rank);
    let mut values = vec![0.0; layout.scalars.end];
    for (places, layer) in layout.places.iter().zip(&adapter.layers) {
        for (place, thin) in places.iter().zip(layer) {
            let rank = adapter.rank;
            values[place.down.clone()].copy_from_slice(&turn(&thin.down, rank, thin.down.len() / rank));
            values[place.up.clone()].copy_from_slice(&turn(&thin.up, thin.up.len() / rank, rank));
        }
    }
    let mut all = Vec::with_capacity(texts.len());
    for texts in texts.chunks(32) {
        let read = Reading::new(lower, &layout, &values, texts, Extent::Whole);
        all.extend(read.vectors.chunks_exact(lower.hidden).map(<[f32]>::to_vec));
    }
    all
}

#[cfg(test)]
mod tests;

//! Fits the interaction network: gradients by hand, AdamW, one thread, the same result everywhere.

use crate::backend::dot_lanes;
use crate::model::gemm::{View, add_product, turn};
use crate::model::net::{
    COMPARE, COMPARED, JOIN, LENGTH, Layout, Net, OUTPUT, PROJECT, SHARPNESS, Tokens, WIDTH, compared, gather, scores,
    shares,
};
use crate::model::trees::{Random, sigmoid};

/// What one answer gives the network to learn from.
#[derive(Clone, Copy)]
pub struct Lesson<'a> {
    pub answer: Tokens<'a>,
    pub reference: Tokens<'a>,
    pub features: &'a [f32],
    /// Share of the points the teacher gave.
    pub target: f32,
    pub weight: f32,
}

/// How to fit.
#[derive(Clone, Debug)]
pub struct FitNet {
    pub epochs: usize,
    pub batch: usize,
    pub rate: f32,
    pub decay: f32,
    pub dropout: f32,
    pub seed: u64,
}

impl Default for FitNet {
    fn default() -> Self {
        Self {
            epochs: 3,
            batch: 32,
            rate: 2e-3,
            decay: 0.03,
            dropout: 0.25,
            seed: 1,
        }
    }
}

/// Fits a network; lessons without tokens are left out.
pub fn fit_net(lessons: &[Lesson<'_>], how: &FitNet) -> Option<Net> {
    let lessons: Vec<&Lesson<'_>> = lessons
        .iter()
        .filter(|lesson| !lesson.answer.signals.is_empty() && !lesson.reference.signals.is_empty())
        .collect();
    let first = lessons.first()?;
    let hidden = first.answer.states.len() / first.answer.signals.len();
    let mut random = Random(how.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut net = start(hidden, &lessons, &mut random);
    let layout = net.layout();
    let mut adam = Adam::new(net.values.len());
    let steps = (how.epochs * lessons.len().div_ceil(how.batch)) as f32;
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut step = 0;
    for _ in 0..how.epochs {
        random.shuffle(&mut order);
        for batch in order.chunks(how.batch) {
            let batch: Vec<&Lesson<'_>> = batch.iter().map(|&at| lessons[at]).collect();
            let mut masks = Masks::new(how.dropout, random.draw());
            let (_, gradient) = step_of(&net, &layout, &batch, &mut masks);
            step += 1;
            let rate = how.rate * (step as f32 / 50.0).min(1.0) * (1.0 - step as f32 / (steps + 1.0));
            adam.step(&mut net.values, &gradient, rate, how.decay);
        }
    }
    net.round();
    Some(net)
}

fn start(hidden: usize, lessons: &[&Lesson<'_>], random: &mut Random) -> Net {
    let features = lessons[0].features.len();
    let count = lessons.len() as f64;
    let moment = |at: usize, of: &dyn Fn(f64) -> f64| {
        lessons
            .iter()
            .map(|lesson| of(f64::from(lesson.features[at])))
            .sum::<f64>()
            / count
    };
    let mean: Vec<f64> = (0..features).map(|at| moment(at, &|value| value)).collect();
    let spread = (0..features).map(|at| moment(at, &|value| (value - mean[at]).powi(2)).sqrt().max(1e-3));
    let short = |value: f64| ((value * 1e4).round() / 1e4) as f32;
    let spread: Vec<f32> = spread.map(|value| short(value).max(1e-3)).collect();
    let layout = Layout::new(hidden, features);
    let mut values = vec![0.0; layout.at[9]];
    let mut fill = |part: usize, inputs: usize| {
        let reach = 1.0 / (inputs as f32).sqrt();
        for value in layout.part_mut(&mut values, part) {
            *value = (2.0 * random.share() - 1.0) * reach;
        }
    };
    fill(PROJECT, hidden);
    fill(COMPARE, COMPARED);
    fill(JOIN, layout.joined);
    fill(OUTPUT, WIDTH);
    layout.part_mut(&mut values, SHARPNESS)[0] = 3.0;
    Net {
        hidden,
        mean: mean.into_iter().map(short).collect(),
        spread,
        values,
    }
}

/// Inverted dropout from a small generator; a rate of 0 leaves everything.
struct Masks {
    random: Random,
    below: u8,
    keep: f32,
}

impl Masks {
    fn new(rate: f32, seed: u64) -> Self {
        let below = (rate * 256.0) as u8;
        Self {
            random: Random(seed | 1),
            below,
            keep: 256.0 / (256.0 - f32::from(below)),
        }
    }

    fn draw(&mut self, count: usize) -> Vec<f32> {
        if self.below == 0 {
            return vec![1.0; count];
        }
        let mut mask = Vec::with_capacity(count + 8);
        while mask.len() < count {
            for byte in self.random.draw().to_le_bytes() {
                mask.push(if byte < self.below { 0.0 } else { self.keep });
            }
        }
        mask.truncate(count);
        mask
    }
}

fn times(values: &mut [f32], mask: &[f32]) {
    values.iter_mut().zip(mask).for_each(|(value, mask)| *value *= mask);
}

fn add_rows(rows: &[f32], sum: &mut [f32]) {
    for row in rows.chunks_exact(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}

/// One lesson inside a batch: where its tokens lie and what the backward pass needs again.
struct Place {
    first: usize,
    a: usize,
    r: usize,
    scores: Vec<f32>,
    /// Softmax over the reference for each answer token, and the other way round.
    shares: [Vec<f32>; 2],
    most: [[u32; WIDTH]; 2],
}

/// Mean loss over a batch, and its gradient.
fn step_of(net: &Net, layout: &Layout, batch: &[&Lesson<'_>], masks: &mut Masks) -> (f32, Vec<f32>) {
    // Forwards: the tokens of all lessons one after the other, answer before reference.
    let mut states = Vec::new();
    for lesson in batch {
        states.extend_from_slice(lesson.answer.states);
        states.extend_from_slice(lesson.reference.states);
    }
    let count = states.len() / layout.hidden;
    let mask = masks.draw(states.len());
    times(&mut states, &mask);
    let (tokens, lengths) = net.project(layout, &states, count);
    let sharpness = layout.part(&net.values, SHARPNESS)[0];
    let mut seen = vec![0.0; count * COMPARED];
    let mut found = vec![0.0; count * WIDTH];
    let mut places = Vec::with_capacity(batch.len());
    let mut first = 0;
    for lesson in batch {
        let (a, r) = (lesson.answer.signals.len(), lesson.reference.signals.len());
        let (middle, end) = (first + a, first + a + r);
        let (x, y) = (
            &tokens[first * WIDTH..middle * WIDTH],
            &tokens[middle * WIDTH..end * WIDTH],
        );
        let scores = scores(x, y, a, r, sharpness);
        let both = [shares(&scores, a, r, false), shares(&scores, a, r, true)];
        add_product(
            View::plain(&both[0], r),
            y,
            &mut found[first * WIDTH..middle * WIDTH],
            a,
            WIDTH,
            r,
        );
        add_product(
            View::plain(&both[1], a),
            x,
            &mut found[middle * WIDTH..end * WIDTH],
            r,
            WIDTH,
            a,
        );
        for (own, from, to, signals) in [
            (x, first, middle, lesson.answer.signals),
            (y, middle, end, lesson.reference.signals),
        ] {
            let into = &mut seen[from * COMPARED..to * COMPARED];
            compared(own, &found[from * WIDTH..to * WIDTH], signals, into);
        }
        places.push(Place {
            first,
            a,
            r,
            scores,
            shares: both,
            most: [[0; WIDTH]; 2],
        });
        first = end;
    }
    let seen_mask = masks.draw(seen.len());
    times(&mut seen, &seen_mask);
    let hidden = net.compare(layout, &seen, count);
    let mut joined = vec![0.0; batch.len() * layout.joined];
    for ((lesson, place), row) in batch
        .iter()
        .zip(&mut places)
        .zip(joined.chunks_exact_mut(layout.joined))
    {
        for (side, (from, count)) in [(place.first, place.a), (place.first + place.a, place.r)]
            .into_iter()
            .enumerate()
        {
            let (mean, rest) = row[2 * side * WIDTH..].split_at_mut(WIDTH);
            place.most[side] = gather(&hidden[from * WIDTH..], count, mean, &mut rest[..WIDTH]);
        }
        net.standard(lesson.features, &mut row[4 * WIDTH..]);
    }
    let joined_mask = masks.draw(joined.len());
    times(&mut joined, &joined_mask);
    let mut inner = layout.part(&net.values, JOIN + 1).repeat(batch.len());
    let join = layout.part(&net.values, JOIN);
    add_product(
        View::plain(&joined, layout.joined),
        join,
        &mut inner,
        batch.len(),
        WIDTH,
        layout.joined,
    );
    let inner_mask: Vec<f32> = inner
        .iter()
        .zip(masks.draw(inner.len()))
        .map(|(value, mask)| if *value > 0.0 { mask } else { 0.0 })
        .collect();
    times(&mut inner, &inner_mask);
    let output = layout.part(&net.values, OUTPUT);
    let offset = layout.part(&net.values, OUTPUT + 1)[0];

    // Backwards.
    let mut gradient = vec![0.0; net.values.len()];
    let mut loss = 0.0;
    let mut d_inner = vec![0.0; inner.len()];
    for ((lesson, row), d_row) in batch
        .iter()
        .zip(inner.chunks_exact(WIDTH))
        .zip(d_inner.chunks_exact_mut(WIDTH))
    {
        let log_odds = dot_lanes(row, output) + offset;
        let weight = lesson.weight / batch.len() as f32;
        loss += weight * (log_odds.max(0.0) - log_odds * lesson.target + (-log_odds.abs()).exp().ln_1p());
        let d = weight * (sigmoid(log_odds) - lesson.target);
        d_row.iter_mut().zip(output).for_each(|(to, value)| *to = d * value);
        let d_output = layout.part_mut(&mut gradient, OUTPUT);
        d_output.iter_mut().zip(row).for_each(|(to, value)| *to += d * value);
        layout.part_mut(&mut gradient, OUTPUT + 1)[0] += d;
    }
    times(&mut d_inner, &inner_mask);
    add_rows(&d_inner, layout.part_mut(&mut gradient, JOIN + 1));
    let d_join = layout.part_mut(&mut gradient, JOIN);
    add_product(
        View::turned(&joined, layout.joined),
        &d_inner,
        d_join,
        layout.joined,
        WIDTH,
        batch.len(),
    );
    let mut d_joined = vec![0.0; joined.len()];
    let turned = turn(join, layout.joined, WIDTH);
    add_product(
        View::plain(&d_inner, WIDTH),
        &turned,
        &mut d_joined,
        batch.len(),
        layout.joined,
        WIDTH,
    );
    times(&mut d_joined, &joined_mask);

    let mut d_hidden = vec![0.0; hidden.len()];
    for (place, row) in places.iter().zip(d_joined.chunks_exact(layout.joined)) {
        for (side, (from, count)) in [(place.first, place.a), (place.first + place.a, place.r)]
            .into_iter()
            .enumerate()
        {
            let (d_mean, d_most) = row[2 * side * WIDTH..2 * (side + 1) * WIDTH].split_at(WIDTH);
            for token in from..from + count {
                let d_token = &mut d_hidden[token * WIDTH..(token + 1) * WIDTH];
                d_token
                    .iter_mut()
                    .zip(d_mean)
                    .for_each(|(to, value)| *to = value / count as f32);
            }
            for (at, which) in place.most[side].iter().enumerate() {
                d_hidden[(from + *which as usize) * WIDTH + at] += d_most[at];
            }
        }
    }
    for (d, value) in d_hidden.iter_mut().zip(&hidden) {
        if *value <= 0.0 {
            *d = 0.0;
        }
    }
    add_rows(&d_hidden, layout.part_mut(&mut gradient, COMPARE + 1));
    let d_compare = layout.part_mut(&mut gradient, COMPARE);
    add_product(
        View::turned(&seen, COMPARED),
        &d_hidden,
        d_compare,
        COMPARED,
        WIDTH,
        count,
    );
    let mut d_seen = vec![0.0; seen.len()];
    let turned = turn(layout.part(&net.values, COMPARE), COMPARED, WIDTH);
    add_product(
        View::plain(&d_hidden, WIDTH),
        &turned,
        &mut d_seen,
        count,
        COMPARED,
        WIDTH,
    );
    times(&mut d_seen, &seen_mask);

    let (mut d_tokens, mut d_found) = (vec![0.0; tokens.len()], vec![0.0; tokens.len()]);
    for token in 0..count {
        let d = &d_seen[token * COMPARED..];
        for at in 0..WIDTH {
            let place = token * WIDTH + at;
            let (x, y) = (tokens[place], found[place]);
            let sign = if x > y { 1.0 } else { -1.0 };
            d_tokens[place] = d[at] + sign * d[2 * WIDTH + at] + d[3 * WIDTH + at] * y;
            d_found[place] = d[WIDTH + at] - sign * d[2 * WIDTH + at] + d[3 * WIDTH + at] * x;
        }
    }
    let mut d_sharpness = 0.0;
    for place in &places {
        let (a, r) = (place.a, place.r);
        let split = (place.first + a) * WIDTH;
        let all = place.first * WIDTH..split + r * WIDTH;
        let (x, y) = (&tokens[all.start..split], &tokens[split..all.end]);
        let mut d_scores = vec![0.0; a * r];
        for side in 0..2 {
            let (own, others) = if side == 0 { (a, r) } else { (r, a) };
            let (d_own, other) = if side == 0 {
                (&d_found[all.start..split], y)
            } else {
                (&d_found[split..all.end], x)
            };
            let to = if side == 0 { split..all.end } else { all.start..split };
            add_product(
                View::turned(&place.shares[side], others),
                d_own,
                &mut d_tokens[to],
                others,
                WIDTH,
                own,
            );
            for at in 0..own {
                let d_row = &d_own[at * WIDTH..(at + 1) * WIDTH];
                let shares = &place.shares[side][at * others..(at + 1) * others];
                let d_shares: Vec<f32> = other.chunks_exact(WIDTH).map(|other| dot_lanes(d_row, other)).collect();
                let mean: f32 = shares.iter().zip(&d_shares).map(|(share, d)| share * d).sum();
                for (to, (share, d)) in shares.iter().zip(&d_shares).enumerate() {
                    let place = if side == 0 { at * r + to } else { to * r + at };
                    d_scores[place] += share * (d - mean);
                }
            }
        }
        d_sharpness += d_scores
            .iter()
            .zip(&place.scores)
            .map(|(d, score)| d * score)
            .sum::<f32>()
            / sharpness;
        d_scores.iter_mut().for_each(|d| *d *= sharpness);
        add_product(
            View::plain(&d_scores, r),
            y,
            &mut d_tokens[all.start..split],
            a,
            WIDTH,
            r,
        );
        add_product(
            View::turned(&d_scores, r),
            x,
            &mut d_tokens[split..all.end],
            r,
            WIDTH,
            a,
        );
    }
    layout.part_mut(&mut gradient, SHARPNESS)[0] = d_sharpness;
    // Through the scaling to one length.
    for ((d, x), length) in d_tokens
        .chunks_exact_mut(WIDTH)
        .zip(tokens.chunks_exact(WIDTH))
        .zip(&lengths)
    {
        let along = dot_lanes(d, x) / (LENGTH * LENGTH);
        d.iter_mut().zip(x).for_each(|(d, x)| *d = (*d - along * x) / length);
    }
    add_rows(&d_tokens, layout.part_mut(&mut gradient, PROJECT + 1));
    let d_project = layout.part_mut(&mut gradient, PROJECT);
    add_product(
        View::turned(&states, layout.hidden),
        &d_tokens,
        d_project,
        layout.hidden,
        WIDTH,
        count,
    );
    (loss, gradient)
}

struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    step: i32,
}

impl Adam {
    fn new(count: usize) -> Self {
        Self {
            mean: vec![0.0; count],
            square: vec![0.0; count],
            step: 0,
        }
    }

    fn step(&mut self, values: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        self.step += 1;
        let (a, b) = (1.0 - 0.9f32.powi(self.step), 1.0 - 0.999f32.powi(self.step));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((value, gradient), (mean, square)) in values.iter_mut().zip(gradient).zip(moments) {
            *mean = 0.9 * *mean + 0.1 * gradient;
            *square = 0.999 * *square + 0.001 * gradient * gradient;
            *value -= rate * (*mean / a / ((*square / b).sqrt() + 1e-8) + decay * *value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::net::SIGNALS;

    struct Text {
        states: Vec<f32>,
        signals: Vec<[f32; SIGNALS]>,
    }

    const HIDDEN: usize = 24;

    fn text(random: &mut Random, count: usize) -> Text {
        Text {
            states: (0..count * HIDDEN).map(|_| random.share() - 0.5).collect(),
            signals: (0..count)
                .map(|_| std::array::from_fn(|_| random.share() - 0.5))
                .collect(),
        }
    }

    fn tokens(text: &Text) -> Tokens<'_> {
        Tokens {
            states: &text.states,
            signals: &text.signals,
        }
    }

    #[test]
    fn gradients_are_those_of_the_loss() {
        let mut random = Random(5);
        let texts: Vec<(Text, Text)> = [(4, 6), (1, 3), (9, 2)]
            .iter()
            .map(|&(a, r)| (text(&mut random, a), text(&mut random, r)))
            .collect();
        let features = [0.3, -0.7, 1.1];
        let lessons: Vec<Lesson<'_>> = texts
            .iter()
            .zip([1.0, 0.0, 0.4])
            .map(|((a, r), target)| Lesson {
                answer: tokens(a),
                reference: tokens(r),
                features: &features,
                target,
                weight: 1.0 + target,
            })
            .collect();
        let batch: Vec<&Lesson<'_>> = lessons.iter().collect();
        let mut net = start(HIDDEN, &batch, &mut random);
        let layout = net.layout();
        let at_rest = |net: &Net| step_of(net, &layout, &batch, &mut Masks::new(0.0, 1));
        let (_, gradient) = at_rest(&net);
        for part in 0..9 {
            let range = layout.at[part]..layout.at[part + 1];
            for _ in 0..12 {
                let at = range.start + random.below(range.len());
                let (before, step) = (net.values[at], 5e-4);
                net.values[at] = before + step;
                let up = at_rest(&net).0;
                net.values[at] = before - step;
                let down = at_rest(&net).0;
                net.values[at] = before;
                let slope = (up - down) / (2.0 * step);
                let close = (slope - gradient[at]).abs() < 2e-3 + 0.03 * slope.abs();
                assert!(close, "part {part}, {at}: {slope} and {}", gradient[at]);
            }
        }
        // The forward pass of training is the one that grades.
        let alone = net
            .log_odds(lessons[0].answer, lessons[0].reference, &features)
            .expect("tokens");
        let (loss, _) = step_of(&net, &layout, &batch[..1], &mut Masks::new(0.0, 1));
        assert!((loss - 2.0 * (-alone).exp().ln_1p()).abs() < 1e-4);
    }

    #[test]
    fn learns_the_same_every_time_and_survives_its_file() {
        let mut random = Random(9);
        let texts: Vec<(Text, Text)> = (0..60).map(|_| (text(&mut random, 5), text(&mut random, 5))).collect();
        let lessons: Vec<Lesson<'_>> = texts
            .iter()
            .enumerate()
            .map(|(at, (a, r))| Lesson {
                answer: tokens(a),
                reference: tokens(if at % 2 == 0 { a } else { r }),
                features: &[0.0],
                target: if at % 2 == 0 { 1.0 } else { 0.0 },
                weight: 1.0,
            })
            .collect();
        let how = FitNet {
            epochs: 30,
            batch: 8,
            ..FitNet::default()
        };
        let net = fit_net(&lessons, &how).expect("lessons");
        assert_eq!(Some(&net), fit_net(&lessons, &how).as_ref());
        let right = lessons
            .iter()
            .filter(|lesson| {
                let odds = net.log_odds(lesson.answer, lesson.reference, lesson.features);
                odds.is_some_and(|odds| (odds > 0.0) == (lesson.target > 0.5))
            })
            .count();
        assert!(right >= 54, "{right} of 60");
        let file = serde_json::to_string(&net).expect("json");
        assert_eq!(net, serde_json::from_str::<Net>(&file).expect("the same"));
        assert!(serde_json::from_str::<Net>(&file.replacen("\"width\":64", "\"width\":32", 1)).is_err());
    }
}

//! Questions of which a teacher has graded a few answers: nested folds, several seeds, baselines on the
//! same answers.
//!
//! For each of five folds the general head, the meta head, calibration and thresholds come from the other
//! questions alone; the test questions are then graded exactly as in the product, warning signs included.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::teaching::{Taught, TaughtLine, Way, summarise, teach};
use super::unseen::{Line, Point, Worst, add, coverage, lines, reliability, worst};
use super::{Between, ByQuestion, Judged, Table, by_question};
use crate::GradingError;
use crate::adapt::{Near, Residual};
use crate::decide::Decider;
use crate::features::index;
use crate::lesson::Lesson;
use crate::model::Head;
use crate::model::trees::Random;
use crate::study::Study;
use crate::train::TrainOptions;
use crate::train::fit::{Bank, Data, on_step};
use crate::train::folds::{FOLDS, folds};
use crate::train::kshot::{Seen, fit_meta};
use crate::{Decision, Grade, ReviewReason};

/// Answers asked of a question, at most.
const ASKED: usize = 60;
/// Fewer say nothing about a question.
pub(crate) const FEWEST: usize = 5;
/// Questions of a data set and fold that are taught to the end.
const MOST_TAUGHT: usize = 8;

#[derive(Clone, Debug, Serialize)]
pub struct KshotReport {
    pub seeds: u64,
    pub parts: Vec<Part>,
    pub teaching: Vec<TaughtLine>,
}

/// With so many graded answers of each question.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub graded: usize,
    pub lines: Vec<Line>,
    /// Of all data sets together.
    pub by_question: ByQuestion,
    /// Confidence in ten bins of equal size: said and realised.
    pub reliability: Vec<Point>,
    /// How much is accepted when more or less agreement is asked for: (asked, share, realised).
    pub asked: Vec<Point>,
    pub coverage: Vec<Point>,
    pub worst: Vec<Worst>,
}

/// Measures the whole procedure, training included.
pub fn kshot(
    options: &TrainOptions,
    graded: &[usize],
    seeds: u64,
    progress: &mut dyn FnMut(&str),
) -> Result<KshotReport, GradingError> {
    let data = Data::load(options, progress)?;
    let mut all = Measured::new(None);
    for seed in 0..seeds.max(1) {
        let seed = options.seed.wrapping_add(seed);
        let heads = heads(&data, options, seed, progress)?;
        let parts: Vec<(&Head, &[Seen])> = heads.iter().map(|(head, seen)| (head, seen.as_slice())).collect();
        all.add(&parts, graded, seed);
        progress(&format!("graded answers, seed {seed}: measured"));
    }
    Ok(all.report(seeds.max(1)))
}

/// What heads make of questions they have not seen, over several seeds.
pub(crate) struct Measured {
    found: BTreeMap<usize, Found>,
    /// Answers asked of a question, at most.
    most: usize,
    taught: Vec<BTreeMap<Way, Vec<Taught>>>,
}

impl Measured {
    pub fn new(most: Option<usize>) -> Self {
        Self {
            found: BTreeMap::new(),
            most: most.unwrap_or(ASKED),
            taught: Vec::new(),
        }
    }

    pub fn add(&mut self, parts: &[(&Head, &[Seen])], graded: &[usize], seed: u64) {
        for k in graded {
            let found = self.found.entry(*k).or_default();
            for (head, classes) in parts {
                classes
                    .iter()
                    .for_each(|class| found.play(head, class, *k, (seed, self.most)));
            }
            found.end_of_seed();
        }
        let mut ways: BTreeMap<Way, Vec<Taught>> = BTreeMap::new();
        for (head, classes) in parts {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for class in *classes {
                let count = counts.entry(&class.dataset).or_default();
                *count += 1;
                if *count > MOST_TAUGHT {
                    continue;
                }
                for way in Way::ALL {
                    ways.entry(way).or_default().extend(teach(head, class, way, seed));
                }
            }
        }
        self.taught.push(ways);
    }

    pub fn report(self, seeds: u64) -> KshotReport {
        KshotReport {
            seeds,
            parts: self
                .found
                .into_iter()
                .map(|(graded, found)| found.part(graded))
                .collect(),
            teaching: summarise(&self.taught),
        }
    }
}

/// For each fold the head fitted without it, and the questions of the fold as it sees them.
pub(crate) fn heads(
    data: &Data,
    options: &TrainOptions,
    seed: u64,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<(Head, Vec<Seen>)>, GradingError> {
    let division = options.division(seed);
    let fold_of = folds(&data.samples, division);
    let tests: Vec<Option<usize>> = (0..FOLDS).map(Some).collect();
    let what = format!("the adapters, division {division}");
    let how = options.how(division, &what);
    let bank = Bank::fit(data, &fold_of, &tests, seed, &how, progress)?;
    let one = |test: usize| -> (Head, Vec<Seen>) {
        let mut fitted = bank.head(Some(test), &options.version);
        let (asked, seen) = bank.see(&fitted, Some(test));
        fitted.head.meta = fit_meta(&seen, seed.wrapping_mul(1000) + test as u64);
        (fitted.head, asked)
    };
    let mut found = Vec::new();
    let tests: Vec<usize> = (0..FOLDS).collect();
    for part in tests.chunks(how.threads.max(1)) {
        let done: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = part.iter().map(|test| scope.spawn(move || one(*test))).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        for head in done {
            found.push(head.map_err(|_| GradingError::Crashed("a fold could not be fitted".into()))?);
        }
        progress(&crate::train::bar(
            &format!("meta heads, seed {seed}"),
            found.len(),
            FOLDS,
        ));
    }
    Ok(found)
}

/// Collected over the seeds, for one number of graded answers.
#[derive(Default)]
struct Found {
    tables: BTreeMap<(String, String), Vec<Table>>,
    /// By method, this seed.
    rows: BTreeMap<&'static str, Vec<Judged>>,
    pooled: Vec<Judged>,
    /// By the agreement asked for, in thousandths.
    asked: BTreeMap<u32, Tally>,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    answers: usize,
    accepted: usize,
    agreed: usize,
}

const OURS: &str = "Auto-Grader";

impl Found {
    fn play(&mut self, head: &Head, class: &Seen, k: usize, (seed, most): (u64, usize)) {
        if class.answers.len() < k + FEWEST {
            return;
        }
        let mut order: Vec<usize> = (0..class.answers.len()).collect();
        Random(seed.wrapping_mul(7919) + 17 + k as u64).shuffle(&mut order);
        let graded: Vec<(Arc<Study>, f32)> = order[..k].iter().map(|at| class.answers[*at].clone()).collect();
        let asked: Vec<&(Arc<Study>, f32)> = order[k..].iter().take(most).map(|at| &class.answers[*at]).collect();
        let lesson = Lesson::fit(graded.clone());
        let decider = Decider {
            head,
            version: "",
            accept_from: head.threshold_after(super::TARGET, k),
            lesson: &lesson,
            context: [0; 32],
            max_points_hundredths: 10_000,
            step_hundredths: (class.step * 10_000.0).round() as i32,
        };
        let targets = &head.thresholds;
        for (study, score) in &asked {
            let grade = decider.grade(study);
            let judged = judged(class, &grade, *score);
            for (target, _) in targets {
                let sure = grade.confidence >= head.threshold_after(*target, k);
                let certain = matches!(grade.reason, None | Some(ReviewReason::Unsure));
                let tally = self.asked.entry((target * 1000.0).round() as u32).or_default();
                tally.answers += 1;
                tally.accepted += usize::from(sure && certain);
                tally.agreed += usize::from(sure && certain && judged.agrees());
            }
            self.rows.entry(OURS).or_default().push(judged);
        }
        for (method, expected) in baselines(&graded, &asked) {
            let rows = self.rows.entry(method).or_default();
            rows.extend(asked.iter().zip(expected).map(|((_, score), expected)| Judged {
                dataset: class.dataset.clone(),
                question: class.question.clone(),
                expected,
                rounded: on_step(expected, class.step),
                confidence: 0.5,
                accepted: false,
                truth: *score,
            }));
        }
    }

    fn end_of_seed(&mut self) {
        for (method, rows) in std::mem::take(&mut self.rows) {
            add(&mut self.tables, method, &rows);
            if method == OURS {
                self.pooled.extend(rows);
            }
        }
    }

    fn part(self, graded: usize) -> Part {
        let asked = self.asked.into_iter().map(|(target, tally)| Point {
            confidence: f64::from(target) / 1000.0,
            share: tally.accepted as f64 / tally.answers.max(1) as f64,
            agreement: tally.agreed as f64 / tally.accepted.max(1) as f64,
        });
        Part {
            graded,
            asked: asked.collect(),
            lines: lines(self.tables),
            by_question: by_question(&self.pooled),
            reliability: reliability(&self.pooled),
            coverage: coverage(&self.pooled),
            worst: worst(&self.pooled),
        }
    }
}

fn judged(class: &Seen, grade: &Grade, truth: f32) -> Judged {
    Judged {
        dataset: class.dataset.clone(),
        question: class.question.clone(),
        expected: grade.score,
        rounded: grade.score_hundredths as f32 / 10_000.0,
        confidence: grade.confidence,
        accepted: grade.decision == Decision::Accept,
        truth,
    }
}

/// Simple ways to use the graded answers: their mean, the nearest ones, a Gaussian process. Without graded
/// answers: likeness to the closest reference, as it is.
fn baselines(graded: &[(Arc<Study>, f32)], asked: &[&(Arc<Study>, f32)]) -> Vec<(&'static str, Vec<f32>)> {
    if graded.is_empty() {
        let raw = |name: &str| -> Vec<f32> {
            let values = asked.iter().map(|(study, _)| study.prior.as_ref()?.values.as_ref());
            values
                .map(|values| values.map_or(0.0, |values| values[index(name)].clamp(0.0, 1.0)))
                .collect()
        };
        return vec![
            ("trigram cosine", raw("trigram_cosine")),
            ("MiniLM cosine", raw("best_cosine")),
        ];
    }
    let scores: Vec<f32> = graded.iter().map(|(_, score)| *score).collect();
    let mean = scores.iter().sum::<f32>() / scores.len() as f32;
    let texts: Vec<&Study> = graded.iter().map(|(study, _)| study.as_ref()).collect();
    let near: Vec<Vec<Near>> = asked
        .iter()
        .map(|(study, _)| texts.iter().map(|text| Near::of(text, study)).collect())
        .collect();
    let by = |likeness: &dyn Fn(&Near) -> f32| -> Vec<f32> {
        near.iter().map(|near| nearest_three(near, &scores, likeness)).collect()
    };
    let off: Vec<f32> = scores.iter().map(|score| score - mean).collect();
    let process = Residual::fit(&Near::matrix(&texts), &off);
    let gp = near.iter().map(|near| match &process {
        Some(process) => (mean + process.predict(near).0).clamp(0.0, 1.0),
        None => mean,
    });
    vec![
        ("mean of the graded", vec![mean; asked.len()]),
        ("nearest by trigrams", by(&|near| near.trigrams)),
        ("nearest by MiniLM", by(&|near| near.cosine)),
        ("Gaussian process", gp.collect()),
    ]
}

/// Mean score of the three nearest, nearer ones counting more.
fn nearest_three(near: &[Near], scores: &[f32], likeness: &dyn Fn(&Near) -> f32) -> f32 {
    let mut order: Vec<usize> = (0..near.len()).collect();
    order.sort_by(|a, b| likeness(&near[*b]).total_cmp(&likeness(&near[*a])).then(a.cmp(b)));
    let (sum, weight) = order.iter().take(3).fold((0.0, 0.0), |(sum, all), at| {
        let weight = likeness(&near[*at]).max(0.01).powi(2);
        (sum + weight * scores[*at], all + weight)
    });
    sum / weight
}

impl KshotReport {
    /// As plain text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out += &format!(
                "\n{} graded answers of the question, nested, {} seed(s)\n",
                part.graded, self.seeds
            );
            out += &super::unseen::render_lines(&part.lines);
            let Between(low, high) = part.by_question.coverage;
            let Between(worse, better) = part.by_question.accepted_agreement;
            out += &format!("\nwith other questions (95 %): auto {low:.3}–{high:.3}, auto ok {worse:.3}–{better:.3}");
            out += "\nasked → accepted, agreeing: ";
            for point in &part.asked {
                out += &format!("{:.2} → {:.3}, {:.3}; ", point.confidence, point.share, point.agreement);
            }
            out += "\nsaid → was: ";
            for point in &part.reliability {
                out += &format!("{:.2} → {:.2}; ", point.confidence, point.agreement);
            }
            out += "\nworst: ";
            for worst in part.worst.iter().take(5) {
                out += &format!(
                    "{} {:.2} of {:.0} % accepted; ",
                    worst.question,
                    worst.accepted_agreement,
                    100.0 * worst.accepted
                );
            }
            out += "\n";
        }
        out + &super::teaching::render(&self.teaching)
    }
}

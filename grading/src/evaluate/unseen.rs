//! Questions the head has never seen: nested folds, several seeds, baselines in the same folds.
//!
//! For each of five folds adapter, trees, calibration and accept threshold come from the other
//! questions alone. Each seed fits trees and thresholds anew; folds and adapters are drawn anew as often as
//! `divisions` says, and only then is the spread between seeds that of the whole procedure. `domains` leaves out a whole data set instead.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Judged, TARGET, Table, table};
use crate::GradingError;
use crate::calibrate::threshold;
use crate::model::trees::{Fit, Trees};
use crate::train::TrainOptions;
use crate::train::fit::{Bank, Data, native_step, on_step};
use crate::train::folds::{FOLDS, folds, weights};
use crate::train::samples::{Sample, Samples};

/// Mean and standard deviation over seeds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    pub mean: f64,
    pub sd: f64,
}

/// One data set graded in one way.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub method: String,
    pub name: String,
    pub answers: usize,
    pub questions: usize,
    /// By the names of `Table`.
    pub metrics: BTreeMap<&'static str, Spread>,
}

/// A point of a curve, over all seeds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    pub confidence: f64,
    /// Share of the answers: in this bin, or at or above this confidence.
    pub share: f64,
    pub agreement: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Worst {
    pub question: String,
    pub answers: f64,
    pub agreement: f64,
    pub accepted: f64,
    pub accepted_agreement: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct UnseenReport {
    pub seeds: u64,
    pub lines: Vec<Line>,
    /// Whole data sets left out, one seed.
    pub domains: Vec<Line>,
    /// Confidence in ten bins of equal size: said and realised.
    pub reliability: Vec<Point>,
    /// How much is accepted when more or less agreement is asked for: (asked, share, realised).
    pub asked: Vec<Point>,
    /// Share graded from the surest down, and how many of those agree.
    pub coverage: Vec<Point>,
    pub worst: Vec<Worst>,
}

/// Measures the training procedure on questions it has not seen.
pub fn unseen(
    options: &TrainOptions,
    seeds: u64,
    with_domains: bool,
    progress: &mut dyn FnMut(&str),
) -> Result<UnseenReport, GradingError> {
    let data = Data::load(options, progress)?;
    let mut report = measure(&data, options, seeds, progress)?;
    if with_domains {
        report.domains = domains(&data, options, progress)?;
    }
    Ok(report)
}

pub(crate) fn measure(
    data: &Data,
    options: &TrainOptions,
    seeds: u64,
    progress: &mut dyn FnMut(&str),
) -> Result<UnseenReport, GradingError> {
    let mut tables: BTreeMap<(String, String), Vec<Table>> = BTreeMap::new();
    let mut pooled: Vec<Judged> = Vec::new();
    let mut asked: BTreeMap<u32, Vec<Judged>> = BTreeMap::new();
    for seed in 0..seeds.max(1) {
        let seed = options.seed.wrapping_add(seed);
        let division = options.division(seed);
        let fold_of = folds(&data.samples, division);
        let tests: Vec<Option<usize>> = (0..FOLDS).map(Some).collect();
        let what = format!("the adapters, division {division}");
        let how = options.how(division, &what);
        let bank = Bank::fit(data, &fold_of, &tests, seed, &how, progress)?;
        let mut ours = Vec::new();
        for test in 0..FOLDS {
            let head = bank.head(Some(test), &options.version).head;
            let judged = bank.judge(&head, test, TARGET);
            for (target, _) in &head.thresholds {
                let from = head.threshold(*target);
                let rows = judged.iter().cloned().map(|row| Judged {
                    accepted: row.confidence >= from,
                    ..row
                });
                asked.entry((target * 1000.0).round() as u32).or_default().extend(rows);
            }
            ours.extend(judged);
        }
        add(&mut tables, "Auto-Grader", &ours);
        for (at, name) in ["MiniLM cosine", "TF-IDF cosine"].into_iter().enumerate() {
            let rows = baseline(&data.samples, &fold_of, at);
            add(&mut tables, name, &rows);
        }
        pooled.extend(ours);
    }
    Ok(UnseenReport {
        seeds: seeds.max(1),
        lines: lines(tables),
        domains: Vec::new(),
        reliability: reliability(&pooled),
        asked: asked
            .into_iter()
            .map(|(target, rows)| {
                let table = table("", &rows);
                Point {
                    confidence: f64::from(target) / 1000.0,
                    share: table.coverage,
                    agreement: table.accepted_agreement,
                }
            })
            .collect(),
        coverage: coverage(&pooled),
        worst: worst(&pooled),
    })
}

/// Each data set by a head that was fitted on the others.
fn domains(data: &Data, options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Vec<Line>, GradingError> {
    let names: BTreeSet<&str> = data.samples.all.iter().map(|sample| sample.dataset.as_str()).collect();
    let mut tables = BTreeMap::new();
    for name in names {
        let mut fold_of = folds(&data.samples, options.seed);
        for (fold, sample) in fold_of.iter_mut().zip(&data.samples.all) {
            if sample.dataset == name {
                *fold = FOLDS;
            }
        }
        let what = format!("the adapters without {name}");
        let how = options.how(options.seed, &what);
        let bank = Bank::fit(data, &fold_of, &[Some(FOLDS)], options.seed, &how, progress)?;
        let head = bank.head(Some(FOLDS), &options.version).head;
        let rows = bank.judge(&head, FOLDS, TARGET);
        tables.insert(("Auto-Grader".into(), name.to_owned()), vec![table(name, &rows)]);
    }
    Ok(lines(tables))
}

/// A single similarity turned into a score by trees of one feature, fitted on the other folds.
fn baseline(samples: &Samples, fold_of: &[usize], which: usize) -> Vec<Judged> {
    let mut judged = Vec::new();
    let how = Fit {
        trees: 60,
        depth: 2,
        columns: 1.0,
        ..Fit::default()
    };
    for test in 0..FOLDS {
        let of = |inside: bool| -> Vec<&Sample> {
            let all = samples.all.iter().zip(fold_of);
            let wanted = all.filter(|(sample, fold)| !sample.made_up && (**fold == test) == inside);
            wanted.map(|(sample, _)| sample).collect()
        };
        let train = of(false);
        let rows: Vec<Vec<f32>> = train.iter().map(|sample| vec![sample.baselines[which]]).collect();
        let targets: Vec<f32> = train.iter().map(|sample| sample.score).collect();
        let trees = Trees::fit(&rows, &targets, &weights(&train), &[1], &how);
        let judge = |sample: &Sample| {
            let expected = trees.predict(&[sample.baselines[which]]);
            Judged {
                dataset: sample.dataset.clone(),
                question: sample.question.clone(),
                expected,
                rounded: on_step(expected, native_step(&sample.dataset)),
                confidence: expected.max(1.0 - expected),
                accepted: false,
                truth: sample.score,
            }
        };
        let fitted: Vec<Judged> = train.iter().map(|sample| judge(sample)).collect();
        let (sure, agreed): (Vec<f32>, Vec<bool>) = fitted.iter().map(|row| (row.confidence, row.agrees())).unzip();
        let from = threshold(&sure, &agreed, TARGET);
        judged.extend(of(true).into_iter().map(judge).map(|row| Judged {
            accepted: row.confidence >= from,
            ..row
        }));
    }
    judged
}

pub(super) fn add(tables: &mut BTreeMap<(String, String), Vec<Table>>, method: &str, rows: &[Judged]) {
    let names: BTreeSet<&str> = rows.iter().map(|row| row.dataset.as_str()).collect();
    let mut put = |name: &str, table: Table| {
        tables
            .entry((method.to_owned(), name.to_owned()))
            .or_default()
            .push(table);
    };
    for name in names {
        let own: Vec<Judged> = rows.iter().filter(|row| row.dataset == name).cloned().collect();
        put(name, table(name, &own));
    }
    put("all", table("all", rows));
}

pub(super) fn lines(tables: BTreeMap<(String, String), Vec<Table>>) -> Vec<Line> {
    tables
        .into_iter()
        .map(|((method, name), tables)| Line {
            method,
            name,
            answers: tables[0].answers,
            questions: tables[0].questions,
            metrics: METRICS
                .iter()
                .map(|(name, of)| (*name, spread(&tables.iter().map(of).collect::<Vec<f64>>())))
                .collect(),
        })
        .collect()
}

type Metric = (&'static str, fn(&Table) -> f64);

const METRICS: [Metric; 12] = [
    ("rmse", |t| t.rmse),
    ("pearson", |t| t.pearson),
    ("qwk", |t| t.qwk),
    ("macro_f1", |t| t.macro_f1),
    ("agreement", |t| t.agreement),
    ("ece", |t| t.ece),
    ("coverage", |t| t.coverage),
    ("accepted_agreement", |t| t.accepted_agreement),
    ("questions_kept", |t| t.questions_kept),
    ("worst_question", |t| t.worst_question),
    ("risk_area", |t| t.risk_area),
    ("mean_question_pearson", |t| t.question_pearson),
];

pub(super) fn spread(values: &[f64]) -> Spread {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Spread {
        mean,
        sd: (square / (count - 1.0).max(1.0)).sqrt(),
    }
}

fn agreeing(rows: &[&Judged]) -> f64 {
    rows.iter().filter(|row| row.agrees()).count() as f64 / rows.len().max(1) as f64
}

fn by_confidence(rows: &[Judged]) -> Vec<&Judged> {
    let mut sorted: Vec<&Judged> = rows.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    sorted
}

pub(super) fn reliability(rows: &[Judged]) -> Vec<Point> {
    let sorted = by_confidence(rows);
    sorted
        .chunks(sorted.len().div_ceil(10).max(1))
        .map(|bin| Point {
            confidence: bin.iter().map(|row| f64::from(row.confidence)).sum::<f64>() / bin.len() as f64,
            share: bin.len() as f64 / sorted.len() as f64,
            agreement: agreeing(bin),
        })
        .collect()
}

pub(super) fn coverage(rows: &[Judged]) -> Vec<Point> {
    let sorted = by_confidence(rows);
    (1..=20)
        .filter_map(|step| {
            let part = &sorted[..sorted.len() * step / 20];
            Some(Point {
                confidence: f64::from(part.last()?.confidence),
                share: step as f64 / 20.0,
                agreement: agreeing(part),
            })
        })
        .collect()
}

/// The ten questions whose accepted answers agree least (at least ten of them), over all seeds.
pub(super) fn worst(rows: &[Judged]) -> Vec<Worst> {
    let mut questions: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for row in rows {
        questions.entry(&row.question).or_default().push(row);
    }
    let mut all: Vec<Worst> = questions
        .into_iter()
        .filter_map(|(question, rows)| {
            let accepted: Vec<&Judged> = rows.iter().copied().filter(|row| row.accepted).collect();
            (accepted.len() >= 10).then(|| Worst {
                question: question.to_owned(),
                answers: rows.len() as f64,
                agreement: agreeing(&rows),
                accepted: accepted.len() as f64 / rows.len() as f64,
                accepted_agreement: agreeing(&accepted),
            })
        })
        .collect();
    all.sort_by(|a, b| a.accepted_agreement.total_cmp(&b.accepted_agreement));
    all.truncate(10);
    all
}

impl UnseenReport {
    /// As plain text.
    pub fn render(&self) -> String {
        let mut out = format!("questions never seen, nested, {} seed(s), mean ± sd\n", self.seeds);
        out += &render_lines(&self.lines);
        if !self.domains.is_empty() {
            out += "\nwhole data sets left out\n";
            out += &render_lines(&self.domains);
        }
        out += "\nasked → accepted, agreeing: ";
        for point in &self.asked {
            out += &format!("{:.2} → {:.3}, {:.3}; ", point.confidence, point.share, point.agreement);
        }
        out += "\nsaid → was: ";
        for point in &self.reliability {
            out += &format!("{:.2} → {:.2}; ", point.confidence, point.agreement);
        }
        out += "\nworst questions:";
        for worst in &self.worst {
            out += &format!(
                "\n  {} {:.3} of accepted agree ({:.0} % accepted)",
                worst.question,
                worst.accepted_agreement,
                100.0 * worst.accepted
            );
        }
        out + "\n"
    }
}

/// A table, a line each.
pub(super) fn render_lines(lines: &[Line]) -> String {
    let shown = [
        ("rmse", "RMSE"),
        ("pearson", "r"),
        ("qwk", "QWK"),
        ("macro_f1", "F1"),
        ("agreement", "agree"),
        ("ece", "ECE"),
        ("coverage", "auto"),
        ("accepted_agreement", "auto ok"),
        ("questions_kept", "q≥.9"),
    ];
    let mut out = format!("{:<34}", "");
    shown.iter().for_each(|(_, head)| out += &format!("{head:>12}"));
    for line in lines {
        out += &format!("\n{:<34}", format!("{} {}", line.method, line.name));
        for (metric, _) in shown {
            let Spread { mean, sd } = line.metrics[metric];
            out += &format!("{:>12}", format!("{mean:.3}±{sd:.3}"));
        }
    }
    out + "\n"
}

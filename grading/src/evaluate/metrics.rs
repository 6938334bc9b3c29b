//! How good grades are: agreement, error, honesty about doubt. All scores are shares, 0 to 1.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::trees::Random;

/// A suggestion beside the teacher's score.
#[derive(Clone, Debug)]
pub struct Judged {
    pub dataset: String,
    pub question: String,
    pub expected: f32,
    /// The suggestion on the step of the question.
    pub rounded: f32,
    pub confidence: f32,
    pub accepted: bool,
    pub truth: f32,
}

/// A suggestion agrees when it is within an eighth of the full points.
pub const TOLERANCE: f32 = 0.125;

impl Judged {
    pub fn agrees(&self) -> bool {
        (self.rounded - self.truth).abs() <= TOLERANCE
    }
}

/// One row of a report.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub name: String,
    pub answers: usize,
    pub questions: usize,
    pub rmse: f64,
    pub pearson: f64,
    /// Mean over questions, of those where it is defined.
    pub question_pearson: f64,
    /// Quadratic weighted kappa, mean over questions.
    pub qwk: f64,
    /// Of "at least half of the points" against "less".
    pub macro_f1: f64,
    pub agreement: f64,
    /// Expected calibration error of the confidence, ten bins of equal size.
    pub ece: f64,
    /// Share accepted, and how often the accepted ones agree.
    pub coverage: f64,
    pub accepted_agreement: f64,
    /// Of the questions with at least ten accepted answers: share at or above 90 %, and the worst.
    pub questions_kept: f64,
    pub worst_question: f64,
    /// Area under the risk–coverage curve: mean error over all thresholds.
    pub risk_area: f64,
}

pub fn table(name: &str, rows: &[Judged]) -> Table {
    let pairs: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| (f64::from(row.expected), f64::from(row.truth)))
        .collect();
    let mut by_question: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for row in rows {
        by_question.entry(&row.question).or_default().push(row);
    }
    let kappas: Vec<f64> = by_question.values().filter_map(|rows| qwk(rows)).collect();
    let correlations: Vec<f64> = by_question
        .values()
        .filter(|rows| rows.iter().any(|row| (row.truth - rows[0].truth).abs() > 1e-6))
        .map(|rows| {
            let pairs: Vec<(f64, f64)> = rows
                .iter()
                .map(|row| (f64::from(row.expected), f64::from(row.truth)))
                .collect();
            pearson(&pairs)
        })
        .collect();
    let accepted: Vec<&Judged> = rows.iter().filter(|row| row.accepted).collect();
    let kept: Vec<f64> = by_question
        .values()
        .filter_map(|rows| {
            let taken: Vec<&&Judged> = rows.iter().filter(|row| row.accepted).collect();
            (taken.len() >= 10).then(|| share(taken.iter().filter(|r| r.agrees()).count(), taken.len()))
        })
        .collect();
    Table {
        name: name.to_owned(),
        answers: rows.len(),
        questions: by_question.len(),
        rmse: mean(pairs.iter().map(|(a, b)| (a - b).powi(2))).sqrt(),
        pearson: pearson(&pairs),
        question_pearson: mean(correlations.into_iter()),
        qwk: mean(kappas.iter().copied()),
        macro_f1: macro_f1(rows),
        agreement: share(rows.iter().filter(|row| row.agrees()).count(), rows.len()),
        ece: ece(rows),
        coverage: share(accepted.len(), rows.len()),
        accepted_agreement: share(accepted.iter().filter(|row| row.agrees()).count(), accepted.len()),
        questions_kept: share(kept.iter().filter(|rate| **rate >= 0.9).count(), kept.len()),
        worst_question: kept.iter().copied().fold(1.0, f64::min),
        risk_area: risk_area(rows),
    }
}

/// How far a share would move with other questions of the same kind: 95 in 100 draws of as many questions, with
/// replacement, lie between the two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Between(pub f64, pub f64);

/// Shares with the spread that comes from the choice of the questions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ByQuestion {
    pub agreement: Between,
    pub coverage: Between,
    pub accepted_agreement: Between,
}

/// Draws questions again and again; the same rows give the same answer.
pub fn by_question(rows: &[Judged]) -> ByQuestion {
    let mut tallies: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for row in rows {
        let tally = tallies.entry(&row.question).or_default();
        let counts = [true, row.agrees(), row.accepted, row.accepted && row.agrees()];
        (tally.iter_mut().zip(counts)).for_each(|(sum, counts)| *sum += usize::from(counts));
    }
    let tallies: Vec<[usize; 4]> = tallies.into_values().collect();
    let mut random = Random(97);
    let mut drawn: [Vec<f64>; 3] = Default::default();
    for _ in 0..DRAWS {
        let mut sum = [0; 4];
        for _ in 0..tallies.len() {
            let tally = tallies[random.below(tallies.len())];
            (sum.iter_mut().zip(tally)).for_each(|(sum, count)| *sum += count);
        }
        let [all, agreed, accepted, accepted_agreed] = sum;
        drawn[0].push(share(agreed, all));
        drawn[1].push(share(accepted, all));
        if accepted > 0 {
            drawn[2].push(share(accepted_agreed, accepted));
        }
    }
    let [agreement, coverage, accepted_agreement] = drawn.map(|mut values| {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| {
            values
                .get((part * values.len() as f64) as usize)
                .copied()
                .unwrap_or_default()
        };
        Between(at(0.025), at(0.975))
    });
    ByQuestion {
        agreement,
        coverage,
        accepted_agreement,
    }
}

const DRAWS: usize = 1000;

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

pub fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let (a, b) = (mean(pairs.iter().map(|p| p.0)), mean(pairs.iter().map(|p| p.1)));
    let dot: f64 = pairs.iter().map(|p| (p.0 - a) * (p.1 - b)).sum();
    let (x, y): (f64, f64) = pairs
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + (p.0 - a).powi(2), y + (p.1 - b).powi(2)));
    if x * y <= 0.0 { 0.0 } else { dot / (x * y).sqrt() }
}

/// Quadratic weighted kappa on shares; `None` where all teachers' scores are the same.
fn qwk(rows: &[&Judged]) -> Option<f64> {
    let first = rows.first()?.truth;
    if rows.iter().all(|row| (row.truth - first).abs() < 1e-6) {
        return None;
    }
    let found: Vec<f64> = rows.iter().map(|row| f64::from(row.rounded)).collect();
    let truth: Vec<f64> = rows.iter().map(|row| f64::from(row.truth)).collect();
    let observed = mean(found.iter().zip(&truth).map(|(a, b)| (a - b).powi(2)));
    // Expected squared difference of independent draws from both.
    let (ma, mb) = (mean(found.iter().copied()), mean(truth.iter().copied()));
    let spread = |values: &[f64], m: f64| mean(values.iter().map(|v| (v - m).powi(2)));
    let chance = spread(&found, ma) + spread(&truth, mb) + (ma - mb).powi(2);
    (chance > 1e-9).then(|| 1.0 - observed / chance)
}

fn macro_f1(rows: &[Judged]) -> f64 {
    let f1 = |positive: bool| {
        let is = |value: f32| (value >= 0.5) == positive;
        let both = rows.iter().filter(|row| is(row.expected) && is(row.truth)).count();
        let found = rows.iter().filter(|row| is(row.expected)).count();
        let truth = rows.iter().filter(|row| is(row.truth)).count();
        if found + truth == 0 {
            1.0
        } else {
            2.0 * both as f64 / (found + truth) as f64
        }
    };
    (f1(true) + f1(false)) / 2.0
}

fn ece(rows: &[Judged]) -> f64 {
    let mut sorted: Vec<&Judged> = rows.iter().collect();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let size = sorted.len().div_ceil(10).max(1);
    let total = sorted.len().max(1) as f64;
    sorted
        .chunks(size)
        .map(|bin| {
            let said = mean(bin.iter().map(|row| f64::from(row.confidence)));
            let was = share(bin.iter().filter(|row| row.agrees()).count(), bin.len());
            (said - was).abs() * bin.len() as f64 / total
        })
        .sum()
}

fn risk_area(rows: &[Judged]) -> f64 {
    let mut sorted: Vec<&Judged> = rows.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut wrong = 0usize;
    mean(sorted.iter().enumerate().map(|(place, row)| {
        wrong += usize::from(!row.agrees());
        wrong as f64 / (place + 1) as f64
    }))
}

/// Tables as plain text, one line each.
pub fn render(tables: &[Table]) -> String {
    let mut out = format!(
        "{:<26}{:>7}{:>6}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}\n",
        "", "n", "q", "RMSE", "r", "QWK", "F1", "agree", "ECE", "auto", "ok", "q≥.9", "AURC"
    );
    for t in tables {
        out += &format!(
            "{:<26}{:>7}{:>6}{:>7.3}{:>7.3}{:>7.3}{:>7.3}{:>7.3}{:>7.3}{:>7.3}{:>7.3}{:>7.2}{:>7.3}\n",
            t.name,
            t.answers,
            t.questions,
            t.rmse,
            t.pearson,
            t.qwk,
            t.macro_f1,
            t.agreement,
            t.ece,
            t.coverage,
            t.accepted_agreement,
            t.questions_kept,
            t.risk_area
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rounded: f32, truth: f32, confidence: f32) -> Judged {
        Judged {
            dataset: "d".into(),
            question: "q".into(),
            expected: rounded,
            rounded,
            confidence,
            accepted: confidence > 0.5,
            truth,
        }
    }

    #[test]
    fn perfect_grades_score_perfectly() {
        let rows: Vec<_> = [0.0, 0.5, 1.0, 1.0, 0.0]
            .iter()
            .map(|&score| judged(score, score, 1.0))
            .collect();
        let table = table("x", &rows);
        assert!(table.rmse < 1e-9 && (table.qwk - 1.0).abs() < 1e-9 && table.ece < 1e-9);
        assert!((table.macro_f1 - 1.0).abs() < 1e-9 && table.coverage == 1.0);
    }

    #[test]
    fn the_choice_of_questions_moves_what_they_differ_in() {
        let rows: Vec<_> = (0..400)
            .map(|n| Judged {
                question: format!("q{}", n % 20),
                // Every second question is always right; all are accepted.
                ..judged(1.0, if n % 2 == 0 { 1.0 } else { 0.0 }, 0.9)
            })
            .collect();
        let spread = by_question(&rows);
        let Between(low, high) = spread.agreement;
        assert!((0.2..0.4).contains(&low) && (0.6..0.8).contains(&high), "{spread:?}");
        assert_eq!(spread.coverage, Between(1.0, 1.0));
        assert_eq!(spread.accepted_agreement, spread.agreement);
        assert_eq!(by_question(&rows), spread);
        assert_eq!(by_question(&[]).coverage, Between(0.0, 0.0));
    }

    #[test]
    fn kappa_of_the_opposite_is_minus_one() {
        let rows = [judged(0.0, 1.0, 0.2), judged(1.0, 0.0, 0.9)];
        let table = table("x", &rows);
        assert!((table.qwk + 1.0).abs() < 1e-9, "{}", table.qwk);
        assert_eq!(table.coverage, 0.5);
        assert_eq!(table.accepted_agreement, 0.0);
    }
}

//! Fits the meta head by playing through what teachers do: some answers of a question are graded, the
//! others asked. Many such episodes of many questions; confidence, calibration and thresholds come from
//! questions that the trees did not see.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fit::{TARGETS, round};
use crate::calibrate::{Calibration, Line, Vote, threshold_by_question};
use crate::evaluate::TOLERANCE;
use crate::lesson::{COUNT, DIRECTION, Facts, Lesson, NAMES};
use crate::model::meta::{Bar, EXTRA, Meta, best_level, level_row, levels, lowest};
use crate::model::trees::{Fit, Random, Trees};
use crate::study::Study;

/// Numbers of graded answers that are played through.
pub const GRADED: [usize; 6] = [3, 5, 8, 13, 22, 40];
/// Answers asked in an episode, at most; fewer than `FEWEST` are not worth one.
const ASKED: usize = 25;
const FEWEST: usize = 5;
/// Each question takes part in two episodes of a number of graded answers, or in more where its data set
/// has few questions.
const EPISODES: usize = 2;
const EPISODES_OF_FEW: usize = 6;
const FEW: usize = 20;

/// A question as the general head sees it.
pub struct Seen {
    pub dataset: String,
    pub question: String,
    pub fold: usize,
    pub step: f32,
    /// With their scores (shares).
    pub answers: Vec<(Arc<Study>, f32)>,
}

/// An answer that was asked.
struct Asked {
    /// Index of the lesson it was asked after.
    lesson: usize,
    facts: Facts,
    score: f32,
    /// The step it was asked with, and whether that is the teacher's own.
    step: f32,
    own_step: bool,
    question: usize,
    fold: usize,
    graded: usize,
}

/// The meta head fitted on these questions; `None` when no episode can be made of them.
pub fn fit_meta(questions: &[Seen], seed: u64) -> Option<Meta> {
    let (lessons, asked) = play(questions, seed);
    let mut folds: Vec<usize> = asked.iter().map(|asked| asked.fold).collect();
    folds.sort_unstable();
    folds.dedup();
    if folds.len() < 2 {
        return None;
    }
    // What trees say about questions they were not fitted on.
    let mut expected = vec![0.0; asked.len()];
    for fold in &folds {
        let trees = fit_score(asked.iter().filter(|asked| asked.fold != *fold), seed + *fold as u64);
        for (expected, asked) in expected.iter_mut().zip(&asked).filter(|(_, asked)| asked.fold == *fold) {
            *expected = trees.predict(&asked.facts.values);
        }
    }
    let rows: Vec<LevelRow> = asked
        .iter()
        .zip(&expected)
        .flat_map(|(asked, expected)| {
            let lesson = &lessons[asked.lesson];
            levels(*expected, asked.step).into_iter().map(move |level| LevelRow {
                values: level_row(lesson, &asked.facts, &asked.facts.values, *expected, level, asked.step),
                given: (level - asked.score).abs() <= TOLERANCE,
                fold: asked.fold,
            })
        })
        .collect();
    let mut raw = vec![0.0; asked.len()];
    let mut agreed = vec![false; asked.len()];
    for fold in &folds {
        let trees = fit_confidence(rows.iter().filter(|row| row.fold != *fold), seed + 70 + *fold as u64);
        for (at, asked) in asked.iter().enumerate().filter(|(_, asked)| asked.fold == *fold) {
            let lesson = &lessons[asked.lesson];
            let (level, likely) = best_level(
                &trees,
                lesson,
                &asked.facts,
                &asked.facts.values,
                expected[at],
                asked.step,
            );
            raw[at] = likely;
            agreed[at] = (level - asked.score).abs() <= TOLERANCE;
        }
    }
    let own: Vec<usize> = (0..asked.len()).filter(|at| asked[*at].own_step).collect();
    let calibration = Calibration::fit(
        &own.iter().map(|at| raw[*at]).collect::<Vec<f32>>(),
        &own.iter().map(|at| agreed[*at]).collect::<Vec<bool>>(),
        200,
    );
    let calibration = Calibration {
        points: calibration.points.iter().map(|(x, y)| (round(*x), round(*y))).collect(),
    };
    let bars: Vec<Bar> = GRADED
        .iter()
        .filter(|graded| own.iter().any(|at| asked[*at].graded == **graded))
        .map(|graded| {
            let votes: Vec<Vote> = own
                .iter()
                .filter(|at| asked[**at].graded == *graded)
                .map(|at| Vote {
                    confidence: calibration.apply(raw[*at]),
                    agreed: agreed[*at],
                    question: asked[*at].question,
                })
                .collect();
            Bar {
                graded: *graded,
                thresholds: TARGETS
                    .iter()
                    .map(|target| (*target, round(threshold_by_question(&votes, *target))))
                    .collect(),
            }
        })
        .collect();
    Some(Meta {
        features: NAMES.iter().map(|name| (*name).to_owned()).collect(),
        score: fit_score(asked.iter(), seed + 60),
        confidence: fit_confidence(rows.iter(), seed + 69),
        calibration,
        bars: straightened(&bars),
    })
}

/// A bar for every number of graded answers from the first to the last that was played through, on one line
/// for each agreement.
pub(crate) fn straightened(found: &[Bar]) -> Vec<Bar> {
    let lines = TARGETS.map(|target| {
        let found = found.iter().map(|bar| (bar.graded, lowest(&bar.thresholds, target)));
        (target, Line::fit(&found.collect::<Vec<_>>()))
    });
    let (Some(first), Some(last)) = (found.first(), found.last()) else {
        return Vec::new();
    };
    // Where nothing reached an agreement after so few graded answers, nothing is accepted; and more agreement never
    // asks for less confidence.
    let reached = |target: f32| {
        found
            .iter()
            .find(|bar| lowest(&bar.thresholds, target) <= 1.0)
            .map(|bar| bar.graded)
    };
    let bar = |graded| {
        let mut least = 0.0f32;
        let thresholds = lines.iter().map(|(target, line)| {
            least = match reached(*target) {
                Some(from) if graded >= from => least.max(round(line.at(graded))),
                _ => 1.01,
            };
            (*target, least)
        });
        Bar {
            graded,
            thresholds: thresholds.collect(),
        }
    };
    (first.graded..=last.graded).map(bar).collect()
}

struct LevelRow {
    values: Vec<f32>,
    given: bool,
    fold: usize,
}

fn play(questions: &[Seen], seed: u64) -> (Vec<Lesson>, Vec<Asked>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for question in questions {
        *counts.entry(&question.dataset).or_default() += 1;
    }
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut lessons, mut all) = (Vec::new(), Vec::new());
    for (number, question) in questions.iter().enumerate() {
        let episodes = if counts[question.dataset.as_str()] < FEW {
            EPISODES_OF_FEW
        } else {
            EPISODES
        };
        for graded in GRADED.into_iter().filter(|k| question.answers.len() >= k + FEWEST) {
            for _ in 0..episodes {
                let mut order: Vec<usize> = (0..question.answers.len()).collect();
                random.shuffle(&mut order);
                // Now and then as if there were no reference, or finer points to give.
                let hide = random.share() < 0.2;
                let own_step = random.share() < 0.75;
                let finer = if question.step > 0.5 { 0.25 } else { 0.1 };
                let step = if own_step { question.step } else { finer };
                let see = |at: usize| -> (Arc<Study>, f32) {
                    let (study, score) = &question.answers[at];
                    let study = match hide && study.prior.is_some() {
                        true => Arc::new(Study {
                            prior: None,
                            ..study.as_ref().clone()
                        }),
                        false => Arc::clone(study),
                    };
                    (study, *score)
                };
                let lesson = Lesson::fit(order[..graded].iter().map(|at| see(*at)).collect());
                for at in order[graded..].iter().take(ASKED) {
                    let (study, score) = see(*at);
                    let Some(facts) = lesson.facts(&study, step) else {
                        continue;
                    };
                    all.push(Asked {
                        lesson: lessons.len(),
                        facts,
                        score,
                        step,
                        own_step,
                        question: number,
                        fold: question.fold,
                        graded,
                    });
                }
                lessons.push(lesson);
            }
        }
    }
    (lessons, all)
}

fn fit_score<'a>(asked: impl Iterator<Item = &'a Asked>, seed: u64) -> Trees {
    let (rows, targets): (Vec<Vec<f32>>, Vec<f32>) =
        asked.map(|asked| (asked.facts.values.to_vec(), asked.score)).unzip();
    let how = Fit {
        trees: 250,
        depth: 4,
        min_weight: 20.0,
        rows: 0.4,
        columns: 0.4,
        seed,
        ..Fit::default()
    };
    Trees::fit(&rows, &targets, &vec![1.0; rows.len()], &DIRECTION, &how)
}

fn fit_confidence<'a>(rows: impl Iterator<Item = &'a LevelRow>, seed: u64) -> Trees {
    let (values, targets): (Vec<Vec<f32>>, Vec<f32>) = rows
        .map(|row| (row.values.clone(), f32::from(u8::from(row.given))))
        .unzip();
    let how = Fit {
        trees: 200,
        depth: 4,
        min_weight: 30.0,
        rows: 0.3,
        columns: 0.4,
        seed,
        ..Fit::default()
    };
    Trees::fit(&values, &targets, &vec![1.0; values.len()], &[0; COUNT + EXTRA], &how)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_graded_answers_has_its_bar() {
        let bar = |graded, confidence: f32| Bar {
            graded,
            thresholds: TARGETS.map(|target| (target, confidence + target - 0.95)).to_vec(),
        };
        // After five answers the draw was unlucky.
        let bars = straightened(&[bar(3, 0.95), bar(5, 1.01), bar(10, 0.92), bar(20, 0.9), bar(40, 0.88)]);
        assert_eq!(
            bars.iter().map(|bar| bar.graded).collect::<Vec<_>>(),
            (3..=40).collect::<Vec<_>>()
        );
        let at: Vec<f32> = bars.iter().map(|bar| lowest(&bar.thresholds, 0.95)).collect();
        assert!(at.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(at[2] < 0.97 && (0.91..0.94).contains(&at[7]));
        // More agreement asked, more confidence wanted.
        assert!(
            bars.iter()
                .all(|bar| bar.thresholds.windows(2).all(|pair| pair[0].1 < pair[1].1))
        );
        assert!(straightened(&[]).is_empty());
        let late = straightened(&[bar(3, 1.2), bar(5, 0.95), bar(10, 0.92)]);
        assert!(lowest(&late[1].thresholds, 0.95) > 1.0 && lowest(&late[2].thresholds, 0.95) < 1.0);
        let never = straightened(&[bar(3, 1.5), bar(5, 1.5)]);
        assert!(
            never
                .iter()
                .all(|bar| bar.thresholds.iter().all(|(_, from)| *from > 1.0))
        );
    }
}

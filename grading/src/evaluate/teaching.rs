//! Teaching played through: how many answers a person grades until none waits, and what the machine's own
//! grades are then worth.
//!
//! The teacher always grades the answer the queue names first; answers of its group follow. Grades the
//! machine accepts stand as long as it stands by them. It ends when no answer waits for a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::unseen::{Spread, spread};
use super::{TARGET, TOLERANCE};
use crate::decide::Decider;
use crate::groups;
use crate::lesson::Lesson;
use crate::model::Head;
use crate::model::trees::Random;
use crate::study::Study;
use crate::teach;
use crate::train::kshot::Seen;
use crate::{Decision, Grade};

/// Answers to settle of each question.
const CLASS: usize = 100;
/// Questions with fewer answers are left out.
const SMALLEST: usize = 30;

/// How a person goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The queue, groups and accepted grades.
    Queue,
    /// Any waiting answer next; groups and accepted grades.
    AnyOrder,
    /// Groups alone, nothing is accepted.
    Groups,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::Queue, Self::AnyOrder, Self::Groups];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::AnyOrder => "any order",
            Self::Groups => "groups alone",
        }
    }
}

/// One question taught to the end.
#[derive(Clone, Debug)]
pub struct Taught {
    pub dataset: String,
    pub answers: usize,
    pub clicks: usize,
    /// Grades nobody looked at: how many, and how many a teacher agrees with.
    pub accepted: usize,
    pub agreed: usize,
    /// Answers that got another one's grade by a group, and how many a teacher agrees with.
    pub grouped: usize,
    pub grouped_agreed: usize,
}

/// A data set taught in one way.
#[derive(Clone, Debug, Serialize)]
pub struct TaughtLine {
    pub name: String,
    pub way: String,
    pub questions: usize,
    /// Clicks to settle a hundred answers.
    pub clicks: Spread,
    /// Share of the answers accepted, and how many of them agree.
    pub accepted: Spread,
    pub accepted_agreement: Spread,
    /// Of what groups settled.
    pub group_agreement: Spread,
    /// Of the questions with at least ten accepted grades: share with at least 90 % agreeing.
    pub questions_kept: Spread,
}

/// Teaches one question; `None` when it has too few answers.
pub fn teach(head: &Head, class: &Seen, way: Way, seed: u64) -> Option<Taught> {
    if class.answers.len() < SMALLEST {
        return None;
    }
    let mut order: Vec<usize> = (0..class.answers.len()).collect();
    let mut random = Random(seed.wrapping_mul(104_729) + 5);
    random.shuffle(&mut order);
    order.truncate(CLASS);
    let answers: Vec<&(Arc<Study>, f32)> = order.iter().map(|at| &class.answers[*at]).collect();
    let known: Vec<_> = answers
        .iter()
        .map(|(study, _)| (&study.prepared, study.pooled.as_slice()))
        .collect();
    let groups = groups::group_known(&known);
    let sizes = groups::sizes(&groups);
    let mut settled: Vec<Option<f32>> = vec![None; answers.len()];
    let mut graded: Vec<(Arc<Study>, f32)> = Vec::new();
    let (mut grouped, mut grouped_agreed) = (0, 0);
    loop {
        let grades = suggestions(head, class, &graded, &answers, way);
        let mut queue: Vec<usize> = match way {
            Way::Queue => {
                let queue = teach::next(&grades, &groups, &sizes);
                queue.into_iter().map(|at| at as usize).collect()
            }
            Way::AnyOrder | Way::Groups => Vec::new(),
        };
        // Where the queue names nobody of a group that waits, and in the other ways: any order.
        queue.extend(0..answers.len());
        // Learnt anew after each grade at first, then after a few.
        let at_once = if graded.len() < 10 { 1 } else { 5 };
        let before = graded.len();
        for next in queue {
            if settled[next].is_some() || grades[next].decision == Decision::Accept {
                continue;
            }
            let score = answers[next].1;
            graded.push((Arc::clone(&answers[next].0), score));
            settled[next] = Some(score);
            for other in 0..answers.len() {
                if settled[other].is_none() && groups[other] == groups[next] {
                    settled[other] = Some(score);
                    grouped += 1;
                    grouped_agreed += usize::from((answers[other].1 - score).abs() <= TOLERANCE);
                }
            }
            if way != Way::Groups && graded.len() - before >= at_once {
                break;
            }
        }
        if graded.len() == before || way == Way::Groups {
            let found = (graded.len(), grouped, grouped_agreed);
            return Some(result(class, &answers, &settled, &grades, found));
        }
    }
}

fn suggestions(
    head: &Head,
    class: &Seen,
    graded: &[(Arc<Study>, f32)],
    answers: &[&(Arc<Study>, f32)],
    way: Way,
) -> Vec<Grade> {
    let lesson = Lesson::fit(graded.to_vec());
    let decider = Decider {
        head,
        version: "",
        accept_from: match way {
            // Nothing is ever this sure.
            Way::Groups => 2.0,
            Way::Queue | Way::AnyOrder => head.threshold_after(TARGET, graded.len()),
        },
        lesson: &lesson,
        context: [0; 32],
        max_points_hundredths: 10_000,
        step_hundredths: (class.step * 10_000.0).round() as i32,
    };
    answers.iter().map(|(study, _)| decider.grade(study)).collect()
}

fn result(
    class: &Seen,
    answers: &[&(Arc<Study>, f32)],
    settled: &[Option<f32>],
    grades: &[Grade],
    (clicks, grouped, grouped_agreed): (usize, usize, usize),
) -> Taught {
    let open: Vec<usize> = (0..answers.len()).filter(|at| settled[*at].is_none()).collect();
    let agrees = |at: &&usize| {
        let found = grades[**at].score_hundredths as f32 / 10_000.0;
        (found - answers[**at].1).abs() <= TOLERANCE
    };
    Taught {
        dataset: class.dataset.clone(),
        answers: answers.len(),
        clicks,
        accepted: open.len(),
        agreed: open.iter().filter(agrees).count(),
        grouped,
        grouped_agreed,
    }
}

/// One line for each data set and way; each seed's questions in a list of their own.
pub fn summarise(seeds: &[BTreeMap<Way, Vec<Taught>>]) -> Vec<TaughtLine> {
    let mut names: Vec<&str> = seeds
        .iter()
        .flat_map(|ways| ways.values().flatten().map(|taught| taught.dataset.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut out = Vec::new();
    for name in names {
        for way in Way::ALL {
            let runs: Vec<Vec<&Taught>> = seeds
                .iter()
                .map(|ways| {
                    let all = ways.get(&way).into_iter().flatten();
                    all.filter(|taught| taught.dataset == name).collect()
                })
                .collect();
            let share = |part: &dyn Fn(&Taught) -> usize, whole: &dyn Fn(&Taught) -> usize| {
                let of = |run: &Vec<&Taught>| {
                    let sum = |of: &dyn Fn(&Taught) -> usize| run.iter().map(|taught| of(taught)).sum::<usize>();
                    sum(part) as f64 / sum(whole).max(1) as f64
                };
                spread(&runs.iter().map(of).collect::<Vec<f64>>())
            };
            let clicks = share(&|t| 100 * t.clicks, &|t| t.answers);
            let kept = |run: &Vec<&Taught>| {
                let telling: Vec<&&Taught> = run.iter().filter(|taught| taught.accepted >= 10).collect();
                let good = telling
                    .iter()
                    .filter(|taught| taught.agreed * 10 >= taught.accepted * 9);
                good.count() as f64 / telling.len().max(1) as f64
            };
            out.push(TaughtLine {
                name: name.to_owned(),
                way: way.name().to_owned(),
                questions: runs.first().map_or(0, Vec::len),
                clicks,
                accepted: share(&|t| t.accepted, &|t| t.answers),
                accepted_agreement: share(&|t| t.agreed, &|t| t.accepted),
                group_agreement: share(&|t| t.grouped_agreed, &|t| t.grouped),
                questions_kept: spread(&runs.iter().map(kept).collect::<Vec<f64>>()),
            });
        }
    }
    out
}

/// As plain text.
pub fn render(lines: &[TaughtLine]) -> String {
    let mut out = format!(
        "\nclicks to settle 100 answers, at 95 % agreement\n{:<30}{:>10}{:>14}{:>14}{:>14}{:>14}{:>12}\n",
        "", "questions", "clicks", "accepted", "accepted ok", "grouped ok", "q≥.9"
    );
    for line in lines {
        let cell = |spread: Spread, digits: usize| format!("{:.*}±{:.*}", digits, spread.mean, digits, spread.sd);
        out += &format!(
            "{:<30}{:>10}{:>14}{:>14}{:>14}{:>14}{:>12}\n",
            format!("{} {}", line.name, line.way),
            line.questions,
            cell(line.clicks, 1),
            cell(line.accepted, 3),
            cell(line.accepted_agreement, 3),
            cell(line.group_agreement, 3),
            cell(line.questions_kept, 2),
        );
    }
    out
}

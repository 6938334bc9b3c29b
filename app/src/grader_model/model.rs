//! Models, the workers that use them, and trials.

use crate::ids::{GradeId, ModelId, TrialId};
use crate::points::Points;
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The largest head that is taken, in bytes.
pub const LARGEST_HEAD: usize = 16 * 1024 * 1024;

/// A grade also names how exactly the encoder multiplied, as in `encoder@1a2b3c4d:bf16+head@5e6f7a8b`. The register does not: one head serves
/// all of these.
pub fn without_precision(name: &str) -> Cow<'_, str> {
    parts(name).map_or(name.into(), |(encoder, _, head)| format!("{encoder}+{head}").into())
}

/// How exactly the encoder multiplied, where it was not in full.
pub fn precision(name: &str) -> Option<&str> {
    parts(name).map(|(_, precision, _)| precision)
}

fn parts(name: &str) -> Option<(&str, &str, &str)> {
    name.match_indices(':').find_map(|(at, _)| {
        let (encoder, (precision, head)) = (&name[..at], name[at + 1..].split_once('+')?);
        let (_, hash) = encoder.rsplit_once('@')?;
        let whole = hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let word = precision.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (whole && word).then_some((encoder, precision, head))
    })
}

/// A model that can grade here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = GradingModel))]
pub struct GradingModel {
    pub id: ModelId,
    /// Encoder, its weights' hash, head version and hash: what grades name, beside how exactly they were computed.
    pub name: String,
    /// SHA-256 of the head's file; none as long as that of a program's built-in head is not kept.
    pub head_hash: Option<String>,
    pub active: bool,
    pub registered_at: Moment,
    pub activated_at: Option<Moment>,
    /// How many suggestions that stand now it made.
    pub suggestions: u32,
    /// What was measured when it was trained, as told by its report.
    pub quality: Vec<Quality>,
}

/// One row of a report: a set of answers and how the model did on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ModelQuality))]
#[serde(default)]
pub struct Quality {
    pub name: String,
    pub answers: u32,
    pub questions: u32,
    /// Shares, 0–1.
    pub rmse: f64,
    pub qwk: f64,
    pub agreement: f64,
    pub coverage: f64,
    pub accepted_agreement: f64,
}

/// What a trainer writes beside a head.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// SHA-256 of the head's file that was measured; empty in reports of earlier versions.
    pub head: String,
    pub tables: Vec<Quality>,
}

/// A process that grades, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = GradingWorker))]
pub struct Worker {
    pub name: String,
    pub model: String,
    pub device: String,
    /// Why it cannot grade with the active model.
    pub problem: Option<String>,
    pub seen_at: Moment,
}

/// A comparison of a candidate with the active model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ModelTrial))]
pub struct Trial {
    pub id: TrialId,
    pub model: ModelId,
    pub model_name: String,
    pub state: TrialState,
    /// Answers asked for.
    pub wanted: u32,
    pub result: Option<Comparison>,
    pub problem: Option<String>,
    pub asked_at: Moment,
    pub finished_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrialState {
    Queued,
    Running,
    Done,
    Failed,
}

impl TrialState {
    pub fn from_name(name: &str) -> TrialState {
        match name {
            "running" => Self::Running,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Queued,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Queued => "Waits for a worker",
            Self::Running => "Under way",
            Self::Done => "Done",
            Self::Failed => "Failed",
        }
    }
}

/// What a trial found. Both models graded the same answers, without examples from teachers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ModelComparison))]
pub struct Comparison {
    /// The active model it was compared with.
    pub active: String,
    pub answers: u32,
    /// Other points than the active model suggests.
    pub other_points: u32,
    /// Accepted by one and not by the other.
    pub other_decision: u32,
    /// Root of the mean squared difference between both, as a share of the points.
    pub apart: f64,
    /// Answers people have decided about; the measures below are on those.
    pub decided: u32,
    pub of_active: Measured,
    pub of_candidate: Measured,
    /// The widest differences.
    pub examples: Vec<Changed>,
}

/// One model beside what teachers decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Measured {
    /// Of all answers.
    pub accepted: u32,
    /// Of the decided ones: the same points as the teacher.
    pub agreed: u32,
    /// Against the teachers, as a share of the points; none without decisions.
    pub rmse: Option<f64>,
}

/// An answer the candidate would grade otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ChangedSuggestion))]
pub struct Changed {
    pub grade: GradeId,
    pub assignment: crate::ids::AssignmentId,
    pub active: Points,
    pub candidate: Points,
    pub human: Option<Points>,
    pub of: Points,
}

/// Everything the page of models shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ModelRegistry))]
pub struct Registry {
    /// The active one first, then the newest.
    pub models: Vec<GradingModel>,
    /// What was active before, if there is a way back.
    pub before: Option<ModelId>,
    pub workers: Vec<Worker>,
    /// The newest ten.
    pub trials: Vec<Trial>,
}

impl Registry {
    /// Whether it will soon look otherwise by itself: a worker switches, or a trial waits or runs.
    pub fn is_moving(&self) -> bool {
        let active = self.models.iter().find(|model| model.active);
        let wanted = active.map(|model| without_precision(&model.name));
        let switching = |worker: &Worker| {
            worker.problem.is_none() && wanted.is_some() && wanted != Some(without_precision(&worker.model))
        };
        let under_way = |trial: &Trial| matches!(trial.state, TrialState::Queued | TrialState::Running);
        self.workers.iter().any(switching) || self.trials.iter().any(under_way)
    }
}

/// One answer of a trial with what everybody said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    pub grade: GradeId,
    pub assignment: crate::ids::AssignmentId,
    pub of: Points,
    pub human: Option<Points>,
    /// Points, and whether they would be accepted.
    pub active: (Points, bool),
    pub candidate: (Points, bool),
}

/// Examples kept.
const EXAMPLES: usize = 10;

impl Comparison {
    /// Counts what a trial found.
    pub fn of(active: &str, verdicts: &[Verdicts]) -> Comparison {
        let count = |which: &dyn Fn(&Verdicts) -> bool| verdicts.iter().filter(|each| which(each)).count() as u32;
        let mut changed: Vec<&Verdicts> = verdicts
            .iter()
            .filter(|each| each.active.0 != each.candidate.0)
            .collect();
        let apart = |each: &Verdicts| (each.candidate.0.part_of(each.of) - each.active.0.part_of(each.of)).abs();
        changed.sort_by(|a, b| apart(b).total_cmp(&apart(a)));
        let measured = |of: fn(&Verdicts) -> (Points, bool)| Measured {
            accepted: count(&|each| of(each).1),
            agreed: count(&|each| each.human == Some(of(each).0)),
            rmse: root(verdicts.iter().filter_map(|each| {
                let human = each.human?;
                Some(of(each).0.part_of(each.of) - human.part_of(each.of))
            })),
        };
        Comparison {
            active: active.to_owned(),
            answers: verdicts.len() as u32,
            other_points: changed.len() as u32,
            other_decision: count(&|each| each.active.1 != each.candidate.1),
            apart: root(verdicts.iter().map(apart)).unwrap_or_default(),
            decided: count(&|each| each.human.is_some()),
            of_active: measured(|each| each.active),
            of_candidate: measured(|each| each.candidate),
            examples: changed
                .into_iter()
                .take(EXAMPLES)
                .map(|each| Changed {
                    grade: each.grade,
                    assignment: each.assignment,
                    active: each.active.0,
                    candidate: each.candidate.0,
                    human: each.human,
                    of: each.of,
                })
                .collect(),
        }
    }
}

/// Root of the mean square; none of nothing.
fn root(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0u32, 0.0), |(n, sum), value| (n + 1, sum + value * value));
    (n > 0).then(|| (sum / f64::from(n)).sqrt())
}

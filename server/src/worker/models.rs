//! Which model this process grades with, and switching to another one between two batches.

use super::Student;
use app::error::{AppError, AppResult};
use app::grade::model::TARGETS;
use app::grade::service::EXAMPLES;
use app::grader_model::bars::Bar;
use app::grader_model::model::{Comparison, Verdicts, precision, without_precision};
use app::grader_model::service::{self, BuiltIn, Loaded, Wanted};
use app::grader_model::trials::{self, TrialWork};
use app::platform::Ctx;
use grading::model::Head;
use grading::{Grader, GraderConfig};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often a worker looks which model is active.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often it says which one it has.
const SAY_EVERY: Duration = Duration::from_secs(10);
const TRIAL_LEASE: Duration = Duration::from_secs(900);
/// Answers of a trial graded at once, so that live work comes in between.
const TRIAL_PIECE: usize = 64;

/// The grader in use. All clones switch together.
#[derive(Clone)]
pub struct Current {
    grader: Arc<RwLock<Grader>>,
    /// How to load another head; none for graders that have no files, as in tests.
    config: Option<GraderConfig>,
    folder: PathBuf,
}

impl Current {
    pub fn new(grader: Grader, config: GraderConfig, data_dir: &Path) -> Current {
        Current {
            grader: Arc::new(RwLock::new(grader)),
            config: Some(config),
            folder: data_dir.join("models"),
        }
    }

    pub fn get(&self) -> Grader {
        match self.grader.read() {
            Ok(grader) => grader.clone(),
            // Whoever panicked while holding it left a whole grader behind.
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    fn set(&self, grader: Grader) {
        match self.grader.write() {
            Ok(mut held) => *held = grader,
            Err(poisoned) => *poisoned.into_inner() = grader,
        }
    }

    /// Loads a registered model beside the one in use.
    pub async fn load(&self, ctx: &Ctx, wanted: &Wanted) -> AppResult<Grader> {
        self.start(ctx, wanted, |_| {}).await
    }

    /// The same as `made_by`, the model that a stored run names: that one may have computed more or less exactly than this process does.
    pub async fn load_as(&self, ctx: &Ctx, wanted: &Wanted, made_by: &str) -> AppResult<Grader> {
        let exactly = precision(made_by).unwrap_or_default().parse();
        let exactly = exactly.map_err(|error: grading::GradingError| AppError::unavailable(error.to_string()))?;
        self.start(ctx, wanted, |config| config.precision = exactly).await
    }

    async fn start(&self, ctx: &Ctx, wanted: &Wanted, change: impl FnOnce(&mut GraderConfig)) -> AppResult<Grader> {
        let Some(mut config) = self.config.clone() else {
            return Err(AppError::unavailable(
                "This process has no model files to load another head with.",
            ));
        };
        change(&mut config);
        config.head = None;
        config.head_sha256 = None;
        // What is built in needs no file storage.
        if let Some(hash) = wanted.head.as_ref().filter(|hash| **hash != Head::shipped_file().1) {
            config.head = Some(self.fetch(ctx, hash).await?);
            config.head_sha256 = Some(hash.clone());
        }
        let load = move || Grader::start(config);
        let grader = tokio::task::spawn_blocking(load)
            .await
            .map_err(AppError::internal)?
            .map_err(|error| AppError::unavailable(error.to_string()))?;
        if is_same(grader.model_version(), &wanted.name) {
            return Ok(grader);
        }
        let why = match wanted.head {
            Some(_) => "it was registered with another encoder",
            None => "its head was built into another version of the program and is not kept",
        };
        Err(AppError::unavailable(format!(
            "{} cannot be loaded: {why}. With this program and its files the model is {}.",
            wanted.name,
            grader.model_version()
        )))
    }

    /// The head's file on this machine, fetched when it is not here yet.
    async fn fetch(&self, ctx: &Ctx, hash: &str) -> AppResult<PathBuf> {
        let file = self.folder.join(format!("{hash}.json"));
        match tokio::fs::read(&file).await {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == hash => return Ok(file),
            Ok(_) => {
                tracing::warn!(file = %file.display(), "a model's head is damaged on this machine; it is fetched again");
                let _ = tokio::fs::remove_file(&file).await;
            }
            // Mostly it is not here yet; what else may be wrong shows when it is written.
            Err(_) => {}
        }
        let bytes = service::head(ctx, hash).await?;
        let (folder, place) = (self.folder.clone(), file.clone());
        tokio::task::spawn_blocking(move || put(&folder, &place, &bytes))
            .await
            .map_err(AppError::internal)?
            .map_err(|error| AppError::unavailable(format!("{} cannot be written: {error}", file.display())))?;
        Ok(file)
    }
}

/// Writes a file aside and moves it, so that a half-written one never bears the name. Processes that share the folder, each in a container of
/// its own, may do it at once.
fn put(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let aside = folder.join(format!("{}.aside", uuid::Uuid::now_v7().simple()));
    let write = || {
        let mut to = std::fs::File::create(&aside)?;
        to.write_all(bytes)?;
        // The name must not outlive a crash without the bytes.
        to.sync_all()?;
        std::fs::rename(&aside, file)
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&aside);
    })
}

/// A grader that cannot switch, for tests.
impl From<Grader> for Current {
    fn from(grader: Grader) -> Current {
        Current {
            grader: Arc::new(RwLock::new(grader)),
            config: None,
            folder: PathBuf::new(),
        }
    }
}

/// The same encoder and the same head, however exactly they compute: that is this process's own matter.
fn is_same(one: &str, other: &str) -> bool {
    without_precision(one) == without_precision(other)
}

/// Looks which model is wanted, and says which one is here.
pub(super) struct Keeper {
    /// When the built-in model is to be put into the register; none when it is there with its head.
    meet: Option<Instant>,
    looked: Option<Instant>,
    /// When it said which model it has and what is wrong.
    said: Option<(Instant, String, Option<String>)>,
    refused: Option<Refused>,
}

/// A model that could not be loaded: not tried again before somebody activates another one, or `TRY_AGAIN` later.
struct Refused {
    at: Instant,
    wanted: Wanted,
    why: String,
}

const TRY_AGAIN: Duration = Duration::from_secs(60);

impl Keeper {
    pub fn new() -> Keeper {
        Keeper {
            meet: Some(Instant::now()),
            looked: None,
            said: None,
            refused: None,
        }
    }

    /// Switches when another model is active; call it between batches.
    pub async fn keep(&mut self, ctx: &Ctx, worker: &str, current: &Current) {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return;
        }
        self.looked = Some(Instant::now());
        if self.meet.is_some_and(|at| at <= Instant::now()) {
            let encoder = current.get().encoder().to_owned();
            self.meet = match meet(ctx, &encoder).await {
                Ok(()) => None,
                Err(error) => {
                    tracing::warn!(%error, "the built-in model's head is not kept yet; it is tried again");
                    Some(Instant::now() + TRY_AGAIN)
                }
            };
        }
        if let Err(error) = self.look(ctx, worker, current).await {
            tracing::warn!(%error, "the register of models cannot be used; grading goes on with the model that is loaded");
        }
    }

    async fn look(&mut self, ctx: &Ctx, worker: &str, current: &Current) -> AppResult<()> {
        let here = current.get().model_version().to_owned();
        let wanted = service::wanted(ctx).await?;
        match wanted.filter(|wanted| !is_same(&wanted.name, &here)) {
            None => self.refused = None,
            Some(wanted) if self.is_refused(&wanted) => {}
            Some(wanted) => {
                self.refused = match current.load(ctx, &wanted).await {
                    Ok(grader) => {
                        let to = grader.model_version();
                        tracing::info!(from = here, to, "grading with another model from now on");
                        current.set(grader);
                        None
                    }
                    Err(error) => {
                        tracing::error!(%error, model = wanted.name, "the active model cannot be loaded; grading goes on with {here}");
                        let (at, why) = (Instant::now(), error.message);
                        Some(Refused { at, wanted, why })
                    }
                };
            }
        }
        let grader = current.get();
        let name = grader.model_version().to_owned();
        let problem = self.refused.as_ref().map(|refused| refused.why.clone());
        let old = |(at, model, wrong): &(Instant, String, Option<String>)| {
            at.elapsed() > SAY_EVERY || *model != name || *wrong != problem
        };
        if self.said.as_ref().is_none_or(old) {
            service::say(ctx, worker, &loaded(&grader, problem.clone())).await?;
            self.said = Some((Instant::now(), name, problem));
        }
        Ok(())
    }

    fn is_refused(&self, wanted: &Wanted) -> bool {
        let refused = self.refused.as_ref();
        refused.is_some_and(|refused| refused.wanted == *wanted && refused.at.elapsed() <= TRY_AGAIN)
    }
}

/// What a grader says about itself, and why it is not the one that is wanted.
fn loaded(grader: &Grader, problem: Option<String>) -> Loaded {
    Loaded {
        name: grader.model_version().to_owned(),
        device: grader.health().device,
        bars: bars(|agreement, graded| grader.threshold(agreement, graded)),
        problem,
    }
}

/// Puts the model of the built-in head and this encoder into the register.
async fn meet(ctx: &Ctx, encoder: &str) -> AppResult<()> {
    let head = Head::shipped().map_err(AppError::internal)?;
    let built_in = BuiltIn {
        name: format!("{encoder}+{}", head.name()),
        bars: bars(|agreement, graded| head.threshold_after(agreement, graded)),
        head: Head::shipped_file().0,
        report: include_str!("../../../grading/weights/report.json"),
    };
    service::meet(ctx, &built_in).await
}

/// The confidence from which on each setting of the dial is kept, for each number of graded answers that makes a difference.
pub fn bars(of: impl Fn(f32, usize) -> f32) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for graded in 0..=EXAMPLES {
        let below = TARGETS.iter().filter(|target| **target < 1000);
        let thresholds = below
            .map(|target| (*target, of(*target as f32 / 1000.0, graded)))
            .collect();
        if bars.last().is_none_or(|bar| bar.thresholds != thresholds) {
            bars.push(Bar {
                graded: graded as i32,
                thresholds,
            });
        }
    }
    bars
}

/// Works on a trial, if one waits; whether there was one. Lessons come in between, and when told to stop the trial is handed back.
pub(super) async fn one_trial(student: &Student, stop: &CancellationToken) -> AppResult<bool> {
    let (ctx, worker) = (&student.ctx, &student.name);
    let Some(work) = trials::claim(ctx, worker, TRIAL_LEASE).await? else {
        return Ok(false);
    };
    let trial = work.trial;
    let outcome = match compare(student, stop, work).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => {
            trials::hand_back(ctx, trial, worker).await?;
            return Ok(true);
        }
        Err(error) => {
            tracing::warn!(%error, "a trial of a model failed");
            Err(error.message)
        }
    };
    trials::record(ctx, trial, worker, outcome).await?;
    Ok(true)
}

/// None when it is not to go on.
async fn compare(student: &Student, stop: &CancellationToken, work: TrialWork) -> AppResult<Option<Comparison>> {
    let ctx = &student.ctx;
    let active = student.grader.get();
    let candidate = student.grader.load(ctx, &work.candidate).await?;
    let mut verdicts = Vec::with_capacity(work.cases.len());
    for piece in work.cases.chunks(TRIAL_PIECE) {
        // What comes in between takes time of its own.
        if !student.learn_between(stop).await || !trials::go_on(ctx, work.trial, &student.name, TRIAL_LEASE).await? {
            return Ok(None);
        }
        let requests: Vec<_> = piece
            .iter()
            .map(|case| super::grade::plain_request(&case.question, &case.text))
            .collect();
        let grade = |grader: Grader, requests| async move {
            let graded = grader.grade_many(requests).await;
            graded.map_err(|error| AppError::unavailable(error.to_string()))
        };
        let by_active = grade(active.clone(), requests.clone()).await?;
        let by_candidate = grade(candidate.clone(), requests).await?;
        let verdict = |grade: &grading::Grade| {
            let accepted = grade.decision == grading::Decision::Accept;
            (app::points::Points(grade.score_hundredths), accepted)
        };
        for ((case, active), candidate) in piece.iter().zip(&by_active).zip(&by_candidate) {
            verdicts.push(Verdicts {
                grade: case.grade,
                assignment: case.assignment,
                of: case.question.points,
                human: case.human,
                active: verdict(active),
                candidate: verdict(candidate),
            });
        }
    }
    Ok(Some(Comparison::of(active.model_version(), &verdicts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dial and lessons must look at the same numbers.
    #[test]
    fn bars_are_the_heads_own_thresholds() {
        let head = grading::model::Head::shipped().expect("the head");
        let bars = bars(|agreement, graded| head.threshold_after(agreement, graded));
        assert!(bars.len() > 2, "it differs with the number of graded answers");
        for graded in [0, 1, 3, 10, 40, 80] {
            for target in TARGETS.into_iter().filter(|target| *target < 1000) {
                let from = Bar::threshold(&bars, graded as i32, target);
                assert_eq!(from, Some(head.threshold_after(target as f32 / 1000.0, graded)));
            }
        }
    }
}

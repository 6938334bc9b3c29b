//! Making stored runs again, each with the model that made it.

use super::Current;
use super::learn::replay;
use app::error::AppResult;
use app::grade::service::{Gone, Outcome, Replay, replays};
use app::grader_model::service;
use app::ids::{QuestionId, RunId};
use app::platform::Ctx;
use grading::Grader;
use std::collections::HashMap;
use std::fmt;

/// Runs looked up at once.
const PIECE: u64 = 20;

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    pub same: u32,
    pub suggestions: u64,
    /// Run by run, in words.
    pub different: Vec<(RunId, &'static str)>,
    /// Runs of which something was deleted, or the question changed, since.
    pub gone: u32,
    /// Runs whose model cannot be loaded, by its name: why, and how many.
    pub unloaded: HashMap<String, (String, u32)>,
}

impl Replayed {
    /// Nothing differs, and what there is was not passed over as a whole.
    pub fn is_well(&self) -> bool {
        let passed_over = self.gone > 0 || !self.unloaded.is_empty();
        self.different.is_empty() && (self.same > 0 || !passed_over)
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (run, words) in &self.different {
            writeln!(f, "run {run}: {words}")?;
        }
        for (model, (why, runs)) in &self.unloaded {
            writeln!(f, "{runs} runs of {model} were not compared: {why}")?;
        }
        write!(
            f,
            "{} runs with {} suggestions came out the same, to the bit; {} differently. Not comparable: {} because something they were made from was changed or deleted since, {} because their model cannot be loaded.",
            self.same,
            self.suggestions,
            self.different.len(),
            self.gone,
            self.unloaded.values().map(|(_, runs)| runs).sum::<u32>()
        )
    }
}

/// Makes all runs of a question, or of all questions, again.
pub async fn all(ctx: &Ctx, current: &Current, question: Option<QuestionId>) -> anyhow::Result<Replayed> {
    let (mut after, mut found) = (None, Replayed::default());
    // Models change seldom, so there are few.
    let mut graders: HashMap<String, Result<Grader, String>> = HashMap::new();
    loop {
        let piece = replays(ctx, question, after, PIECE).await?;
        let Some((last, _)) = piece.last() else {
            return Ok(found);
        };
        after = Some(*last);
        for (run, stored) in piece {
            let stored = match stored {
                Ok(stored) => stored,
                Err(Gone) => {
                    found.gone += 1;
                    continue;
                }
            };
            let model = &stored.model;
            if !graders.contains_key(model) {
                graders.insert(model.clone(), load(ctx, current, model).await?);
            }
            match &graders[model] {
                Ok(grader) => compare(&mut found, grader, run, &stored).await?,
                Err(why) => {
                    let of = found.unloaded.entry(model.clone());
                    of.or_insert_with(|| (why.clone(), 0)).1 += 1;
                }
            }
        }
    }
}

/// The model of a run, else why there is none.
async fn load(ctx: &Ctx, current: &Current, model: &str) -> AppResult<Result<Grader, String>> {
    let here = current.get();
    if here.model_version() == model {
        return Ok(Ok(here));
    }
    let Some(registered) = service::registered(ctx, model).await? else {
        return Ok(Err("it is not registered".into()));
    };
    let loaded = current.load_as(ctx, &registered, model).await;
    Ok(loaded.map_err(|error| error.message))
}

async fn compare(found: &mut Replayed, grader: &Grader, run: RunId, stored: &Replay) -> anyhow::Result<()> {
    let made = replay(grader, stored).await?;
    let outcome: Vec<Outcome> = made.suggestions.iter().map(Outcome::of).collect();
    if made.input_hash != stored.input_hash && stored.edited {
        found.gone += 1;
    } else if made.input_hash != stored.input_hash {
        let words = "an answer or a decision is not what it was made from";
        found.different.push((run, words));
    } else if outcome != stored.outcome {
        found.different.push((run, "came out differently"));
    } else {
        found.same += 1;
        found.suggestions += outcome.len() as u64;
    }
    Ok(())
}

//! `grading train`: fit the head on graded answers.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::dataset;

use crate::evaluate::unseen::UnseenReport;
use crate::train::TrainOptions;
use crate::{GraderConfig, GradingError};

/// Arguments of `grading train`.
#[derive(Clone, Debug)]
pub struct TrainCommand {
    pub data: Vec<PathBuf>,
    pub out: PathBuf,
    /// The name that grades will carry.
    pub version: String,
    pub seed: u64,
    /// A folder that keeps what was computed: a stopped training goes on from there.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

/// From fewer questions nothing is learnt that would hold for another one.
const QUESTIONS: usize = 20;
const ANSWERS: usize = 200;

/// Trains and returns the report and its tables as text. `progress` gets a line now and then.
pub fn train(command: TrainCommand, progress: &mut dyn FnMut(&str)) -> Result<(UnseenReport, String), GradingError> {
    let rows = dataset::load(&command.data)?;
    let questions: HashSet<&str> = rows.iter().map(|row| row.question_id.as_str()).collect();
    if questions.len() < QUESTIONS || rows.len() < ANSWERS {
        return Err(GradingError::Data(format!(
            "{} graded answers to {} questions are too few to learn from: {ANSWERS} answers to {QUESTIONS} questions are the least",
            rows.len(),
            questions.len(),
        )));
    }
    if command.version.trim().is_empty()
        || command
            .version
            .contains(|c: char| !c.is_ascii_graphic() || "+@".contains(c))
    {
        return Err(GradingError::Invalid(
            "a version is a name without spaces, + and @".into(),
        ));
    }
    let options = TrainOptions {
        data: command.data,
        out: command.out,
        version: command.version,
        seed: command.seed,
        divisions: 1,
        cache: command.cache,
        grader: command.grader,
    };
    let report = crate::train::train(&options, progress)?;
    let text = report.render();
    Ok((report, text))
}

//! `grading train`: fit the head on graded answers.

use std::path::PathBuf;

use crate::evaluate::unseen::UnseenReport;
use crate::train::TrainOptions;
use crate::{GraderConfig, GradingError};

/// Arguments of `grading train`.
#[derive(Clone, Debug)]
pub struct TrainCommand {
    pub data: Vec<PathBuf>,
    pub out: PathBuf,
    pub version: Option<String>,
    pub seed: Option<u64>,
    /// A folder that keeps what was computed: a stopped training goes on from there.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

/// Trains and returns the report and its tables as text. `progress` gets a line now and then.
pub fn train(command: TrainCommand, progress: &mut dyn FnMut(&str)) -> Result<(UnseenReport, String), GradingError> {
    let options = TrainOptions {
        data: command.data,
        out: command.out,
        version: command.version.unwrap_or_else(|| "head-5".into()),
        seed: command.seed.unwrap_or(1),
        divisions: 1,
        cache: command.cache,
        grader: command.grader,
    };
    let report = crate::train::train(&options, progress)?;
    let text = report.render();
    Ok((report, text))
}

//! What the command line does, as plain functions: the server's binary only parses arguments.

mod bench;
mod devices;
mod evaluate;
mod explain;
mod predict;
mod train;

pub use bench::{BenchReport, bench};
pub use devices::{DeviceReport, devices};
pub use evaluate::{EvaluateOptions, EvaluateReport, Protocol, evaluate};
pub use explain::{Explanation, explain};
pub use predict::{PredictOptions, PredictSummary, predict};
pub use train::{TrainCommand, train};

//! What the command line does, as plain functions: the server's binary only parses arguments.

mod bench;
mod devices;
mod evaluate;
mod predict;
mod train;

pub use bench::{BenchReport, bench};
pub use devices::{DeviceReport, devices};
pub use evaluate::{EvaluateOptions, EvaluateReport, evaluate};
pub use predict::{PredictOptions, PredictSummary, predict};
pub use train::{TrainCommand, train};

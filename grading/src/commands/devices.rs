//! `grading devices`: which devices there are, and whether they compute correctly.

use std::time::Instant;

use serde::Serialize;

use crate::engine::EngineFactory;
use crate::grader::self_test;
use crate::{Device, Grader, GraderConfig, GradingError, Precision};

#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    pub device: Device,
    pub built_in: bool,
    pub works: bool,
    /// What the self-test found, or why there was none.
    pub detail: String,
    pub start_milliseconds: u64,
}

/// Starts each device this build has and grades a few answers on it.
pub fn devices(config: &GraderConfig) -> Vec<DeviceReport> {
    crate::backend::devices()
        .into_iter()
        .map(|info| {
            let begun = Instant::now();
            let tested = if info.built_in {
                test(GraderConfig {
                    device: info.device,
                    workers: 1,
                    ..config.clone()
                })
            } else {
                Err(GradingError::Device(info.note.into()))
            };
            DeviceReport {
                device: info.device,
                built_in: info.built_in,
                works: matches!(&tested, Ok((true, _))),
                detail: tested.map_or_else(|error| error.to_string(), |(_, lines)| lines),
                start_milliseconds: begun.elapsed().as_millis() as u64,
            }
        })
        .collect()
}

/// How far vectors on another device may lie from the processor's in single precision: sums run in another order there.
const TOLERANCE: f32 = 1e-4;

fn test(config: GraderConfig) -> Result<(bool, String), GradingError> {
    let most = match config.precision {
        Precision::F32 => TOLERANCE,
        Precision::Bf16 => 5e-3,
        Precision::Int8 => 5e-2,
    };
    let off = difference(&config)?;
    let grader = Grader::start(config)?;
    let grades = grader.grade_many_blocking(self_test::requests())?;
    let (passed, mut lines) = self_test::judge(&grades);
    let verdict = if off <= most { "ok" } else { "FAILED" };
    lines.insert(
        0,
        format!("{verdict} vectors within {off:.1e} of the processor's, {most:.0e} allowed"),
    );
    Ok((passed && off <= most, lines.join("; ")))
}

/// The largest difference to the processor's vectors in single precision.
fn difference(config: &GraderConfig) -> Result<f32, GradingError> {
    let requests = self_test::requests();
    let texts: Vec<&str> = requests.iter().map(|request| request.answer.as_str()).collect();
    let vectors = |config: &GraderConfig| EngineFactory::load(config)?.build()?.vectors(&texts);
    let plain = GraderConfig {
        device: Device::Cpu,
        precision: Precision::F32,
        ..config.clone()
    };
    let (expected, found) = (vectors(&plain)?, vectors(config)?);
    let pairs = expected.iter().flatten().zip(found.iter().flatten());
    Ok(pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max))
}

//! `grading devices`: which devices there are, and whether they compute correctly.

use std::time::Instant;

use serde::Serialize;

use crate::{Device, Grader, GraderConfig, GradingError};

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

fn test(config: GraderConfig) -> Result<(bool, String), GradingError> {
    let grader = Grader::start(config)?;
    let grades = grader.grade_many_blocking(crate::engine::Engine::self_test_requests())?;
    let (passed, lines) = crate::engine::Engine::judge_self_test(&grades);
    Ok((passed, lines.join("; ")))
}

//! From features to an expected score and to the probability that a teacher agrees with it.

use serde::{Deserialize, Serialize};

use super::trees::Trees;
use crate::GradingError;
use crate::calibrate::Calibration;
use crate::features;

/// The shipped head, fitted by `grading train`.
const SHIPPED: &str = include_str!("../../weights/head.json");

/// Everything fitted on graded answers, in one committed file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub version: String,
    /// The features by name, so that a head never meets features it was not made for.
    pub features: Vec<String>,
    /// Features → expected share of the points.
    pub score: Trees,
    /// Features and expected score → raw probability that the rounded score is the teacher's.
    pub confidence: Trees,
    pub calibration: Calibration,
    /// Accept at this confidence or above to reach the agreement: (agreement, confidence).
    pub thresholds: Vec<(f32, f32)>,
}

/// Extra inputs of the confidence trees beside the features.
pub const CONFIDENCE_EXTRA: usize = 4;

impl Head {
    pub fn shipped() -> Result<Self, GradingError> {
        Self::parse(SHIPPED)
    }

    /// A head written by `grading train`.
    pub fn load(file: &std::path::Path) -> Result<Self, GradingError> {
        let json = std::fs::read_to_string(file)
            .map_err(|error| GradingError::ModelBroken(format!("{}: {error}", file.display())))?;
        Self::parse(&json)
    }

    pub fn parse(json: &str) -> Result<Self, GradingError> {
        let broken = |error: String| GradingError::ModelBroken(format!("head.json: {error}"));
        let head: Self = serde_json::from_str(json).map_err(|error| broken(error.to_string()))?;
        if head.features != features::NAMES {
            return Err(broken("it was trained on other features; train it again".into()));
        }
        Ok(head)
    }

    pub fn expected(&self, values: &[f32]) -> f32 {
        self.score.predict(values)
    }

    /// Probability that a teacher would give `rounded`, a share on the question's step.
    pub fn confidence(&self, values: &[f32], expected: f32, rounded: f32, step: f32) -> f32 {
        let row = confidence_row(values, expected, rounded, step);
        self.calibration.apply(self.confidence.predict(&row))
    }

    /// The confidence from which on suggestions reach this agreement on questions never seen.
    pub fn threshold(&self, agreement: f32) -> f32 {
        self.thresholds
            .iter()
            .filter(|(reached, _)| *reached >= agreement - 1e-6)
            .map(|(_, confidence)| *confidence)
            .fold(f32::INFINITY, f32::min)
            .min(1.01)
    }
}

/// The row the confidence trees look at.
pub fn confidence_row(values: &[f32], expected: f32, rounded: f32, step: f32) -> Vec<f32> {
    let mut row = values.to_vec();
    row.extend([
        expected,
        (expected - 0.5).abs(),
        (expected - rounded).abs() / step,
        step,
    ]);
    row
}

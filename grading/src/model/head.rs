//! From features to an expected score and to the probability that a teacher agrees with it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::meta::{Meta, lowest};
use super::net::{Net, Tokens};
use super::trees::{Trees, sigmoid};
use crate::GradingError;
use crate::cache::Embedded;
use crate::calibrate::Calibration;
use crate::features::{self, COUNT, Comparison, QuestionSide};
use crate::lesson;
use crate::signals::{self, Reading};

/// The shipped head, fitted by `grading train`.
const SHIPPED: &str = include_str!("../../weights/head.json");

/// Everything fitted on graded answers, in one committed file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub version: String,
    /// The data sets it has seen: on them only nested measurements are honest.
    #[serde(default = "first_data_sets")]
    pub trained_on: Vec<String>,
    /// The features by name, so that a head never meets features it was not made for.
    pub features: Vec<String>,
    /// Features → expected share of the points.
    pub score: Trees,
    /// Token by token → expected share; each was fitted on other questions, their mean counts.
    #[serde(default)]
    pub nets: Vec<Net>,
    /// Features and opinions → raw probability that the rounded score is the teacher's.
    pub confidence: Trees,
    pub calibration: Calibration,
    /// Accept at this confidence or above to reach the agreement: (agreement, confidence).
    pub thresholds: Vec<(f32, f32)>,
    /// Takes over once a teacher has graded a few answers; heads made before there was one do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Graded answers may lift the warning signs they carry, and the confidence beside a sign is a measured one. Heads
    /// made before that cap it, so that their stored grades come out the same.
    #[serde(default)]
    pub weighs_signs: bool,
    /// SHA-256 of the file it was read from, as hexadecimal; empty for a head just fitted.
    #[serde(skip)]
    pub hash: String,
}

/// Of heads made before they named them.
fn first_data_sets() -> Vec<String> {
    ["beetle", "saf_english", "scientsbank"].map(str::to_owned).to_vec()
}

/// Extra inputs of the confidence trees beside the features.
pub const CONFIDENCE_EXTRA: usize = 7;

/// What the parts of a head make of an answer: expected shares of the points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinion {
    pub expected: f32,
    pub trees: f32,
    /// The same as `trees` where the networks cannot read a text.
    pub nets: f32,
}

impl Opinion {
    /// Both opinions count alike, as log-odds.
    pub fn new(trees: f32, nets: Option<f32>) -> Self {
        let nets = nets.unwrap_or(trees);
        Self {
            expected: sigmoid((trees + nets) / 2.0),
            trees: sigmoid(trees),
            nets: sigmoid(nets),
        }
    }
}

impl Head {
    /// The head that is built into the program.
    pub fn shipped() -> Result<Self, GradingError> {
        Self::parse(SHIPPED, "the built-in head")
    }

    /// A head written by `grading train`. With `sha256` the file must have this checksum (64
    /// hexadecimal digits), so that a registry never serves another model than it names.
    pub fn load(file: &std::path::Path, sha256: Option<&str>) -> Result<Self, GradingError> {
        let name = file.display().to_string();
        let json = std::fs::read_to_string(file)
            .map_err(|error| GradingError::ModelBroken(format!("the grading head {name} cannot be read: {error}")))?;
        let found = hex::encode(Sha256::digest(json.as_bytes()));
        if let Some(wanted) = sha256.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
            return Err(GradingError::ModelBroken(format!(
                "the grading head {name} has the checksum {found}, but {wanted} was expected; nothing was loaded. \
                 Put the expected file back or register this one as a new version"
            )));
        }
        Self::parse(&json, &name)
    }

    fn parse(json: &str, name: &str) -> Result<Self, GradingError> {
        let broken = |error: String| GradingError::ModelBroken(format!("{name}: {error}"));
        let mut head: Self = serde_json::from_str(json).map_err(|error| broken(error.to_string()))?;
        head.hash = hex::encode(Sha256::digest(json.as_bytes()));
        let known = |name: &String| lesson::NAMES.contains(&name.as_str());
        let strange = |meta: &Meta| !meta.features.iter().all(known);
        if head.features != features::NAMES || head.meta.as_ref().is_some_and(strange) {
            return Err(broken("it was trained on other features; train it again".into()));
        }
        Ok(head)
    }

    /// Version and short hash, as grades name it: `head-1@1a2b3c4d`.
    pub fn name(&self) -> String {
        match self.hash.get(..8) {
            Some(short) => format!("{}@{short}", self.version),
            None => self.version.clone(),
        }
    }

    /// What to expect of an answer beside the reference it is closest to.
    pub fn opinion(&self, question: &QuestionSide, answer: &Embedded, found: &Comparison) -> Opinion {
        let reference = &question.references[found.reference];
        let reading = Reading::new(question, reference, answer);
        let nets = self.nets_say(
            signals::tokens(answer, &reading.answer),
            signals::tokens(reference, &reading.reference),
            &found.values,
        );
        Opinion::new(self.score.log_odds(&found.values), nets)
    }

    /// Mean log-odds of the networks; `None` when there is none or a text has no tokens to read.
    pub fn nets_say(&self, answer: Tokens<'_>, reference: Tokens<'_>, values: &[f32]) -> Option<f32> {
        let said: Option<Vec<f32>> = self
            .nets
            .iter()
            .map(|net| net.log_odds(answer, reference, values))
            .collect();
        let said = said.filter(|said| !said.is_empty())?;
        Some(said.iter().sum::<f32>() / said.len() as f32)
    }

    /// Probability that a teacher would give `rounded`, a share on the question's step. `expected` is
    /// the head's opinion, moved by graded answers of the question where there are any.
    pub fn confidence(&self, values: &[f32], opinion: &Opinion, expected: f32, rounded: f32, step: f32) -> f32 {
        let row = confidence_row(values, opinion, expected, rounded, step);
        self.calibration.apply(self.confidence.predict(&row))
    }

    /// The confidence from which on suggestions reach this agreement on questions never seen.
    pub fn threshold(&self, agreement: f32) -> f32 {
        lowest(&self.thresholds, agreement)
    }

    /// The same when so many answers of the question have been graded.
    pub fn threshold_after(&self, agreement: f32, graded: usize) -> f32 {
        match &self.meta {
            Some(meta) if graded >= lesson::LEAST => meta.threshold(graded, agreement),
            _ => self.threshold(agreement),
        }
    }
}

/// The row the confidence trees look at.
pub fn confidence_row(values: &[f32], opinion: &Opinion, expected: f32, rounded: f32, step: f32) -> Vec<f32> {
    let mut row = Vec::with_capacity(COUNT + CONFIDENCE_EXTRA);
    row.extend_from_slice(values);
    row.extend([
        expected,
        (expected - 0.5).abs(),
        (expected - rounded).abs() / step,
        step,
        opinion.trees,
        opinion.nets,
        (opinion.trees - opinion.nets).abs(),
    ]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_from_its_file_and_another_file_is_refused() {
        let folder = std::env::temp_dir().join(format!("grading-head-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("head.json");
        let shipped = Head::shipped().expect("it was tested");
        std::fs::write(&file, SHIPPED).expect("written");
        let loaded = Head::load(&file, Some(&shipped.hash)).expect("the same file");
        assert_eq!(loaded.name(), shipped.name());
        let values = vec![0.4; features::COUNT];
        assert_eq!(loaded.score.log_odds(&values), shipped.score.log_odds(&values));
        assert_eq!(loaded.nets, shipped.nets);

        let wrong = "0".repeat(64);
        let refused = Head::load(&file, Some(&wrong)).expect_err("another file").to_string();
        assert!(refused.contains(&wrong) && refused.contains(&shipped.hash), "{refused}");

        std::fs::write(&file, SHIPPED.replacen("cosine", "cosinus", 1)).expect("written");
        let refused = Head::load(&file, None).expect_err("other features").to_string();
        assert!(refused.contains("train it again"), "{refused}");
        std::fs::write(&file, SHIPPED.replacen("graded_mean", "mean_of_graded", 1)).expect("written");
        assert!(Head::load(&file, None).is_err(), "a number that nobody knows");
        let missing = Head::load(&folder.join("none.json"), None)
            .expect_err("no file")
            .to_string();
        assert!(missing.contains("none.json"), "{missing}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

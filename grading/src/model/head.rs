//! From features to an expected score and to the probability that a teacher agrees with it.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::adapter::Adapter;
use super::meta::{Meta, lowest};
use super::trees::{Trees, sigmoid};
use crate::GradingError;
use crate::calibrate::Calibration;
use crate::features::{self, COUNT};
use crate::lesson;

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
    /// What the encoder's last layers learnt; heads made before there was one do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<Adapter>,
    /// Features and expectations → raw probability that the rounded score is the teacher's.
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
    /// Heads once could have networks; none may be left out in silence.
    #[serde(default, skip_serializing)]
    pub(crate) nets: Vec<IgnoredAny>,
    /// SHA-256 of the file it was read from, as hexadecimal; empty for a head just fitted.
    #[serde(skip)]
    pub hash: String,
}

/// Of heads made before they named them.
fn first_data_sets() -> Vec<String> {
    ["beetle", "saf_english", "scientsbank"].map(str::to_owned).to_vec()
}

/// Features of the heads before there was an adapter.
const FIRST_COUNT: usize = COUNT - features::TUNED;

/// Extra inputs of the confidence trees beside the features.
pub const CONFIDENCE_EXTRA: usize = 7;

impl Head {
    /// The head that is built into the program.
    pub fn shipped() -> Result<Self, GradingError> {
        Self::parse(SHIPPED, "the built-in head")
    }

    /// Its file, word for word, and the file's SHA-256 in hexadecimal: to keep it for programs built with another one.
    pub fn shipped_file() -> (&'static str, String) {
        (SHIPPED, hex::encode(Sha256::digest(SHIPPED.as_bytes())))
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
        let known_names = features::NAMES.iter().zip(&head.features);
        let same = [FIRST_COUNT, COUNT].contains(&head.features.len())
            && known_names.into_iter().all(|(known, name)| known == name);
        if !same || head.meta.as_ref().is_some_and(strange) {
            return Err(broken("it was trained on other features; train it again".into()));
        }
        if !head.nets.is_empty() {
            return Err(broken(
                "it has networks that read token by token, which this version no longer runs; train it again".into(),
            ));
        }
        let width = head.features.len();
        let whole = head.score.fit_rows_of(width)
            && head.confidence.fit_rows_of(width + CONFIDENCE_EXTRA)
            && head.meta.as_ref().is_none_or(Meta::is_whole);
        if !whole {
            return Err(broken("its trees are not whole; train it again".into()));
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

    /// The share of the points to expect of an answer with these features.
    pub fn expected(&self, values: &[f32]) -> f32 {
        sigmoid(self.score.log_odds(values))
    }

    /// Probability that a teacher would give `rounded`, a share on the question's step. `prior` is what the head
    /// expects, `expected` the same moved by graded answers of the question where there are any.
    pub fn confidence(&self, values: &[f32], prior: f32, expected: f32, rounded: f32, step: f32) -> f32 {
        // Heads made earlier know fewer features; later ones stand behind them.
        let known = &values[..self.features.len().min(values.len())];
        let row = confidence_row(known, prior, expected, rounded, step);
        self.calibration.apply(self.confidence.predict(&row))
    }

    /// The confidence from which on suggestions reach this agreement on questions never seen.
    pub fn threshold(&self, agreement: f32) -> f32 {
        lowest(&self.thresholds, agreement)
    }

    /// The same when so many answers of the question have been graded; what is less likely right than wrong never stands.
    pub fn threshold_after(&self, agreement: f32, graded: usize) -> f32 {
        let found = match &self.meta {
            Some(meta) if graded >= lesson::LEAST => meta.threshold(graded, agreement),
            _ => self.threshold(agreement),
        };
        found.max(0.5)
    }
}

/// The row the confidence trees look at. The last two stand for a second opinion that heads once had.
pub fn confidence_row(values: &[f32], prior: f32, expected: f32, rounded: f32, step: f32) -> Vec<f32> {
    let mut row = Vec::with_capacity(values.len() + CONFIDENCE_EXTRA);
    row.extend_from_slice(values);
    row.extend([
        expected,
        (expected - 0.5).abs(),
        (expected - rounded).abs() / step,
        step,
        prior,
        prior,
        0.0,
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
        assert_eq!(Head::shipped_file(), (SHIPPED, shipped.hash.clone()));
        let values = vec![0.4; features::COUNT];
        assert_eq!(loaded.score.log_odds(&values), shipped.score.log_odds(&values));
        assert_eq!(loaded.adapter, shipped.adapter);

        let wrong = "0".repeat(64);
        let refused = Head::load(&file, Some(&wrong)).expect_err("another file").to_string();
        assert!(refused.contains(&wrong) && refused.contains(&shipped.hash), "{refused}");

        std::fs::write(&file, SHIPPED.replacen("cosine", "cosinus", 1)).expect("written");
        let refused = Head::load(&file, None).expect_err("other features").to_string();
        assert!(refused.contains("train it again"), "{refused}");
        std::fs::write(&file, SHIPPED.replacen("graded_mean", "mean_of_graded", 1)).expect("written");
        assert!(Head::load(&file, None).is_err(), "a number that nobody knows");
        let broken = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut head: serde_json::Value = serde_json::from_str(SHIPPED).expect("json");
            change(&mut head);
            std::fs::write(&file, head.to_string()).expect("written");
            Head::load(&file, None)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(broken(&|_| ()).is_empty());
        assert!(broken(&|head| head["nets"] = serde_json::json!([{}])).contains("networks"));
        assert!(broken(&|head| head["features"] = serde_json::json!([])).contains("other features"));
        for part in ["score", "confidence"] {
            assert!(broken(&|head| head[part]["feature"][0] = 250.into()).contains("not whole"));
            assert!(broken(&|head| head[part]["depth"] = 64.into()).contains("not whole"));
            assert!(broken(&|head| head["meta"][part]["feature"][0] = 250.into()).contains("not whole"));
            assert!(broken(&|head| head["meta"][part]["leaf"] = serde_json::json!([0.0])).contains("not whole"));
        }
        let missing = Head::load(&folder.join("none.json"), None)
            .expect_err("no file")
            .to_string();
        assert!(missing.contains("none.json"), "{missing}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

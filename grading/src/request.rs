//! What comes in and what goes out: only what a grader needs to know.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::GradingError;

/// One answer to be graded, with everything that may be used to grade it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradeRequest {
    pub question: String,
    /// Model answers, each worth full points on its own.
    pub references: Vec<String>,
    pub rubric: Vec<RubricPart>,
    /// Answers to the same question that a teacher has already graded.
    pub graded: Vec<GradedExample>,
    pub answer: String,
    pub max_points_hundredths: i32,
    /// The smallest difference in points a teacher would give, e.g. 50 for half points.
    pub step_hundredths: i32,
}

/// A part of the rubric and what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RubricPart {
    pub id: String,
    pub text: String,
    pub points_hundredths: i32,
}

/// An answer a teacher has graded; `score` is the share of the full points, 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradedExample {
    pub answer: String,
    pub score: f32,
}

/// What the machine suggests for one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Points in hundredths, rounded to the question's step.
    pub score_hundredths: i32,
    /// Expected share of the full points, 0 to 1, before rounding to the step.
    pub score: f32,
    /// Estimated probability that a teacher would give these points.
    pub confidence: f32,
    /// Shares of the full points between which a teacher's score lies nine times in ten.
    #[serde(default)]
    pub interval: [f32; 2],
    pub decision: Decision,
    /// Why a person should look; always present with `Decision::Review`.
    pub reason: Option<ReviewReason>,
    pub evidence: Evidence,
    /// Name, weights hash and head version, e.g. `all-MiniLM-L6-v2@53aa5117+head-1@1a2b3c4d`.
    pub model: String,
    /// SHA-256 of the request, as hexadecimal: what exactly was graded.
    pub input_hash: String,
}

/// May the suggestion stand, or must a person look first?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Accept,
    Review,
}

/// Why the machine does not want to decide alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// Neither a reference answer nor a rubric nor enough graded answers.
    NoReference,
    /// Not in the language the model was trained for.
    OtherLanguage,
    /// Longer than the model can read; only the beginning was looked at.
    TooLong,
    /// Close to neither the question nor a reference.
    OffTopic,
    /// Mostly the words of the question.
    RepeatsQuestion,
    /// Says the words of a reference, but turned round by a negation, another number, sign or small word.
    Contradicts,
    /// Says all of a right answer, and more that nothing at hand can judge.
    SaysMore,
    /// A list of keywords rather than an answer.
    ListsKeywords,
    /// Markup, hidden characters, look-alike letters or instructions to the grader.
    Suspicious,
    /// The confidence is below the accept threshold.
    Unsure,
}

impl ReviewReason {
    /// Stable name for storage and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoReference => "no_reference",
            Self::OtherLanguage => "other_language",
            Self::TooLong => "too_long",
            Self::OffTopic => "off_topic",
            Self::RepeatsQuestion => "repeats_question",
            Self::Contradicts => "contradicts",
            Self::SaysMore => "says_more",
            Self::ListsKeywords => "lists_keywords",
            Self::Suspicious => "suspicious",
            Self::Unsure => "unsure",
        }
    }

    /// One sentence for the teacher.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoReference => "There is nothing to compare this answer with yet.",
            Self::OtherLanguage => "The answer seems to be in a language the model was not made for.",
            Self::TooLong => "The answer is too long for the model; it read only the beginning.",
            Self::OffTopic => "The answer is close to neither the question nor a reference answer.",
            Self::RepeatsQuestion => "The answer mostly repeats the question.",
            Self::Contradicts => {
                "The answer uses the words of a right answer, but one that matters differs: a negation, a number, a sign, a small word or a word exchanged."
            }
            Self::SaysMore => "The answer says all of a right answer, and more that the model cannot judge.",
            Self::ListsKeywords => "The answer lists keywords without saying how they belong together.",
            Self::Suspicious => "The answer contains markup, hidden characters or instructions to the grader.",
            Self::Unsure => "The model is less sure than is asked of it.",
        }
    }

    /// The reason with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::NoReference,
            Self::OtherLanguage,
            Self::TooLong,
            Self::OffTopic,
            Self::RepeatsQuestion,
            Self::Contradicts,
            Self::SaysMore,
            Self::ListsKeywords,
            Self::Suspicious,
            Self::Unsure,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// What the suggestion rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Index of the closest reference answer.
    pub matched_reference: Option<usize>,
    /// How close it is, 0 to 1.
    pub similarity: f32,
    /// The words of the answer that carried it, in order, without overlap.
    pub spans: Vec<Span>,
    /// Content words of the matched reference that nothing in the answer covers.
    pub missing: Vec<String>,
    pub rubric: Vec<RubricMatch>,
    /// Graded answers most like this one, closest first (at most three).
    pub similar: Vec<SimilarExample>,
}

/// Part of the answer: byte offsets on character boundaries, and its weight, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub weight: f32,
}

/// How well one rubric part is met, 0 to 1, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RubricMatch {
    pub id: String,
    pub strength: f32,
    pub span: Option<Span>,
}

/// A graded answer like this one: its index in the request, its similarity and its score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarExample {
    pub index: usize,
    pub similarity: f32,
    pub score: f32,
}

/// What a request may hold. Larger ones are refused with a clear error, never cut silently.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub text_bytes: usize,
    pub references: usize,
    pub rubric: usize,
    pub graded: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 256 * 1024,
            references: 32,
            rubric: 256,
            graded: 2_000,
        }
    }
}

impl GradeRequest {
    /// SHA-256 of the request as hexadecimal; equal requests have equal hashes.
    pub fn input_hash(&self) -> String {
        input_hash(&self.context_hash(), &self.answer)
    }

    /// SHA-256 of everything but the answer.
    pub(crate) fn context_hash(&self) -> [u8; 32] {
        let given = (&self.question, &self.references, &self.rubric, &self.graded);
        let scale = (self.max_points_hundredths, self.step_hundredths);
        // Tuples have a fixed order, so this JSON is canonical.
        Sha256::digest(serde_json::to_vec(&(given, scale)).unwrap_or_default()).into()
    }

    /// Points as a share of the full mark → hundredths on the question's step, or all points where these are nearer.
    pub fn round_to_step(&self, share: f32) -> i32 {
        let max = self.max_points_hundredths.max(0);
        let step = self.step_hundredths.clamp(1, max.max(1));
        let points = f64::from(share) * f64::from(max);
        let steps = ((points / f64::from(step)).round() as i32)
            .saturating_mul(step)
            .clamp(0, max);
        let off = |given: i32| (points - f64::from(given)).abs();
        if off(max) < off(steps) { max } else { steps }
    }

    /// Points as a share of the full mark → hundredths, on the step or not.
    pub fn hundredths(&self, share: f32) -> i32 {
        let max = self.max_points_hundredths.max(0);
        ((f64::from(share) * f64::from(max)).round() as i32).clamp(0, max)
    }

    /// The step as a share of the full mark, 0 to 1.
    pub fn step_share(&self) -> f32 {
        let max = self.max_points_hundredths.max(1) as f32;
        (self.step_hundredths.max(1) as f32 / max).min(1.0)
    }

    pub(crate) fn check(&self, limits: &Limits) -> Result<(), GradingError> {
        let texts = [&self.question, &self.answer]
            .into_iter()
            .chain(&self.references)
            .chain(self.rubric.iter().map(|part| &part.text))
            .chain(self.graded.iter().map(|example| &example.answer));
        if let Some(text) = texts.into_iter().find(|text| text.len() > limits.text_bytes) {
            return Err(GradingError::TooLarge(format!(
                "a text has {} bytes; the limit is {}",
                text.len(),
                limits.text_bytes
            )));
        }
        for (what, have, most) in [
            ("reference answers", self.references.len(), limits.references),
            ("rubric parts", self.rubric.len(), limits.rubric),
            ("graded answers", self.graded.len(), limits.graded),
        ] {
            if have > most {
                return Err(GradingError::TooLarge(format!("{have} {what}; the limit is {most}")));
            }
        }
        if self.max_points_hundredths < 0 || self.step_hundredths < 0 {
            return Err(GradingError::Invalid("points and step must not be negative".into()));
        }
        if self.graded.iter().any(|example| !(0.0..=1.0).contains(&example.score)) {
            return Err(GradingError::Invalid("graded scores must lie between 0 and 1".into()));
        }
        Ok(())
    }
}

/// The hash of one request from the hash of what its question shares.
pub(crate) fn input_hash(context: &[u8; 32], answer: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(context);
    digest.update(answer.as_bytes());
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_land_on_the_step_and_within_the_points() {
        let request = GradeRequest {
            max_points_hundredths: 300,
            step_hundredths: 50,
            ..Default::default()
        };
        assert_eq!(request.round_to_step(0.0), 0);
        assert_eq!(request.round_to_step(0.58), 150);
        assert_eq!(request.round_to_step(0.59), 200);
        assert_eq!(request.round_to_step(7.0), 300);
        assert_eq!(GradeRequest::default().round_to_step(1.0), 0);
    }

    #[test]
    fn all_points_can_be_had_where_the_step_does_not_divide_them() {
        let of = |max, share| {
            GradeRequest {
                max_points_hundredths: max,
                step_hundredths: 25,
                ..Default::default()
            }
            .round_to_step(share)
        };
        for max in [10, 30, 60, 110, 210, 310] {
            assert_eq!(of(max, 1.0), max);
            assert_eq!(of(max, 0.0), 0);
        }
        assert_eq!(of(110, 0.92), 100);
        assert_eq!(of(110, 0.97), 110);
        assert_eq!(of(30, 0.85), 25);
    }

    #[test]
    fn equal_requests_have_equal_hashes() {
        let request = GradeRequest {
            answer: "salt".into(),
            ..Default::default()
        };
        assert_eq!(request.input_hash(), request.clone().input_hash());
        assert_ne!(request.input_hash(), GradeRequest::default().input_hash());
    }
}

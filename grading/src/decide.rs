//! From what is known about an answer to its grade: what the teacher has decided comes first, then
//! what needs no model, then the prior moved by what was learnt; warning signs cap the confidence.

use std::sync::Arc;

use crate::adapt::{Example, Residual};
use crate::backend::dot;
use crate::guard::Verdict;
use crate::model::Head;
use crate::request::{SimilarExample, input_hash};
use crate::study::Study;
use crate::{Decision, Grade, GradeRequest, ReviewReason};

/// What the graded answers of one question teach.
pub struct Lesson {
    graded: Vec<(Arc<Study>, f32)>,
    mean: f32,
    residual: Option<Residual>,
}

impl Lesson {
    /// Graded answers with their scores (shares), in the order they were graded.
    pub fn fit(graded: Vec<(Arc<Study>, f32)>) -> Self {
        let mean = graded.iter().map(|(_, score)| score).sum::<f32>() / graded.len().max(1) as f32;
        let examples = graded
            .iter()
            .map(|(text, score)| Example {
                text: Arc::clone(text),
                prior: text.prior.as_ref().map_or(mean, |prior| prior.expected),
                score: *score,
            })
            .collect();
        Self {
            residual: Residual::fit(examples),
            mean,
            graded,
        }
    }

    /// The teacher has graded these very words (but for case, spacing and punctuation), and always alike.
    fn grade_of_same_words(&self, answer: &Study) -> Option<f32> {
        let mut same = self.graded.iter().filter(|(text, _)| text.same_words(answer));
        let (_, first) = same.next()?;
        same.all(|(_, score)| (score - first).abs() < 1e-6).then_some(*first)
    }

    fn contradicts_full_points(&self, answer: &Study) -> bool {
        self.graded
            .iter()
            .any(|(text, score)| *score < 1.0 && text.same_words(answer))
    }

    /// The three graded answers most like this one.
    fn similar(&self, answer: &Study) -> Vec<SimilarExample> {
        let mut all: Vec<SimilarExample> = self
            .graded
            .iter()
            .enumerate()
            .map(|(index, (text, score))| {
                let similarity = dot(&text.pooled, &answer.pooled);
                SimilarExample {
                    index,
                    similarity: thousandths(similarity.clamp(0.0, 1.0)),
                    score: *score,
                }
            })
            .collect();
        all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.index.cmp(&b.index)));
        all.truncate(3);
        all
    }
}

/// Grades answers of one question.
pub struct Decider<'a> {
    pub head: &'a Head,
    pub version: &'a str,
    pub accept_from: f32,
    pub lesson: &'a Lesson,
    /// Hash of everything but the answer.
    pub context: [u8; 32],
    pub max_points_hundredths: i32,
    pub step_hundredths: i32,
}

impl Decider<'_> {
    pub fn grade(&self, answer: &Study) -> Grade {
        if let Some(score) = self.lesson.grade_of_same_words(answer) {
            return self.finish(answer, score, 0.97, None);
        }
        match answer.verdict {
            Verdict::Nothing => return self.finish(answer, 0.0, 0.99, None),
            Verdict::Copy(reference) if !self.lesson.contradicts_full_points(answer) => {
                let mut grade = self.finish(answer, 1.0, 0.99, None);
                grade.evidence.matched_reference = Some(reference);
                grade.evidence.similarity = 1.0;
                grade.evidence.missing.clear();
                return grade;
            }
            _ => {}
        }
        let change = self.lesson.residual.as_ref().map(|residual| residual.predict(answer));
        let expected = match (&answer.prior, change) {
            (Some(prior), change) => prior.expected + change.map_or(0.0, |(change, _)| change),
            (None, Some((change, _))) => self.lesson.mean + change,
            (None, None) => return self.finish(answer, 0.0, 0.0, Some(ReviewReason::NoReference)),
        };
        let mut expected = expected.clamp(0.0, 1.0);
        let reason = answer.signs.reason(expected, false);
        let ceiling = match reason {
            Some(ReviewReason::RepeatsQuestion) => {
                expected = expected.min(0.25);
                0.4
            }
            Some(ReviewReason::Contradicts | ReviewReason::Suspicious) => 0.3,
            Some(_) => 0.4,
            None => 0.98,
        };
        let values = answer.prior.as_ref().and_then(|prior| prior.values.as_ref());
        let confidence = match (values, change) {
            (Some((values, opinion)), _) => {
                let (rounded, step) = (self.rounded(expected), self.scale().step_share());
                self.head.confidence(values, opinion, expected, rounded, step)
            }
            // Nothing here was calibrated for a rubric or graded answers alone: stay below accepting.
            (None, Some((_, variance))) => (1.0 - 2.0 * variance.sqrt()).clamp(0.05, 0.6),
            (None, None) => 0.4,
        };
        self.finish(answer, expected, confidence.min(ceiling), reason)
    }

    fn scale(&self) -> GradeRequest {
        GradeRequest {
            max_points_hundredths: self.max_points_hundredths,
            step_hundredths: self.step_hundredths,
            ..GradeRequest::default()
        }
    }

    /// A share on the question's step.
    fn rounded(&self, share: f32) -> f32 {
        self.scale().round_to_step(share) as f32 / self.max_points_hundredths.max(1) as f32
    }

    fn finish(&self, answer: &Study, score: f32, confidence: f32, reason: Option<ReviewReason>) -> Grade {
        // Rounded before anything is decided or stored: the last bits may differ between devices.
        let (score, confidence) = (thousandths(score), thousandths(confidence));
        let reason = reason.or((confidence < self.accept_from).then_some(ReviewReason::Unsure));
        let rounded = self.rounded(score);
        let reach = 0.75 * (1.0 - confidence);
        let mut evidence = answer.evidence.clone();
        evidence.similar = self.lesson.similar(answer);
        Grade {
            score_hundredths: self.scale().round_to_step(score),
            score,
            confidence,
            interval: [
                thousandths((rounded - reach).max(0.0)),
                thousandths((rounded + reach).min(1.0)),
            ],
            decision: if reason.is_some() {
                Decision::Review
            } else {
                Decision::Accept
            },
            reason,
            evidence,
            model: self.version.to_owned(),
            input_hash: input_hash(&self.context, &answer.prepared.text),
        }
    }
}

fn thousandths(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

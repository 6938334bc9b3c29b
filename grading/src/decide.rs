//! From what is known about an answer to its grade: what the teacher has decided comes first, then
//! what needs no model, then the prior moved by what was learnt; warning signs call a person, unless graded
//! answers of the question show that they are no news there.

mod doubt;

use crate::guard::Verdict;
use crate::lesson::{Facts, Lesson};
use crate::model::Head;
use crate::request::input_hash;
use crate::study::Study;
use crate::{Decision, Grade, GradeRequest, ReviewReason};

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

struct Guess {
    expected: f32,
    level: Option<f32>,
    confidence: f32,
}

impl Decider<'_> {
    pub fn grade(&self, answer: &Study) -> Grade {
        if let Some(score) = self.lesson.grade_of_same_words(answer) {
            // Just the points that were given, on the step or not.
            return Grade {
                score_hundredths: self.scale().hundredths(score),
                ..self.finish(answer, score, 0.99, None)
            };
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
        let step = self.scale().step_share();
        let facts = self.lesson.facts(answer, step);
        let mut guess = match (&facts, &self.head.meta) {
            (Some(facts), Some(meta)) => {
                let found = meta.judge(self.lesson, facts, step);
                Guess {
                    expected: found.expected,
                    level: Some(found.level),
                    confidence: found.confidence,
                }
            }
            _ => match self.guess(answer, facts.as_ref()) {
                Some(guess) => guess,
                None => return self.finish(answer, 0.0, 0.0, Some(ReviewReason::NoReference)),
            },
        };
        let doubt = self.doubt(answer, facts.as_ref(), guess.level, guess.expected);
        if doubt.sign == Some(ReviewReason::RepeatsQuestion) {
            guess.expected = guess.expected.min(0.25);
            guess.level = None;
        }
        let confidence = guess.confidence.min(doubt.ceiling);
        self.finish_at(answer, guess.expected, guess.level, confidence, doubt.reason)
    }

    /// What a head without a part for graded answers says; `None` when there is nothing to go by.
    fn guess(&self, answer: &Study, facts: Option<&Facts>) -> Option<Guess> {
        let prior = answer.prior.as_ref();
        let expected = facts.map(|facts| facts.moved.0).or(prior.map(|prior| prior.expected))?;
        let expected = expected.clamp(0.0, 1.0);
        let confidence = match (prior.and_then(|prior| prior.values.as_ref()), facts) {
            (Some(values), _) => {
                let (rounded, step) = (self.rounded(expected), self.scale().step_share());
                let first = prior.map_or(expected, |prior| prior.expected);
                self.head.confidence(values, first, expected, rounded, step)
            }
            // Nothing here was calibrated for a rubric or graded answers alone: stay below accepting.
            (None, Some(facts)) => (1.0 - 2.0 * facts.moved.1.sqrt()).clamp(0.05, 0.6),
            (None, None) => 0.4,
        };
        Some(Guess {
            expected,
            level: None,
            confidence,
        })
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
        self.finish_at(answer, score, None, confidence, reason)
    }

    /// `level` are the points suggested, as a share, where they are not what is expected on average.
    fn finish_at(
        &self,
        answer: &Study,
        score: f32,
        level: Option<f32>,
        confidence: f32,
        reason: Option<ReviewReason>,
    ) -> Grade {
        // Rounded before anything is decided or stored: the last bits may differ between devices.
        let (score, confidence) = (thousandths(score), thousandths(confidence));
        let reason = reason.or((confidence < self.accept_from).then_some(ReviewReason::Unsure));
        let level = level.unwrap_or(score);
        let rounded = self.rounded(level);
        let reach = 0.75 * (1.0 - confidence);
        let mut evidence = answer.evidence.clone();
        evidence.similar = self.lesson.similar(answer);
        Grade {
            score_hundredths: self.scale().round_to_step(level),
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

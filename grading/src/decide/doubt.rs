//! Warning signs: which call a person, which the graded answers of the question lift, and how sure a suggestion
//! may look beside one.

use super::Decider;
use crate::ReviewReason;
use crate::adapt::Near;
use crate::features::index;
use crate::guard;
use crate::lesson::Facts;
use crate::study::Study;

/// From this likeness on a negation, an opposite or another number is what tells two answers apart.
const NEARLY_SAME: f32 = 0.7;
/// So many graded answers show what is usual for a question.
const AT_HOME: usize = 5;

/// So many graded answers with a warning sign show what it is worth in their question.
const WITNESSES: usize = 2;
/// A smaller share of the points is hardly any.
const LOW: f32 = 0.125;

/// How sure a suggestion may look beside a warning sign. With graded answers (`level` is known then) as sure as
/// such suggestions were right for other questions, below accepting; copies of a reference, turned round, and
/// tricks are too rare to be measured and stay lower.
fn ceiling(reason: Option<ReviewReason>, level: Option<f32>, copied: bool) -> f32 {
    use ReviewReason::{Contradicts, OffTopic, OtherLanguage, RepeatsQuestion, SaysMore, Suspicious};
    match (reason, level) {
        (None, _) => 0.995,
        (Some(OffTopic), Some(level)) if level < LOW => 0.95,
        (Some(RepeatsQuestion), Some(_)) => 0.75,
        (Some(Contradicts), Some(_)) if copied => 0.7,
        (Some(Contradicts | SaysMore), Some(_)) => 0.9,
        (Some(OtherLanguage), Some(_)) => 0.5,
        (Some(Contradicts | Suspicious), _) => 0.3,
        (Some(_), _) => 0.4,
    }
}

/// Nearly letter by letter the closest reference.
fn copied(answer: &Study) -> bool {
    let values = answer.prior.as_ref().and_then(|prior| prior.values.as_ref());
    values.is_some_and(|values| values[index("trigram_cosine")] >= 0.9)
}

/// In texts of so many content words the same ones but for one or two are no chance.
const ALMOST_COPIED: usize = 6;

/// What speaks against a suggestion.
pub(super) struct Doubt {
    /// The warning sign that was found.
    pub sign: Option<ReviewReason>,
    /// Why a person must look: the sign, unless graded answers lift it.
    pub reason: Option<ReviewReason>,
    /// The most confidence that may be shown.
    pub ceiling: f32,
}

impl Decider<'_> {
    /// `level` are the points suggested, as a share, where graded answers gave them.
    pub(super) fn doubt(&self, answer: &Study, facts: Option<&Facts>, level: Option<f32>, expected: f32) -> Doubt {
        let suggested = level.unwrap_or(expected);
        let sign = self.reason(answer, facts, suggested);
        let weighs = self.head.weighs_signs;
        let lifted = |sign| weighs && facts.is_some_and(|facts| self.lifts(answer, sign, facts, suggested));
        let reason = sign.filter(|sign| !lifted(*sign));
        Doubt {
            sign,
            reason,
            ceiling: ceiling(reason, level.filter(|_| weighs), copied(answer)),
        }
    }

    /// The teacher has graded answers with this warning sign, each as suggested for this one: then the
    /// sign is no news here. Full points are suggested for an answer that seems turned round only where
    /// answers in nearly these words and turned the same way got them.
    fn lifts(&self, answer: &Study, sign: ReviewReason, facts: &Facts, level: f32) -> bool {
        let low = level < LOW;
        let alike = |at: usize, text: &Study| match sign {
            ReviewReason::OffTopic => low && text.signs.off_topic,
            ReviewReason::RepeatsQuestion => low && text.signs.repeats_question,
            ReviewReason::Contradicts => {
                facts.nearness(at).both() >= NEARLY_SAME
                    && guard::turned_alike(&text.prepared, &answer.prepared)
                    && !guard::contrary_small_words(&text.prepared, &answer.prepared)
                    && !guard::exchanged(&text.prepared, &answer.prepared)
            }
            _ => false,
        };
        let seen: Vec<f32> = (self.lesson.graded.iter().enumerate())
            .filter(|(at, (text, _))| alike(*at, text))
            .map(|(_, (_, score))| *score)
            .collect();
        seen.len() >= WITNESSES && seen.iter().all(|score| (score - level).abs() < LOW)
    }

    /// Why a person should look, whatever the confidence.
    fn reason(&self, answer: &Study, facts: Option<&Facts>, expected: f32) -> Option<ReviewReason> {
        if answer.prepared.words.is_empty() {
            return Some(ReviewReason::Unsure);
        }
        let more = || (expected >= 0.4 && self.lesson.says_more(answer)).then_some(ReviewReason::SaysMore);
        let Some(facts) = facts else {
            return answer.signs.reason(expected, false).or_else(more);
        };
        let at = facts.nearest();
        let (text, near) = (&self.lesson.graded[at].0, facts.nearness(at));
        let said = answer.signs.reason(expected, self.at_home(answer, near));
        if said.is_some() {
            return said;
        }
        let words = (&text.prepared, &answer.prepared);
        let turned = || {
            let otherwise = self.head.weighs_signs && guard::negates_otherwise(words.0, words.1);
            otherwise || guard::turned_round(words.0, words.1)
        };
        let turned = || guard::other_marks(words.0, words.1) || expected >= 0.4 && turned();
        if near.both() >= NEARLY_SAME && turned() || expected >= 0.4 && self.differs_from_graded(answer, expected) {
            return Some(ReviewReason::Contradicts);
        }
        if let Some(more) = more() {
            return Some(more);
        }
        // Beside a reference the general head has looked at the topic already.
        let stranger = near.cosine < 0.25 && near.trigrams < 0.15;
        (answer.prior.is_none() && stranger).then_some(ReviewReason::OffTopic)
    }

    /// A graded answer with the points that are suggested for this one has another word, or a contrary small one, in place of one of this,
    /// and none has them for these words.
    fn differs_from_graded(&self, answer: &Study, level: f32) -> bool {
        let as_suggested = || {
            let graded = self.lesson.graded.iter();
            graded.filter(|(_, score)| (score - level).abs() < LOW)
        };
        let said = &answer.prepared;
        let long = said.words.iter().filter(|word| word.is_content()).count() >= ALMOST_COPIED;
        as_suggested().any(|(text, _)| {
            guard::contrary_small_words(&text.prepared, said) || long && guard::exchanged(&text.prepared, said)
        }) && !as_suggested().any(|(text, _)| guard::same_content(&text.prepared, said))
    }

    /// Teachers have graded answers in this language, or one much like this.
    fn at_home(&self, answer: &Study, near: Near) -> bool {
        let graded = &self.lesson.graded;
        if graded.len() < AT_HOME {
            return false;
        }
        match answer.signs.language {
            Some(language) => {
                let same = |(text, _): &&(_, f32)| -> bool {
                    let text: &std::sync::Arc<Study> = text;
                    text.signs.language == Some(language)
                };
                2 * graded.iter().filter(same).count() >= graded.len()
            }
            None => near.cosine >= 0.6 || near.trigrams >= 0.4,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::{Encoder, FakeEncoder};
    use crate::cache::Embedded;
    use crate::features::QuestionSide;
    use crate::lesson::Lesson;
    use crate::model::Head;
    use crate::prepare::Preparer;
    use crate::study::Sides;
    use ReviewReason::{
        Contradicts, ListsKeywords, OffTopic, OtherLanguage, RepeatsQuestion, SaysMore, Suspicious, TooLong,
    };

    fn embedded(text: &str) -> Arc<Embedded> {
        let prepared = Preparer::fake().prepare(text).expect("plain text");
        let encoded = FakeEncoder.encode(&[&prepared.tokens.ids]).expect("fake").remove(0);
        Arc::new(Embedded { prepared, encoded })
    }

    fn study(head: &Head, text: &str) -> Arc<Study> {
        let question = embedded("How did you separate the salt from the water?");
        let reference = embedded("The water was evaporated, leaving the salt behind in the dish.");
        let sides = Sides {
            main: QuestionSide::new(question, vec![reference]),
            rubric: Vec::new(),
        };
        let mut study = Study::new(head, &sides, &embedded(text));
        // The stand-in for the encoder knows no topics.
        study.signs.off_topic = ["purple", "zebras", "quiet"].iter().any(|word| text.starts_with(word));
        Arc::new(study)
    }

    /// Would the graded answers lift this sign from an answer for which this is suggested?
    fn lifted(graded: &[(&str, f32)], answer: &str, sign: ReviewReason, level: f32) -> bool {
        let head = Head::shipped().expect("it was tested");
        let graded = graded.iter().map(|(text, score)| (study(&head, text), *score));
        let lesson = Lesson::fit(graded.collect());
        let decider = Decider {
            head: &head,
            version: "",
            accept_from: 0.9,
            lesson: &lesson,
            context: [0; 32],
            max_points_hundredths: 100,
            step_hundredths: 50,
        };
        let answer = study(&head, answer);
        let facts = lesson.facts(&answer, 0.5).expect("enough are graded");
        decider.lifts(&answer, sign, &facts, level)
    }

    const NOT_FILTERED: &str = "the water was evaporated and not filtered and the salt was left in the dish";
    const TURNED: [(&str, f32); 4] = [
        (
            "The water was evaporated and not filtered, the salt was left in the dish",
            1.0,
        ),
        (
            "the water evaporated, not filtered, and the salt was left in the dish",
            1.0,
        ),
        ("we stirred it with a spoon", 0.0),
        ("a magnet", 0.0),
    ];

    #[test]
    fn answers_turned_the_same_way_and_graded_as_suggested_lift_the_sign() {
        assert!(lifted(&TURNED, NOT_FILTERED, Contradicts, 1.0));
        // One is too few, another grade is another grade, and the suggestion must be theirs.
        assert!(!lifted(&TURNED[1..], NOT_FILTERED, Contradicts, 1.0));
        let mut doubted = TURNED.to_vec();
        doubted.push((
            "water was evaporated and not filtered and salt was left in the dish",
            0.5,
        ));
        assert!(!lifted(&doubted, NOT_FILTERED, Contradicts, 1.0));
        assert!(!lifted(&TURNED, NOT_FILTERED, Contradicts, 0.5));
    }

    #[test]
    fn likeness_alone_lifts_nothing() {
        for answer in [
            "the water was not evaporated and filtered and the salt was left in the dish",
            "the water was evaporated and filtered and the salt was left in the dish",
            "the water was evaporated and not filtered and no salt was left in the dish",
            "the water was evaporated and not filtered and the salt was left in 3 dishes",
            "the oil was evaporated and not filtered and the salt was left in the dish",
            "the water was evaporated or not filtered, the salt was left in the dish",
        ] {
            assert!(!lifted(&TURNED, answer, Contradicts, 1.0), "{answer}");
        }
        let same = [(NOT_FILTERED, 1.0); 4];
        for sign in [
            Suspicious,
            TooLong,
            OtherLanguage,
            ListsKeywords,
            OffTopic,
            RepeatsQuestion,
        ] {
            assert!(!lifted(&same, NOT_FILTERED, sign, 1.0), "{sign:?}");
        }
    }

    #[test]
    fn signs_of_nothing_said_are_lifted_towards_no_points_only() {
        let graded = [
            ("purple elephants dance", 0.0),
            ("zebras juggle violins", 0.0),
            ("the water was boiled away", 1.0),
            ("I separate the salt from the water", 0.0),
            ("how you separate salt and water", 0.0),
        ];
        let answers = [
            ("quiet teapots sing", OffTopic),
            ("separate salt and separate water", RepeatsQuestion),
        ];
        for (answer, sign) in answers {
            assert!(lifted(&graded, answer, sign, 0.0), "{answer}");
            assert!(!lifted(&graded, answer, sign, 0.5), "{answer}");
            let once: Vec<_> = graded
                .into_iter()
                .filter(|(text, _)| !["zebras juggle violins", "how you separate salt and water"].contains(text))
                .collect();
            assert!(!lifted(&once, answer, sign, 0.0), "{answer}");
            let mixed = graded.map(|(text, score)| (text, if text.starts_with(['z', 'h']) { 1.0 } else { score }));
            assert!(!lifted(&mixed, answer, sign, 0.0), "{answer}");
        }
    }

    #[test]
    fn beside_a_sign_no_suggestion_looks_sure_of_points() {
        for sign in [
            Contradicts,
            ListsKeywords,
            OffTopic,
            OtherLanguage,
            RepeatsQuestion,
            SaysMore,
            Suspicious,
            TooLong,
        ] {
            for copied in [false, true] {
                assert!(
                    ceiling(Some(sign), Some(1.0), copied) <= 0.9 && ceiling(Some(sign), None, copied) <= 0.4,
                    "{sign:?}"
                );
            }
        }
        assert_eq!(ceiling(Some(Contradicts), Some(1.0), true), 0.7);
        assert_eq!(ceiling(Some(Suspicious), Some(0.0), false), 0.3);
        assert_eq!(ceiling(None, Some(1.0), false), 0.995);
    }
}

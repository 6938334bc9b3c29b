//! Warning signs: answers the statistics must not decide alone, and the few that need none.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::ReviewReason;
use crate::backend::dot;
use crate::cache::Embedded;
use crate::features::{Comparison, QuestionSide, index};
use crate::prepare::Prepared;
use crate::text::{Word, foreign_language, is_hidden, telling, turns};

/// What can be said about an answer without any model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing was answered: no points, no doubt.
    Nothing,
    /// The answer is a reference answer, but for a slip of the pen and words that tell nothing.
    Copy(usize),
    /// Let the model judge.
    Judge,
}

/// Ways to say that one does not answer.
const NO_ANSWER: &[&str] = &[
    "i dont know",
    "dont know",
    "idk",
    "i do not know",
    "no idea",
    "no answer",
    "na",
    "n a",
    "no submission",
    "not submitted",
    "skip",
    "dunno",
    "i have no idea",
    "not sure",
    "im not sure",
    "i am not sure",
    "i dont understand",
    "no clue",
];

pub fn verdict(question: &QuestionSide, answer: &Embedded) -> Verdict {
    let answer = &answer.prepared;
    let mut references = question.references.iter().map(|reference| &reference.prepared);
    let copy = references.position(|reference| {
        if answer.is_blank() {
            reference.is_blank() && !answer.text.trim().is_empty() && reference.text.trim() == answer.text.trim()
        } else {
            same_content(reference, answer)
        }
    });
    match copy {
        Some(index) if suspicious(&answer.text).is_none() => Verdict::Copy(index),
        None if answer.is_blank() || says_nothing(answer) => Verdict::Nothing,
        _ => Verdict::Judge,
    }
}

fn says_nothing(answer: &Prepared) -> bool {
    // "Na" is sodium.
    if answer.words.len() > 6 || answer.text.trim() == "Na" {
        return false;
    }
    let lower = |word: &Word| -> String {
        let letters = raw(answer, word).chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let said: Vec<String> = answer.words.iter().map(lower).collect();
    NO_ANSWER.contains(&said.join(" ").as_str())
}

/// The same content words in the same order, the same negations, opposites, numbers, signs and telling function
/// words; one slip of the pen is forgiven.
pub fn same_content(reference: &Prepared, answer: &Prepared) -> bool {
    if reference.marks != answer.marks || told(reference) != told(answer) {
        return false;
    }
    let (r, a) = (content(reference), content(answer));
    let (r_all, a_all) = (&reference.words, &answer.words);
    if r.is_empty() {
        // Only function words ("on", "it is"): then they are the content.
        return r_all.len() == a_all.len() && r_all.iter().zip(a_all).all(|(x, y)| x.stem == y.stem);
    }
    let differing: Vec<(&Word, &Word)> = r
        .iter()
        .copied()
        .zip(a.iter().copied())
        .filter(|(x, y)| x.stem != y.stem)
        .collect();
    // Another word that the encoder knows (causal, casual) is no slip.
    let slip = |(x, y): (&Word, &Word)| is_slip(raw(reference, x), raw(answer, y)) && !answer.knows(y);
    r.len() == a.len()
        && (differing.is_empty() || differing.len() == 1 && slip(differing[0]))
        && reference.polarity.negations == answer.polarity.negations
        && reference.polarity.opposites(&answer.polarity) == 0
}

fn content(text: &Prepared) -> Vec<&Word> {
    text.words.iter().filter(|word| word.is_content()).collect()
}

fn told(text: &Prepared) -> Vec<(usize, &'static str)> {
    telling(&text.text, &text.words)
}

fn raw<'a>(text: &'a Prepared, word: &Word) -> &'a str {
    &text.text[word.start..word.end]
}

/// One letter too many, too few, or two neighbours swapped, in a long word, after its first letter.
/// Another letter in place of one is no slip: sulfate and sulfite, alkane and alkene.
fn is_slip(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 6 || short[0] != long[0] || !short.iter().chain(long).all(|c| c.is_alphabetic()) {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => {
            same + 1 < short.len()
                && short[same] == long[same + 1]
                && short[same + 1] == long[same]
                && short[same + 2..] == long[same + 2..]
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

/// Markup, hidden or look-alike characters, or words meant for the grader.
pub fn suspicious(text: &str) -> Option<ReviewReason> {
    let hidden = text.chars().filter(|c| is_hidden(*c)).count();
    let bytes = text.as_bytes();
    let markup = bytes
        .windows(2)
        .any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || matches!(pair[1], b'/' | b'!')))
        && text.contains('>');
    let lower = text.to_lowercase();
    const ORDERS: &[&str] = &[
        "ignore previous",
        "ignore all",
        "previous instructions",
        "full marks",
        "full points",
        "full credit",
        "maximum score",
        "give me points",
        "give this answer",
        "you are a grader",
        "as the grader",
        "system prompt",
        "grade this",
        "dear grader",
        "correct answer:",
        "score:",
    ];
    let orders = ORDERS.iter().any(|order| lower.contains(order));
    (hidden > 0 || markup || orders || mixes_scripts(text)).then_some(ReviewReason::Suspicious)
}

/// A word of both Latin and Cyrillic, wide or Greek letters: look-alikes (but "μmol" and "Δx" are fine).
fn mixes_scripts(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        let count = |which: fn(&char) -> bool| word.chars().filter(which).count();
        let latin = count(char::is_ascii_alphabetic);
        let look_alike = count(|c| matches!(c, '\u{400}'..='\u{52f}' | '\u{ff21}'..='\u{ff5a}'));
        // A Greek letter before Latin ones is a prefix or a name in a formula.
        let greek = word
            .chars()
            .skip(1)
            .filter(|c| matches!(c, '\u{370}'..='\u{3ff}'))
            .count();
        latin > 0 && (look_alike > 0 || greek > 0 && latin + greek > 3)
    })
}

/// Words that take back what was said.
const RETRACTIONS: &[&str] = &[
    "other way round",
    "other way around",
    "opposite is true",
    "opposite is the case",
    "made it up",
    "made that up",
    "just kidding",
    "or maybe",
    "none of this is true",
    "is not true",
];

fn takes_back(references: &[&Prepared], answer: &Prepared) -> bool {
    let lower = answer.text.to_lowercase();
    let mut phrases = RETRACTIONS.iter().filter(|phrase| lower.contains(**phrase));
    phrases.any(|phrase| references.iter().all(|text| !text.text.to_lowercase().contains(phrase)))
}

/// Warning signs of an answer, found without any score.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Signs {
    pub suspicious: bool,
    pub truncated: bool,
    /// The answer's language, when it is clearly not English.
    #[serde(skip)]
    pub language: Option<&'static str>,
    pub reference_foreign: bool,
    pub repeats_question: bool,
    pub turned_round: bool,
    pub keywords: bool,
    /// Close to neither the question nor a reference.
    pub off_topic: bool,
}

pub fn signs(question: &QuestionSide, answer: &Embedded, comparison: Option<&Comparison>) -> Signs {
    let prepared = &answer.prepared;
    let mut signs = Signs {
        suspicious: suspicious(&prepared.text).is_some(),
        truncated: prepared.tokens.truncated,
        language: foreign_language(&prepared.text, &prepared.words),
        ..Signs::default()
    };
    let Some(comparison) = comparison else {
        signs.repeats_question = repeats_only(question, answer);
        return signs;
    };
    let value = |name: &str| comparison.values[index(name)];
    let reference = &question.references[comparison.reference];
    let references: Vec<&Prepared> = question
        .references
        .iter()
        .map(|reference| &reference.prepared)
        .collect();
    let to_question = dot(&question.question.encoded.pooled, &answer.encoded.pooled);
    signs.repeats_question = repeats_question(question, reference, answer, value("new_word_recall"));
    signs.turned_round = value("word_recall") >= 0.5 && turned_round(&reference.prepared, &answer.prepared)
        || takes_back(&references, prepared)
        || references
            .iter()
            .any(|reference| other_marks(reference, prepared) || other_small_words(reference, prepared));
    signs.keywords = lists_keywords(reference, answer);
    signs.reference_foreign = foreign_language(&reference.prepared.text, &reference.prepared.words).is_some();
    let wordless = references.iter().all(|reference| reference.words.is_empty());
    signs.off_topic = wordless || value("best_cosine") < 0.18 && to_question < 0.18 && value("word_recall") < 0.1;
    signs
}

impl Signs {
    /// Why a person should look, the most telling reason first. `expected` is the model's score;
    /// `at_home` says that teachers have graded answers like this one to this question, in its
    /// language: then language and topic are no reason.
    pub fn reason(&self, expected: f32, at_home: bool) -> Option<ReviewReason> {
        if self.suspicious {
            Some(ReviewReason::Suspicious)
        } else if self.truncated {
            Some(ReviewReason::TooLong)
        } else if self.language.is_some() && !at_home {
            Some(ReviewReason::OtherLanguage)
        } else if self.repeats_question {
            Some(ReviewReason::RepeatsQuestion)
        } else if self.turned_round && expected >= 0.4 {
            Some(ReviewReason::Contradicts)
        } else if self.keywords && expected > 0.3 {
            Some(ReviewReason::ListsKeywords)
        } else if self.reference_foreign && !at_home {
            Some(ReviewReason::OtherLanguage)
        } else if self.off_topic && !at_home {
            Some(ReviewReason::OffTopic)
        } else {
            None
        }
    }
}

/// Without a reference: hardly a word that is not the question's, and most of the question said.
fn repeats_only(question: &QuestionSide, answer: &Embedded) -> bool {
    let stems = |text: &Embedded| -> HashSet<String> {
        let words = text.prepared.words.iter().filter(|word| word.is_content());
        words.map(|word| word.stem.clone()).collect()
    };
    let (said, asked) = (stems(answer), stems(&question.question));
    let borrowed = said.intersection(&asked).count();
    said.len() >= 4 && borrowed * 10 >= said.len() * 9 && borrowed * 10 >= asked.len() * 7
}

/// The same numbers and marks, the same words with an opposite, the same words negated.
pub fn turned_alike(a: &Prepared, b: &Prepared) -> bool {
    let marks = |text: &Prepared| text.marks.iter().map(|(_, mark)| *mark).collect::<String>();
    marks(a) == marks(b) && turns(&a.text, &a.words) == turns(&b.text, &b.words)
}

/// The same content words in the same order, and other marks: "x < 5" and "x > 5".
pub fn other_marks(a: &Prepared, b: &Prepared) -> bool {
    a.marks != b.marks && same_stems(a, b)
}

/// The same content words in the same order, and other small words that tell something: "all metals", "some metals".
fn other_small_words(a: &Prepared, b: &Prepared) -> bool {
    told(a) != told(b) && same_stems(a, b)
}

fn same_stems(a: &Prepared, b: &Prepared) -> bool {
    stems(a) == stems(b)
}

fn stems(text: &Prepared) -> Vec<&str> {
    content(text).iter().map(|word| word.stem.as_str()).collect()
}

/// The same content words in another order: who does what to whom may have changed.
fn reordered(a: &Prepared, b: &Prepared) -> bool {
    let (mut a, mut b) = (stems(a), stems(b));
    if a.len() < 2 || a.len() != b.len() || a == b {
        return false;
    }
    a.sort_unstable();
    b.sort_unstable();
    a == b
}

/// Both negate something, and nothing in common: "evaporated, not filtered" and "not evaporated, filtered".
pub fn negates_otherwise(a: &Prepared, b: &Prepared) -> bool {
    let negated = |text: &Prepared| -> HashSet<String> {
        let turns = turns(&text.text, &text.words).into_iter();
        turns.filter(|turn| turn.starts_with("not ")).collect()
    };
    let (a, b) = (negated(a), negated(b));
    !a.is_empty() && !b.is_empty() && a.is_disjoint(&b)
}

/// Nearly all content words come from the question although the reference has words of its own.
fn repeats_question(question: &QuestionSide, reference: &Embedded, answer: &Embedded, new_word_recall: f32) -> bool {
    let stems: HashSet<&str> = answer
        .prepared
        .words
        .iter()
        .filter(|word| word.is_content())
        .map(|word| word.stem.as_str())
        .collect();
    let borrowed = stems.iter().filter(|stem| question.stems.contains(**stem)).count();
    let own = reference
        .prepared
        .words
        .iter()
        .filter(|word| word.is_content() && !question.stems.contains(&word.stem))
        .count();
    stems.len() >= 3 && borrowed * 10 >= stems.len() * 8 && own >= 1 && new_word_recall < 0.34
}

/// Another number of negations, an opposite, opposites exchanged, the same words in another order, or other numbers.
pub fn turned_round(reference: &Prepared, answer: &Prepared) -> bool {
    let (r, a) = (&reference.polarity, &answer.polarity);
    let negated = r.negations % 2 != a.negations % 2;
    let numbers = |text: &Prepared| -> HashSet<String> {
        let words = text.words.iter().filter(|word| word.number);
        words.map(|word| word.stem.clone()).collect()
    };
    let (in_reference, in_answer) = (numbers(reference), numbers(answer));
    let other_numbers = !in_reference.is_subset(&in_answer) && !in_answer.is_subset(&in_reference);
    negated || r.opposites(a) > 0 || r.crosses(a) || reordered(reference, answer) || other_numbers
}

/// Many content words, hardly anything that ties them together.
fn lists_keywords(reference: &Embedded, answer: &Embedded) -> bool {
    let tied = |text: &Embedded| {
        let words = &text.prepared.words;
        let function = words.iter().filter(|word| word.function).count();
        function as f32 / words.len().max(1) as f32
    };
    answer.prepared.words.len() >= 6 && tied(answer) < 0.08 && tied(reference) > 0.2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_not_other_words() {
        for (a, b) in [
            ("leaving", "leavng"),
            ("sunlight", "sunlihgt"),
            ("evaporated", "evapporated"),
        ] {
            assert!(is_slip(a, b) && is_slip(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("sulfate", "sulfite"),
            ("alkane", "alkene"),
            ("mitosis", "meiosis"),
            ("hypotonic", "hypertonic"),
            ("endoderm", "ectoderm"),
            ("ethanol", "methanol"),
            ("inhale", "exhale"),
            ("same", "sames"),
        ] {
            assert!(!is_slip(a, b) && !is_slip(b, a), "{a} {b}");
        }
    }

    #[test]
    fn what_is_negated_counts_and_not_only_how_often() {
        let read = |text: &str| crate::prepare::Preparer::fake().prepare(text).expect("plain text");
        let right = read("The water was evaporated, not filtered.");
        let swapped = read("The water was not evaporated, filtered.");
        assert!(negates_otherwise(&right, &swapped));
        for other in [
            "We did not filter the water, it evaporated.",
            "The water was evaporated.",
        ] {
            assert!(!negates_otherwise(&right, &read(other)), "{other}");
        }
        assert!(turned_alike(&right, &read("not filtering but evaporation")));
        assert!(!turned_alike(&right, &swapped) && !turned_alike(&right, &read("evaporated")));
    }

    #[test]
    fn tricks_are_seen_and_science_is_not_a_trick() {
        for text in [
            "<b>x</b>",
            "ignore previous instructions",
            "s\u{430}lt water",
            "a\u{200b}b",
        ] {
            assert!(suspicious(text).is_some(), "{text}");
        }
        for text in ["x < 3 and y > 4", "2 μm and Δx", "a naïve café", "the β-cells", "i<j"] {
            assert!(suspicious(text).is_none(), "{text}");
        }
    }
}

//! Warning signs: answers the statistics must not decide alone, and the few that need none.
//!
//! `beside` what one text says differently from another.

mod beside;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use self::beside::other_small_words;
pub use self::beside::{
    contrary_small_words, exchanged, holds, negates_otherwise, other_marks, same_content, turned_alike, turned_round,
};
use crate::ReviewReason;
use crate::backend::dot;
use crate::cache::Embedded;
use crate::features::{Comparison, QuestionSide, index};
use crate::prepare::Prepared;
use crate::text::{Word, foreign_language, is_hidden};

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
        let letters = answer.text[word.start..word.end]
            .chars()
            .filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let said: Vec<String> = answer.words.iter().map(lower).collect();
    NO_ANSWER.contains(&said.join(" ").as_str())
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
#[serde(default)]
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
    /// Only that there is none, where a reference says so, too, or that it is zero.
    pub only_none: bool,
    /// All content words of a reference are said.
    pub whole: bool,
    /// Stems of the content words that neither the question nor a reference has.
    pub new: Vec<String>,
}

/// So many words that nothing at hand can judge, beside all words of a right answer, are a matter for a person.
pub const MORE: usize = 2;

pub fn signs(question: &QuestionSide, answer: &Embedded, comparison: Option<&Comparison>) -> Signs {
    let prepared = &answer.prepared;
    let mut signs = Signs {
        suspicious: suspicious(&prepared.text).is_some(),
        truncated: prepared.tokens.truncated,
        language: foreign_language(&prepared.text, &prepared.words),
        ..Signs::default()
    };
    let references: Vec<&Prepared> = question
        .references
        .iter()
        .map(|reference| &reference.prepared)
        .collect();
    signs.new = new_words(question, &references, prepared);
    let Some(comparison) = comparison else {
        signs.repeats_question = repeats_only(question, answer);
        return signs;
    };
    let value = |name: &str| comparison.values[index(name)];
    let reference = &question.references[comparison.reference];
    let to_question = dot(&question.question.encoded.pooled, &answer.encoded.pooled);
    signs.repeats_question = repeats_question(question, reference, answer, value("new_word_recall"));
    signs.turned_round = value("word_recall") >= 0.5 && turned_round(&reference.prepared, &answer.prepared)
        || takes_back(&references, prepared)
        || references.iter().any(|reference| {
            other_marks(reference, prepared) || other_small_words(reference, prepared) || exchanged(reference, prepared)
        });
    signs.only_none = only_none(&references, prepared);
    signs.whole = references.iter().any(|reference| holds(reference, prepared));
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
        } else if self.only_none {
            Some(ReviewReason::Unsure)
        } else if self.reference_foreign && !at_home {
            Some(ReviewReason::OtherLanguage)
        } else if self.off_topic && !at_home {
            Some(ReviewReason::OffTopic)
        } else {
            None
        }
    }
}

fn only_none(references: &[&Prepared], answer: &Prepared) -> bool {
    let none = |text: &Prepared| text.polarity.negations > 0 || text.words.iter().any(|word| word.stem == "0");
    let content = answer.words.iter().filter(|word| word.is_content()).count();
    content == 1 && none(answer) && references.iter().any(|reference| none(reference))
}

fn new_words(question: &QuestionSide, references: &[&Prepared], answer: &Prepared) -> Vec<String> {
    let known: HashSet<&str> = (references.iter())
        .flat_map(|text| text.words.iter().map(|word| word.stem.as_str()))
        .chain(question.stems.iter().map(String::as_str))
        .collect();
    let mut new: Vec<String> = (answer.words.iter())
        .filter(|word| word.is_content() && !known.contains(word.stem.as_str()))
        .map(|word| word.stem.clone())
        .collect();
    new.sort_unstable();
    new.dedup();
    new
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

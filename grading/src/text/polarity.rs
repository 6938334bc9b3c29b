//! What turns a text round: negations, opposites, and what is negated.

use std::collections::{BTreeSet, HashSet};

use super::{Word, lower_words};

const NEGATION: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "nor",
    "neither",
    "without",
    "cannot",
    "cant",
    "dont",
    "doesnt",
    "didnt",
    "isnt",
    "arent",
    "wasnt",
    "werent",
    "wont",
    "wouldnt",
    "couldnt",
    "shouldnt",
    "hasnt",
    "havent",
    "hadnt",
    "nothing",
    "nobody",
    "nowhere",
    "hardly",
    "false",
    "incorrect",
    "wrong",
    "untrue",
    "unable",
    "fails",
];

/// Words that turn a sentence into its opposite when one is swapped for the other.
const OPPOSITE: &[(&str, &str)] = &[
    ("more", "less"),
    ("more", "fewer"),
    ("most", "least"),
    ("higher", "lower"),
    ("high", "low"),
    ("increase", "decrease"),
    ("increases", "decreases"),
    ("increased", "decreased"),
    ("increase", "reduce"),
    ("increases", "reduces"),
    ("rise", "fall"),
    ("rises", "falls"),
    ("up", "down"),
    ("above", "below"),
    ("before", "after"),
    ("faster", "slower"),
    ("fast", "slow"),
    ("longer", "shorter"),
    ("long", "short"),
    ("larger", "smaller"),
    ("bigger", "smaller"),
    ("big", "small"),
    ("large", "small"),
    ("hot", "cold"),
    ("hotter", "colder"),
    ("warmer", "cooler"),
    ("open", "closed"),
    ("opened", "closed"),
    ("same", "different"),
    ("positive", "negative"),
    ("connected", "disconnected"),
    ("connected", "separated"),
    ("complete", "incomplete"),
    ("on", "off"),
    ("always", "never"),
    ("true", "false"),
    ("hard", "soft"),
    ("harder", "softer"),
    ("heavy", "light"),
    ("heavier", "lighter"),
    ("wet", "dry"),
    ("strong", "weak"),
    ("stronger", "weaker"),
    ("solid", "liquid"),
    ("liquid", "gas"),
    ("absorb", "release"),
    ("absorbs", "releases"),
    ("gain", "lose"),
    ("gains", "loses"),
    ("attract", "repel"),
    ("attracts", "repels"),
    ("first", "last"),
    ("inside", "outside"),
    ("internal", "external"),
    ("left", "right"),
    ("expand", "contract"),
    ("expands", "contracts"),
    ("maximum", "minimum"),
    ("all", "none"),
    ("with", "without"),
    ("start", "end"),
    ("old", "new"),
    ("early", "late"),
    ("earlier", "later"),
    ("thick", "thin"),
    ("thicker", "thinner"),
    ("deep", "shallow"),
    ("near", "far"),
    ("closer", "farther"),
    ("sharp", "dull"),
    ("alive", "dead"),
    ("in", "out"),
    ("dissolves", "precipitates"),
    ("acid", "base"),
    ("acidic", "alkaline"),
    ("north", "south"),
    ("east", "west"),
    ("convex", "concave"),
    ("public", "private"),
    ("static", "dynamic"),
    ("sender", "receiver"),
    ("input", "output"),
    ("encrypt", "decrypt"),
    ("push", "pop"),
];

/// What a text says about direction: how often it negates, and which opposites it names, in which order.
#[derive(Clone, Debug, Default)]
pub struct Polarity {
    pub negations: usize,
    words: HashSet<String>,
    /// Words that have an opposite, as they come.
    paired: Vec<String>,
}

pub fn polarity(text: &str, words: &[Word]) -> Polarity {
    let lower: Vec<String> = lower_words(text, words).collect();
    Polarity {
        negations: (0..lower.len()).filter(|at| negates_at(&lower, *at)).count(),
        paired: lower.iter().filter(|word| is_paired(word)).cloned().collect(),
        words: lower.into_iter().collect(),
    }
}

fn is_paired(word: &str) -> bool {
    OPPOSITE.iter().any(|(x, y)| *x == word || *y == word)
}

/// "not only" does not negate.
fn negates_at(lower: &[String], at: usize) -> bool {
    NEGATION.contains(&lower[at].as_str())
        && !(lower[at] == "not" && lower.get(at + 1).is_some_and(|next| next == "only"))
}

/// What gives a text its direction: its numbers, its words that have an opposite, and the word after each
/// negation. Texts in which all of this is the same are not turned round against each other.
pub fn turns(text: &str, words: &[Word]) -> Vec<String> {
    let lower: Vec<String> = lower_words(text, words).collect();
    let said = lower
        .iter()
        .zip(words)
        .filter(|(lower, word)| word.number || is_paired(lower));
    let said: BTreeSet<&str> = said
        .map(|(lower, word)| if word.number { &word.stem } else { lower }.as_str())
        .collect();
    let mut turns: Vec<String> = said.into_iter().map(str::to_owned).collect();
    let negated = (0..lower.len()).filter(|at| negates_at(&lower, *at)).map(|at| {
        let after = (at + 1..lower.len()).find(|next| words[*next].is_content() && !negates_at(&lower, *next));
        format!("not {}", after.map_or("", |next| words[next].stem.as_str()))
    });
    let said = turns.len();
    turns.extend(negated);
    turns[said..].sort_unstable();
    turns
}

impl Polarity {
    /// Both texts name both words of a pair, and one the other way round: "the more …, the less …". Where two pairs are turned
    /// round together, the halves of the sentence have changed places and it says the same.
    pub fn crosses(&self, other: &Self) -> bool {
        let order = |text: &Self, x: &str, y: &str| -> Vec<bool> {
            let named = text.paired.iter().filter(|word| *word == x || *word == y);
            named.map(|word| word == x).collect()
        };
        let crossed = OPPOSITE.iter().filter(|(x, y)| {
            let (a, b) = (order(self, x, y), order(other, x, y));
            let both = |order: &[bool]| order.contains(&true) && order.contains(&false);
            both(&a) && both(&b) && a.len() == b.len() && a != b
        });
        crossed.count() % 2 == 1
    }

    /// Pairs where one text says a word and the other only its opposite.
    pub fn opposites(&self, other: &Self) -> usize {
        let only = |a: &Self, b: &Self, x: &str, y: &str| {
            a.words.contains(x) && !b.words.contains(x) && b.words.contains(y) && !a.words.contains(y)
        };
        OPPOSITE
            .iter()
            .filter(|(x, y)| only(self, other, x, y) || only(self, other, y, x))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    #[test]
    fn opposites_and_negations_are_seen() {
        let read = |text: &str| polarity(text, &words(text));
        assert_eq!(read("it does not, and never did").negations, 2);
        assert_eq!(read("not only that").negations, 0);
        assert_eq!(read("the volume increases").opposites(&read("the volume decreases")), 1);
        assert_eq!(read("hot and cold").opposites(&read("cold")), 0);
        let right = read("the more blocks it carries, the less far it goes");
        assert!(right.crosses(&read("the less blocks it carries, the more far it goes")));
        assert!(!right.crosses(&right) && !right.crosses(&read("the more the better")));
        let strings = read("a longer string swings less, a shorter string more");
        assert!(!strings.crosses(&read("a shorter string swings more, a longer string less")));
    }

    #[test]
    fn what_is_negated_tells_texts_of_as_many_negations_apart() {
        let of = |text: &str| turns(text, &words(text));
        let filtered = of("The 2 salts were evaporated, not filtered, at a high heat.");
        assert_eq!(filtered, ["2", "high", "not filter"]);
        assert_eq!(filtered, of("not by filtering but at high heat, both of the 2 salts"));
        for other in [
            "The 2 salts were not evaporated, filtered, at a high heat.",
            "The 3 salts were evaporated, not filtered, at a high heat.",
            "The 2 salts were evaporated, not filtered, at a low heat.",
            "The 2 salts were evaporated, not not filtered, at a high heat.",
            "The 2 salts were evaporated, filtered, at a high heat.",
        ] {
            assert_ne!(of(other), filtered, "{other}");
        }
        assert!(of("not only the salt").is_empty() && of("").is_empty());
    }
}

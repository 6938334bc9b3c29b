//! Small words that tell something: of how many, how surely, which way, why.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::{Word, lower_words};

/// Function words that change what a sentence claims all the same: of how many, how surely, which way, why.
const TELLING: &[&str] = &[
    "all", "any", "both", "each", "only", "some", "other", "must", "may", "might", "can", "could", "should", "would",
    "from", "to", "into", "in", "out", "on", "up", "by", "for", "with", "after", "if", "than", "or", "because",
    "cause", "so", "while",
];

/// The telling function words of a text, each with the number of content words before it; a "because" or "so" at the
/// beginning tells nothing.
pub fn telling(text: &str, words: &[Word]) -> Vec<(usize, &'static str)> {
    let mut content_before = 0;
    let mut found = Vec::new();
    for (at, (lower, word)) in lower_words(text, words).zip(words).enumerate() {
        let told = TELLING.iter().find(|known| **known == lower);
        let begins = at == 0 && matches!(lower.as_str(), "because" | "cause" | "so");
        found.extend(told.filter(|_| !begins).map(|told| (content_before, *told)));
        content_before += usize::from(word.is_content());
    }
    found
}

/// Small words of which one says another thing in place of the other.
const CONTRARY: &[(&str, &str)] = &[
    ("all", "some"),
    ("all", "few"),
    ("every", "some"),
    ("many", "few"),
    ("both", "one"),
    ("always", "sometimes"),
    ("from", "to"),
    ("from", "into"),
    ("into", "out"),
    ("toward", "away"),
    ("towards", "away"),
    ("must", "may"),
    ("must", "might"),
    ("must", "can"),
    ("because", "so"),
    ("because", "therefore"),
    ("if", "unless"),
    ("while", "after"),
    ("while", "before"),
    ("until", "after"),
    ("and", "or"),
    ("only", "also"),
];

/// The words of a text that have a contrary one, as they come.
pub fn small_words(text: &str, words: &[Word]) -> Vec<&'static str> {
    let known = |word: String| CONTRARY.iter().flat_map(|(x, y)| [*x, *y]).find(|known| *known == word);
    lower_words(text, words).filter_map(known).collect()
}

/// By its stem, is the word one of those that have a contrary one?
pub fn is_small(stem: &str) -> bool {
    static STEMS: OnceLock<HashSet<String>> = OnceLock::new();
    let all = || {
        CONTRARY
            .iter()
            .flat_map(|(x, y)| [super::stem(x), super::stem(y)])
            .collect()
    };
    STEMS.get_or_init(all).contains(stem)
}

/// As many words of a pair among the small words of both texts, and not the same ones or in another order: "all metals" and "some
/// metals", "from A to B" and "to A from B".
pub fn contrary(a: &[&str], b: &[&str]) -> bool {
    let of = |words: &[&str], (x, y): (&str, &str)| -> Vec<bool> {
        let named = words.iter().filter(|word| **word == x || **word == y);
        named.map(|word| *word == x).collect()
    };
    CONTRARY.iter().any(|pair| {
        let (a, b) = (of(a, *pair), of(b, *pair));
        a.len() == b.len() && a != b
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    #[test]
    fn small_words_that_say_another_thing_are_seen() {
        let small = |text: &str| small_words(text, &words(text));
        let differ = |a: &str, b: &str| contrary(&small(a), &small(b));
        for (x, y) in CONTRARY {
            let (a, b) = (format!("Heat it {x} the rest"), format!("Heat it {y} the rest"));
            assert!(differ(&a, &b) && differ(&b, &a), "{a} / {b}");
            assert!(!differ(&a, &a), "{a}");
            let word = |text: &str| words(text).remove(2).stem;
            assert!(is_small(&word(&a)) && is_small(&word(&b)), "{a} / {b}");
        }
        assert!(differ("it flows from A to B", "it flows to A from B"));
        // A small word more says more, not the contrary.
        assert!(!differ("metals conduct", "all metals conduct") && !differ("it flows", "it flows from A to B"));
    }

    #[test]
    fn telling_words_have_their_place() {
        let of = |text: &str| telling(text, &words(text));
        assert_eq!(of("Because all metals conduct, because"), [(0, "all"), (2, "because")]);
    }
}

//! Small words that tell something: of how many, how surely, which way, why.

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
    let content_before = |at: usize| words[..at].iter().filter(|word| word.is_content()).count();
    lower_words(text, words)
        .enumerate()
        .filter(|(at, word)| *at > 0 || !matches!(word.as_str(), "because" | "cause" | "so"))
        .filter_map(|(at, word)| Some((content_before(at), *TELLING.iter().find(|known| **known == word)?)))
        .collect()
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

/// As many words of a pair in both texts, and not the same ones or in another order: "all metals" and "some metals", "from A to B"
/// and "to A from B".
pub fn contrary(a: (&str, &[Word]), b: (&str, &[Word])) -> bool {
    let lower = |(text, words): (&str, &[Word])| -> Vec<String> { lower_words(text, words).collect() };
    let (a, b) = (lower(a), lower(b));
    let of = |words: &[String], (x, y): (&str, &str)| -> Vec<bool> {
        let named = words.iter().filter(|word| *word == x || *word == y);
        named.map(|word| word == x).collect()
    };
    CONTRARY.iter().any(|pair| {
        let (a, b) = (of(&a, *pair), of(&b, *pair));
        a.len() == b.len() && a != b
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    #[test]
    fn small_words_that_say_another_thing_are_seen() {
        let differ = |a: &str, b: &str| contrary((a, &words(a)), (b, &words(b)));
        for (a, b) in [
            ("all metals conduct", "some metals conduct"),
            ("it flows from A to B", "it flows to A from B"),
            ("it melts because it is hot", "it melts, so it is hot"),
            ("the water and the salt", "the water or the salt"),
        ] {
            assert!(differ(a, b) && differ(b, a), "{a} / {b}");
            assert!(!differ(a, a) && !differ(b, b), "{a} / {b}");
        }
        // A small word more says more, not the contrary.
        assert!(!differ("metals conduct", "all metals conduct") && !differ("it flows", "it flows from A to B"));
    }
}

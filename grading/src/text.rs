//! Words of a text as a grader sees them: function words, numbers, misspellings.
//!
//! `stem` what changes form but not meaning · `marks` signs that are no words · `small` function words that tell something · `polarity` negations and opposites · `language` texts that are not English ·
//! `trigrams` likeness of spelling.
//!
//! Plain code on plain strings; English word lists. Nothing here knows tensors or scores.

mod language;
mod marks;
mod polarity;
mod small;
mod stem;
mod trigrams;

use std::collections::HashSet;

pub use self::language::foreign_language;
pub use self::marks::{Mark, marks};
pub use self::polarity::{Polarity, polarity, turns};
pub use self::small::{contrary, is_small, small_words, telling};
pub use self::stem::stem;
pub use self::trigrams::{Trigrams, trigram_cosine, trigrams};

/// One word: where it is (bytes), its stem, and what kind of word it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub start: usize,
    pub end: usize,
    pub stem: String,
    /// Carries little meaning by itself ("the", "of", "is").
    pub function: bool,
    pub number: bool,
}

impl Word {
    pub fn is_content(&self) -> bool {
        !self.function
    }
}

const FUNCTION: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "being", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "each", "for", "from", "get", "gets",
    "got", "had", "has", "have", "having", "he", "her", "here", "him", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "itself", "just", "let", "may", "me", "might", "must", "my", "of", "on", "only", "or", "other", "our",
    "out", "own", "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "too", "very", "was", "we", "were", "what", "when", "where",
    "which", "while", "who", "whom", "why", "will", "with", "would", "you", "your", "cuz", "cause", "im", "ive", "u",
    "up", "thing", "things", "really", "well",
];

fn function_words() -> &'static HashSet<&'static str> {
    static SET: std::sync::OnceLock<HashSet<&'static str>> = std::sync::OnceLock::new();
    SET.get_or_init(|| FUNCTION.iter().copied().collect())
}

/// Cuts a text into words; apostrophes inside words are dropped ("don't" → "dont"), decimals kept.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current: Option<(usize, usize, String)> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_word = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let in_number = current
            .as_ref()
            .is_some_and(|(_, _, word)| word.chars().last().is_some_and(|c| c.is_ascii_digit()));
        if c.is_alphanumeric() {
            let (_, end, word) = current.get_or_insert((at, at, String::new()));
            *end = at + c.len_utf8();
            word.extend(c.to_lowercase());
        } else if is_hidden(c) || (matches!(c, '\'' | '’') && current.is_some() && next_is_word) {
            // Inside a word: not part of it, but not its end either.
        } else if matches!(c, '.' | ',') && in_number && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit()) {
            if let Some((_, _, word)) = &mut current {
                word.push('.');
            }
        } else if let Some(done) = current.take() {
            words.push(word(done));
        }
    }
    words.extend(current.map(word));
    words
}

fn word((start, end, lower): (usize, usize, String)) -> Word {
    let number = lower.chars().next().is_some_and(|c| c.is_ascii_digit()) || number_value(&lower).is_some();
    let function = function_words().contains(lower.as_str());
    let stem = if number {
        number_value(&lower).map_or(lower, str::to_owned)
    } else {
        stem(&lower)
    };
    Word {
        start,
        end,
        stem,
        function,
        number,
    }
}

/// "three" and "3" are the same number; "one" is left alone, it mostly means "somebody".
fn number_value(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" => "0",
        "two" | "twice" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "hundred" => "100",
        "thousand" => "1000",
        _ => return None,
    })
}

/// Characters that are not seen: zero-width spaces and joiners, direction marks, soft hyphens.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn lower_words(text: &str, words: &[Word]) -> impl Iterator<Item = String> {
    words
        .iter()
        .map(|word| {
            text[word.start..word.end]
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        })
        .collect::<Vec<String>>()
        .into_iter()
}

/// May `a` be a misspelling of `b`? One edit (two from eight letters on), same first letter.
pub fn same_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = a.len().max(b.len());
    let allowed = match longest {
        0..=4 => return false,
        5..=7 => 1,
        _ => 2,
    };
    if a.first() != b.first() || a.len().abs_diff(b.len()) > allowed {
        return false;
    }
    edit_distance(&a, &b) <= allowed
}

fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.stem).collect()
    }

    #[test]
    fn words_keep_decimals_and_join_contractions() {
        assert_eq!(stems("It's 1.5 V, don't stop."), ["its", "1.5", "v", "dont", "stop"]);
        assert_eq!(stems("sa\u{200b}lt"), ["salt"]);
        let found = words("Ölstand: drei");
        assert_eq!(&"Ölstand: drei"[found[0].start..found[0].end], "Ölstand");
    }

    #[test]
    fn misspellings() {
        assert!(same_word("evaperates", "evaporates"));
        assert!(!same_word("salt", "malt"));
        assert!(!same_word("inhale", "exhale"));
    }
}

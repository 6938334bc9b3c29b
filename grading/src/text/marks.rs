//! Signs that are no words and yet tell texts apart: "−2" and "2", "x < 5" and "x > 5", "Na+" and "Na-"; and the letters of
//! symbols whose case tells: "Aa" and "aa", "mW" and "MW", "Co" and "CO".

use super::{Word, is_hidden};

/// A sign or a symbol's letter, and how many content words stand before it.
pub type Mark = (usize, char);

/// The marks of a text in order. Commas, quotes and the like are none; brackets only beside other marks.
pub fn marks(text: &str, words: &[Word]) -> Vec<Mark> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut marks: Vec<Mark> = (0..chars.len())
        .filter_map(|at| Some((before(chars[at].0, words), mark(&chars, at)?)))
        .collect();
    if marks.iter().all(|(_, mark)| BRACKETS.contains(*mark)) {
        marks.clear();
    }
    // Where all is in capitals they tell nothing.
    if words.len() == 1 || text.chars().any(char::is_lowercase) {
        let content = words.iter().filter(|word| word.is_content());
        let symbols = content.enumerate().filter(|(_, word)| is_symbol(text, word));
        marks.extend(symbols.flat_map(|(at, word)| text[word.start..word.end].chars().map(move |c| (at, c))));
    }
    marks
}

/// Two capitals, or up to three letters of both cases, but for a capital that only begins a sentence or a long word.
fn is_symbol(text: &str, word: &Word) -> bool {
    let raw = &text[word.start..word.end];
    let upper = raw.chars().filter(|c| c.is_uppercase()).count();
    let lower = raw.chars().filter(|c| c.is_lowercase()).count();
    let first = raw.starts_with(char::is_uppercase);
    let begins = text[..word.start]
        .trim_end()
        .chars()
        .last()
        .is_none_or(|c| ".!?:".contains(c));
    match (upper, lower) {
        (2, 0) => true,
        (1, 1) if first => !begins,
        (1.., 1..) => upper + lower <= 3 && !(first && upper == 1),
        _ => false,
    }
}

const BRACKETS: &str = "()[]{}";
const PUNCTUATION: &str = ".,;:!?'\"`´‘’‚“”„«»‹›…•–—‐‑¿¡";

fn before(at: usize, words: &[Word]) -> usize {
    let seen = words.partition_point(|word| word.start < at);
    words[..seen].iter().filter(|word| word.is_content()).count()
}

fn mark(chars: &[(usize, char)], at: usize) -> Option<char> {
    let near = |step: isize| Some(chars.get(at.checked_add_signed(step)?)?.1);
    let (last, c, next) = (near(-1), chars[at].1, near(1));
    let is = |c: Option<char>, what: fn(char) -> bool| c.is_some_and(what);
    let digit = |c: char| c.is_ascii_digit();
    let joined = is(next, char::is_alphanumeric);
    match c {
        '-' | '−' | '–' => {
            let sign = !is(last, char::is_alphanumeric) && (is(next, digit) || is(next, |c| c == '.'));
            let difference = is(last, digit) && is(next, digit);
            let charge = is(last, char::is_alphanumeric) && !joined && !is(next, |c| "-−–".contains(c));
            let spaced = is(last, char::is_whitespace) && is(next, char::is_whitespace);
            (sign || difference || charge || spaced && operand(chars, at, -2) && operand(chars, at, 2)).then_some('-')
        }
        '.' => (is(next, digit) && !is(last, digit)).then_some('.'),
        '!' => (joined || is(next, |c| c == '=')).then_some('!'),
        _ if c.is_alphanumeric() || c.is_whitespace() || is_hidden(c) || is_joined_on(c) => None,
        _ if PUNCTUATION.contains(c) => None,
        _ => Some(c),
    }
}

/// A number or a single letter ends or begins there: what a spaced dash subtracts.
fn operand(chars: &[(usize, char)], at: usize, step: isize) -> bool {
    let near = |step: isize| Some(chars.get(at.checked_add_signed(step)?)?.1);
    let beyond = near(step + step.signum());
    near(step).is_some_and(|c| c.is_ascii_digit() || c.is_alphabetic() && !beyond.is_some_and(char::is_alphanumeric))
}

/// Accents written after their letter, and what chooses between pictures of the same character.
fn is_joined_on(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn of(text: &str) -> Vec<Mark> {
        marks(text, &words(text))
    }

    #[test]
    fn signs_and_operators_tell_texts_apart() {
        for (a, b) in [
            ("charge is -2", "charge is 2"),
            ("x < 5", "x > 5"),
            ("p < 0.05", "p > 0.05"),
            ("a + b", "a - b"),
            ("a - b", "a b"),
            ("Na+", "Na-"),
            ("Na+", "Na"),
            (".5", "5"),
            ("x != y", "x = y"),
            ("!x", "x"),
            ("5 %", "5"),
            ("2*(3+4)", "2*3+4"),
            ("-2, 3", "2, -3"),
            ("5-3", "5, 3"),
            ("<", ">"),
            ("👍", "👎"),
            ("its genotype is Aa", "its genotype is aa"),
            ("its genotype is AA", "its genotype is aa"),
            ("5 mW", "5 MW"),
            ("the gas is CO", "the gas is Co"),
        ] {
            assert_ne!(of(a), of(b), "{a} {b}");
        }
    }

    #[test]
    fn punctuation_tells_nothing() {
        for text in [
            "The salt (what is left) stays - it does not evaporate!",
            "“Salt”, 1.5 V; well-known… isn't it?",
            "- one\n- two\n• three",
            "cafe\u{301}",
            "Is it salt?!",
            "Go on. No, TCP does: The Sun is an Air.",
            "ALL IN CAPITALS, EVEN CO.",
            "",
        ] {
            assert_eq!(of(text), [], "{text}");
        }
        assert_eq!(of("the charge: −2"), of("charge is -2."));
    }
}

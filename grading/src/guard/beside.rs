//! What one text says differently from another: a reference or a graded answer, and an answer.

use std::collections::{BTreeSet, HashSet};

use crate::prepare::Prepared;
use crate::text::{Word, contrary, is_small, telling, turns};

/// The same content words in the same order, the same negations, opposites, numbers, signs and telling function
/// words; one slip of the pen is forgiven.
pub fn same_content(reference: &Prepared, answer: &Prepared) -> bool {
    if reference.marks != answer.marks || told(reference) != told(answer) {
        return false;
    }
    let (r, a): (Vec<&Word>, Vec<&Word>) = (content(reference).collect(), content(answer).collect());
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

fn content(text: &Prepared) -> impl Iterator<Item = &Word> {
    text.words.iter().filter(|word| word.is_content())
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
pub fn other_small_words(a: &Prepared, b: &Prepared) -> bool {
    same_stems(a, b) && told(a) != told(b)
}

fn same_stems(a: &Prepared, b: &Prepared) -> bool {
    stems(a).eq(stems(b))
}

fn stems(text: &Prepared) -> impl Iterator<Item = &str> {
    content(text).map(|word| word.stem.as_str())
}

/// The same content words in another order: who does what to whom may have changed.
fn reordered(a: &Prepared, b: &Prepared) -> bool {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (stems(a).collect(), stems(b).collect());
    if a.len() < 2 || a.len() != b.len() || a == b {
        return false;
    }
    a.sort_unstable();
    b.sort_unstable();
    a == b
}

/// Otherwise the same content words in the same order, and one of a pair of small words in place of the other; see `text::contrary`.
pub fn contrary_small_words(a: &Prepared, b: &Prepared) -> bool {
    a.small != b.small
        && stems(a)
            .filter(|stem| !is_small(stem))
            .eq(stems(b).filter(|stem| !is_small(stem)))
        && contrary(&a.small, &b.small)
}

/// Otherwise the same content words in the same order, and one or two others in place of some: "the battery is in a closed path" for
/// "the bulb is in a closed path". Another spelling or form is no other word.
pub fn exchanged(known: &Prepared, answer: &Prepared) -> bool {
    let count = content(known).count();
    if count < 2 || count != content(answer).count() {
        return false;
    }
    let mut others: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (x, y) in content(known).zip(content(answer)) {
        if x.stem != y.stem && !respelt((known, x), (answer, y)) {
            others.insert((&x.stem, &y.stem));
        }
        if others.len() > 2 {
            return false;
        }
    }
    !others.is_empty() && 2 * others.len() <= count
}

/// What another form of a word may have at its end; "methanol" is no form of "methane".
const ENDINGS: &[&str] = &[
    "s", "es", "y", "er", "or", "ing", "ed", "al", "ly", "ness", "ful", "way",
];

/// Another form of a word, or a slip of the pen that is no word of its own.
fn respelt(known: (&Prepared, &Word), answer: (&Prepared, &Word)) -> bool {
    let (x, y) = (known.1.stem.as_str(), answer.1.stem.as_str());
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    let form = short.len() >= 3 && long.strip_prefix(short).is_some_and(|ending| ENDINGS.contains(&ending));
    form || is_slip(raw(known.0, known.1), raw(answer.0, answer.1)) && !answer.0.knows(answer.1)
}

/// All content words of a text of three or more.
pub fn holds(known: &Prepared, answer: &Prepared) -> bool {
    stems(known).count() >= 3 && stems(known).all(|stem| stems(answer).any(|said| said == stem))
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
    fn another_word_in_the_place_of_one_is_seen() {
        let read = |text: &str| crate::prepare::Preparer::fake().prepare(text).expect("plain text");
        let right = read("The bulb is in a closed path with the battery.");
        for other in [
            "The switch is in a closed path with the battery.",
            "The battery is in a closed path with the bulb.",
            "A bulb in an open path with a battery",
        ] {
            assert!(exchanged(&right, &read(other)), "{other}");
        }
        for (one, other) in [
            (
                "A cell swells in a hypotonic solution.",
                "A cell swells in a hypertonic solution.",
            ),
            ("Burning methane gives water.", "Burning methanol gives water."),
            ("The sulfate ion has four oxygens.", "The sulfite ion has four oxygens."),
            ("An alkane has single bonds.", "An alkene has single bonds."),
        ] {
            assert!(exchanged(&read(one), &read(other)), "{other}");
        }
        for (one, other) in [
            ("It melts if it is hot.", "It melts unless it is hot."),
            ("All metals conduct heat.", "Few metals conduct heat."),
            ("The ball moves toward the wall.", "The ball moves away the wall."),
        ] {
            assert!(contrary_small_words(&read(one), &read(other)), "{other}");
            assert!(!contrary_small_words(&read(one), &read(one)), "{one}");
        }
        for other in [
            "The bulb is in a closed path with the battery.",
            "bulbs are in the closed pathway with batteries",
            "The bulb is in a closed path.",
            "A switch is in a gap near the motor.",
        ] {
            assert!(!exchanged(&right, &read(other)), "{other}");
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
}

//! Words of a text as a grader sees them: stems, function words, numbers, negations, opposites.
//!
//! Plain code on plain strings; English word lists. Nothing here knows tensors or scores.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

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

/// Common words of other languages that hardly occur in English text.
const FOREIGN: &[(&str, &[&str])] = &[
    (
        "de",
        &[
            "der", "und", "das", "ist", "nicht", "ein", "eine", "mit", "den", "dem", "auf", "für", "wird", "sich",
            "auch", "ich", "zu", "von", "werden", "durch", "weil", "dass", "im", "es", "sie", "wenn", "aus", "bei",
            "sind", "oder", "einen", "einer", "hat",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "des", "est", "et", "une", "dans", "que", "qui", "pour", "pas", "sur", "avec", "ce",
            "du", "au", "il", "sont", "plus", "par", "elle", "un", "en", "car", "se", "l", "d", "qu",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "es", "y", "una", "que", "por", "para", "con", "del", "se", "no", "como", "más",
            "pero", "su", "al", "porque", "un", "en", "lo", "son", "está",
        ],
    ),
    (
        "it",
        &[
            "il", "che", "di", "è", "la", "una", "per", "con", "non", "sono", "del", "della", "gli", "perché", "più",
            "come", "si", "un", "le", "nel", "al",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "as", "é", "uma", "que", "não", "para", "com", "do", "da", "dos", "por", "mais", "em", "um",
            "se", "na", "ao", "são", "porque",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "en", "van", "niet", "dat", "zijn", "op", "met", "voor", "wordt", "door", "ook", "er",
            "maar", "om", "naar", "omdat", "te",
        ],
    ),
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

/// A light English stemmer: takes off what changes form but not meaning.
pub fn stem(word: &str) -> String {
    if word.len() <= 3 || !word.is_ascii() {
        return word.to_owned();
    }
    let mut w = word.to_owned();
    if let Some(base) = w.strip_suffix("ies").filter(|base| base.len() > 1) {
        w = format!("{base}y");
    } else if let Some(base) = w.strip_suffix("sses") {
        w = format!("{base}ss");
    } else if w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") {
        w.pop();
    }
    for suffix in ["ingly", "edly", "ing", "ed", "ly"] {
        if let Some(base) = w.strip_suffix(suffix)
            && base.len() >= 3
            && base.bytes().any(|b| b"aeiouy".contains(&b))
        {
            w = base.to_owned();
            let bytes = w.as_bytes();
            let n = bytes.len();
            // "stopped" → "stop", but "falling" → "fall".
            if n > 2 && bytes[n - 1] == bytes[n - 2] && !b"lsz".contains(&bytes[n - 1]) {
                w.pop();
            }
            break;
        }
    }
    for (suffix, to) in [("ation", "at"), ("ition", "it"), ("ion", ""), ("ment", "")] {
        if let Some(base) = w.strip_suffix(suffix)
            && base.len() >= 4
        {
            w = format!("{base}{to}");
            break;
        }
    }
    if w.len() > 3 && w.ends_with('e') {
        w.pop();
    }
    w
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

/// What a text says about direction: how often it negates, and which opposites it names.
#[derive(Clone, Debug, Default)]
pub struct Polarity {
    pub negations: usize,
    words: HashSet<String>,
}

pub fn polarity(text: &str, words: &[Word]) -> Polarity {
    let lower: Vec<String> = lower_words(text, words).collect();
    Polarity {
        negations: (0..lower.len()).filter(|at| negates_at(&lower, *at)).count(),
        words: lower.into_iter().collect(),
    }
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
    let paired = |word: &str| OPPOSITE.iter().any(|(x, y)| *x == word || *y == word);
    let said = lower
        .iter()
        .zip(words)
        .filter(|(lower, word)| word.number || paired(lower));
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

/// The language of a text, if it is clearly not English: a code, or "script" for another script.
pub fn foreign_language(text: &str, words: &[Word]) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let other_script = text.chars().filter(|c| c.is_alphabetic() && *c > '\u{24f}').count();
    // A Greek letter or two is mathematics, not Greek.
    if other_script > 3 && other_script * 10 > letters * 3 {
        return Some("script");
    }
    if words.len() < 3 {
        return None;
    }
    let lower: Vec<String> = lower_words(text, words).collect();
    let english = words.iter().filter(|word| word.function).count();
    let (language, hits) = FOREIGN
        .iter()
        .map(|(language, list)| {
            (
                *language,
                lower.iter().filter(|word| list.contains(&word.as_str())).count(),
            )
        })
        .max_by_key(|(_, hits)| *hits)?;
    (hits >= 2 && hits > english && hits * 8 >= words.len()).then_some(language)
}

/// Cosine of the character-trigram counts of two texts, on their stems.
pub fn trigram_cosine(a: &Trigrams, b: &Trigrams) -> f32 {
    let (mut i, mut j, mut dot) = (0, 0, 0.0f32);
    while let (Some((x, n)), Some((y, m))) = (a.counts.get(i), b.counts.get(j)) {
        match x.cmp(y) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                dot += n * m;
                i += 1;
                j += 1;
            }
        }
    }
    if a.norm == 0.0 || b.norm == 0.0 {
        0.0
    } else {
        dot / (a.norm * b.norm)
    }
}

/// Character trigrams of a text, sorted, with counts.
#[derive(Clone, Debug, Default)]
pub struct Trigrams {
    counts: Vec<(u64, f32)>,
    norm: f32,
}

pub fn trigrams(text: &str, words: &[Word]) -> Trigrams {
    let mut grams: Vec<u64> = Vec::new();
    for word in lower_words(text, words) {
        let padded: Vec<u64> = std::iter::once(' ')
            .chain(word.chars())
            .chain(std::iter::once(' '))
            .map(|c| u64::from(u32::from(c)))
            .collect();
        grams.extend(padded.windows(3).map(|w| (w[0] << 42) | (w[1] << 21) | w[2]));
    }
    grams.sort_unstable();
    let mut counts: Vec<(u64, f32)> = Vec::new();
    for gram in grams {
        match counts.last_mut() {
            Some((last, n)) if *last == gram => *n += 1.0,
            _ => counts.push((gram, 1.0)),
        }
    }
    let norm = counts.iter().map(|(_, n)| n * n).sum::<f32>().sqrt();
    Trigrams { counts, norm }
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
    fn stems_meet() {
        for (a, b) in [
            ("evaporates", "evaporated"),
            ("evaporation", "evaporate"),
            ("batteries", "battery"),
            ("stopped", "stops"),
            ("separately", "separate"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_eq!(stem("glass"), "glass");
    }

    #[test]
    fn opposites_and_negations_are_seen() {
        let read = |text: &str| polarity(text, &words(text));
        assert_eq!(read("it does not, and never did").negations, 2);
        assert_eq!(read("not only that").negations, 0);
        assert_eq!(read("the volume increases").opposites(&read("the volume decreases")), 1);
        assert_eq!(read("hot and cold").opposites(&read("cold")), 0);
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

    #[test]
    fn languages() {
        let language = |text: &str| foreign_language(text, &words(text));
        assert_eq!(
            language("Das Wasser verdunstet und das Salz bleibt in der Schale."),
            Some("de")
        );
        assert_eq!(language("L'eau s'évapore et le sel reste dans le plat."), Some("fr"));
        assert_eq!(language("Вода испаряется, а соль остаётся"), Some("script"));
        assert_eq!(language("The water evaporates and the salt stays."), None);
        assert_eq!(language("Δx = 3 μm"), None);
        assert_eq!(language("salt"), None);
    }

    #[test]
    fn misspellings() {
        assert!(same_word("evaperates", "evaporates"));
        assert!(!same_word("salt", "malt"));
        assert!(!same_word("inhale", "exhale"));
    }
}

//! Is a text written in another language than English?

use super::{Word, lower_words};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

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
}

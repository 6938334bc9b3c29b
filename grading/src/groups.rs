//! Answers that say the same thing: one decision settles them all.
//!
//! Two radii. *The same words*: equal but for case, punctuation, spacing, articles and inflection.
//! *Nearly the same*: the same content words up to slips of the pen, the same numbers, signs, negations,
//! opposites and telling function words, and sentence embeddings that lie close together. Both are meant to be safe rather than
//! large: an answer put into the wrong group would get somebody else's points.

use std::collections::HashMap;

use crate::backend::dot;
use crate::prepare::Prepared;
use crate::text::{self, Mark, Polarity, Word, is_hidden, same_word};

/// Embeddings at least this alike may share a group.
pub const SAFE_RADIUS: f32 = 0.95;
/// Words that never make a difference.
const ARTICLES: [&str; 3] = ["a", "an", "the"];

/// Group number of each text, counted in order of appearance; by words alone.
pub fn group<T: AsRef<str>>(texts: &[T]) -> Vec<u32> {
    let read: Vec<Read> = texts.iter().map(|text| Read::of_text(text.as_ref())).collect();
    number(&read)
}

/// The same for answers whose words and embeddings are known.
pub(crate) fn group_known(answers: &[(&Prepared, &[f32])]) -> Vec<u32> {
    let read: Vec<Read> = answers
        .iter()
        .map(|(prepared, pooled)| Read::new(&prepared.text, &prepared.words, prepared.polarity.clone(), Some(pooled)))
        .collect();
    number(&read)
}

/// How many of the answers share each answer's group, itself included.
pub fn sizes(groups: &[u32]) -> Vec<u32> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    groups.iter().for_each(|group| *counts.entry(*group).or_default() += 1);
    groups.iter().map(|group| counts[group]).collect()
}

struct Read<'a> {
    /// Stems in order, without articles, and the marks; the raw text where there is no word or something hidden.
    exact: String,
    /// Content stems and numbers, in order: who does what to whom matters.
    content: Vec<String>,
    numbers: Vec<String>,
    marks: Vec<Mark>,
    telling: Vec<(usize, &'static str)>,
    polarity: Polarity,
    pooled: Option<&'a [f32]>,
    plain: bool,
}

impl<'a> Read<'a> {
    fn of_text(text: &str) -> Self {
        let words = text::words(text);
        let polarity = text::polarity(text, &words);
        Read::new(text, &words, polarity, None)
    }

    fn new(text: &str, words: &[Word], polarity: Polarity, pooled: Option<&'a [f32]>) -> Self {
        let plain = !words.is_empty() && !text.chars().any(is_hidden);
        let marks = text::marks(text, words);
        let lower = |word: &Word| text[word.start..word.end].to_lowercase();
        let exact = if plain {
            let kept = words.iter().filter(|word| !ARTICLES.contains(&lower(word).as_str()));
            let stems: Vec<&str> = kept.map(|word| word.stem.as_str()).collect();
            format!("{} {marks:?}", stems.join(" "))
        } else {
            format!("\u{0}{}", text.trim())
        };
        let content: Vec<String> = words
            .iter()
            .filter(|word| word.is_content())
            .map(|word| word.stem.clone())
            .collect();
        let numbers = content
            .iter()
            .filter(|stem| stem.starts_with(|c: char| c.is_ascii_digit()))
            .cloned()
            .collect();
        Self {
            exact,
            content,
            numbers,
            marks,
            telling: text::telling(text, words),
            polarity,
            pooled,
            plain,
        }
    }

    fn nearly(&self, other: &Self) -> bool {
        let slips = || {
            self.content
                .iter()
                .zip(&other.content)
                .all(|(a, b)| a == b || same_word(a, b))
        };
        let (Some(a), Some(b)) = (self.pooled, other.pooled) else {
            return false;
        };
        self.plain
            && other.plain
            && !self.content.is_empty()
            && self.content.len() == other.content.len()
            && self.numbers == other.numbers
            && self.marks == other.marks
            && self.telling == other.telling
            && self.polarity.negations == other.polarity.negations
            && slips()
            && self.polarity.opposites(&other.polarity) == 0
            && dot(a, b) >= SAFE_RADIUS
    }
}

/// Every answer joins the first group whose founder it is like, so that likeness never chains.
fn number(answers: &[Read]) -> Vec<u32> {
    let mut exact: HashMap<&str, u32> = HashMap::new();
    let mut founders: HashMap<usize, Vec<(usize, u32)>> = HashMap::new();
    let mut next = 0;
    answers
        .iter()
        .enumerate()
        .map(|(at, answer)| {
            if let Some(group) = exact.get(answer.exact.as_str()) {
                return *group;
            }
            let alike = founders.entry(answer.content.len()).or_default();
            let found = alike.iter().find(|(founder, _)| answers[*founder].nearly(answer));
            let group = match found {
                Some((_, group)) => *group,
                None => {
                    alike.push((at, next));
                    next += 1;
                    next - 1
                }
            };
            exact.insert(&answer.exact, group);
            group
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_share_a_group() {
        let groups = group(&[
            "The salt stays.",
            "salt stays",
            "SALT, stays!",
            "salt does not stay",
            "",
            "  ",
            "sa\u{200b}lt stays",
        ]);
        assert_eq!(groups, [0, 0, 0, 1, 2, 2, 3]);
        assert_eq!(sizes(&groups), [3, 3, 3, 1, 2, 2, 1]);
        assert!(group::<&str>(&[]).is_empty());
        assert_eq!(
            group(&["x < 5", "x > 5", "x<5", "It is -2", "it is 2", "it is −2."]),
            [0, 1, 0, 2, 3, 2]
        );
    }

    #[test]
    fn slips_join_and_other_meanings_do_not() {
        let embedding = [0.6f32, 0.8];
        let texts = [
            "the water evaporates slowly",
            "the water evaperates slowly",
            "the water evaporates slowly in 3 hours",
            "the water evaporates slowly in 4 hours",
            "the water never evaporates slowly",
            "some water evaporates slowly",
        ];
        let read: Vec<Read> = texts
            .iter()
            .map(|text| {
                let words = text::words(text);
                let polarity = text::polarity(text, &words);
                Read::new(text, &words, polarity, Some(&embedding))
            })
            .collect();
        assert_eq!(number(&read), [0, 0, 1, 2, 3, 4]);
    }
}

//! What changes a grade although the meaning stays: spelling, length, dialect-like rewriting.
//!
//! The answers are real, the changes are artificial. This measures how the grader reacts to form; it
//! does not replace a comparison of real groups of students, for which no data are at hand.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dataset::Row;
use crate::model::trees::Random;
use crate::{Decision, Grade, GradeRequest, Grader, GradingError};

/// The effect of one change on the grades of the same answers.
#[derive(Clone, Debug, Serialize)]
pub struct Effect {
    pub change: &'static str,
    pub answers: usize,
    /// Mean change of the expected share, and of answers the teacher gave at least half of the points.
    pub mean: f64,
    pub mean_of_right: f64,
    /// Share whose suggested points fell, and rose.
    pub fell: f64,
    pub rose: f64,
    /// Share accepted before and after.
    pub accepted: [f64; 2],
}

type Change = (&'static str, fn(&str, &mut Random) -> String);

const CHANGES: [Change; 6] = [
    ("one misspelt word", |text, random| misspell(text, 1, random)),
    ("three misspelt words", |text, random| misspell(text, 3, random)),
    ("lower case, no punctuation", |text, _| plain(text)),
    ("a filler sentence more", |text, _| {
        format!("Well, this is what I think about it. {text}")
    }),
    ("dialect-like grammar", |text, _| dialect(text)),
    ("articles and copulas left out", |text, _| without_small_words(text)),
];

/// Grades up to `most` answers of each data set as they are and after each change.
pub fn perturb(
    grader: &Grader,
    rows: &[Row],
    most: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Effect>, GradingError> {
    let mut random = Random(11);
    let mut sets: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| !row.references.is_empty() && row.answer.split(' ').count() >= 4)
    {
        sets.entry(&row.dataset).or_default().push(row);
    }
    let mut chosen: Vec<&Row> = Vec::new();
    for rows in sets.values_mut() {
        random.shuffle(rows);
        chosen.extend(rows.iter().take(most));
    }
    let before = grade(grader, &chosen, |row, _| row.answer.clone(), &mut random)?;
    let mut effects = Vec::new();
    for (name, change) in CHANGES {
        let after = grade(grader, &chosen, |row, random| change(&row.answer, random), &mut random)?;
        effects.push(effect(name, &chosen, &before, &after));
        progress(&format!("{name}: done"));
    }
    Ok(effects)
}

fn grade(
    grader: &Grader,
    rows: &[&Row],
    change: impl Fn(&Row, &mut Random) -> String,
    random: &mut Random,
) -> Result<Vec<Grade>, GradingError> {
    let requests = rows
        .iter()
        .map(|row| GradeRequest {
            answer: change(row, random),
            ..row.request(25)
        })
        .collect();
    grader.grade_many_blocking(requests)
}

fn effect(change: &'static str, rows: &[&Row], before: &[Grade], after: &[Grade]) -> Effect {
    let share = |is: &dyn Fn(&Grade, &Grade) -> bool| {
        before.iter().zip(after).filter(|(b, a)| is(b, a)).count() as f64 / before.len().max(1) as f64
    };
    let mean = |only_right: bool| {
        let changes: Vec<f64> = rows
            .iter()
            .zip(before.iter().zip(after))
            .filter(|(row, _)| !only_right || row.score >= 0.5)
            .map(|(_, (b, a))| f64::from(a.score - b.score))
            .collect();
        changes.iter().sum::<f64>() / changes.len().max(1) as f64
    };
    Effect {
        change,
        answers: rows.len(),
        mean: mean(false),
        mean_of_right: mean(true),
        fell: share(&|b, a| a.score_hundredths < b.score_hundredths),
        rose: share(&|b, a| a.score_hundredths > b.score_hundredths),
        accepted: [
            share(&|b, _| b.decision == Decision::Accept),
            share(&|_, a| a.decision == Decision::Accept),
        ],
    }
}

/// Swaps two inner letters, or drops one, in up to `count` words of five letters or more.
fn misspell(text: &str, count: usize, random: &mut Random) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let mut long: Vec<usize> = (0..words.len())
        .filter(|at| words[*at].chars().filter(|c| c.is_alphabetic()).count() >= 5)
        .collect();
    random.shuffle(&mut long);
    for at in long.into_iter().take(count) {
        let mut letters: Vec<char> = words[at].chars().collect();
        let place = 1 + random.below(letters.len() - 3);
        if random.share() < 0.5 {
            letters.swap(place, place + 1);
        } else {
            letters.remove(place);
        }
        words[at] = letters.into_iter().collect();
    }
    words.join(" ")
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '.' | ',' | ';' | ':' | '!' | '?'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Word by word, keeping the rest.
fn each_word(text: &str, of: impl Fn(&str) -> Option<&'static str>) -> String {
    let words = text.split(' ').filter_map(|word| match of(&word.to_lowercase()) {
        Some("") => None,
        Some(other) => Some(other),
        None => Some(word),
    });
    words.collect::<Vec<&str>>().join(" ")
}

fn dialect(text: &str) -> String {
    let text = text.replace("is not", "ain't").replace("are not", "ain't");
    each_word(&text, |word| {
        Some(match word {
            "isn't" | "aren't" | "isnt" => "ain't",
            "doesn't" | "doesnt" => "don't",
            "because" => "cause",
            "has" => "have",
            "does" => "do",
            "goes" => "go",
            "was" => "were",
            "those" => "them",
            "anything" => "nothing",
            "very" => "right",
            _ => return None,
        })
    })
}

fn without_small_words(text: &str) -> String {
    each_word(text, |word| {
        matches!(word, "a" | "an" | "the" | "is" | "are" | "was" | "were").then_some("")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_change_the_form_only() {
        let mut random = Random(1);
        let text = "The water is not evaporated because the temperature was low.";
        let misspelt = misspell(text, 1, &mut random);
        let differing = text.split(' ').zip(misspelt.split(' ')).filter(|(a, b)| a != b).count();
        assert!(differing <= 1 && misspelt.split(' ').count() == 10, "{misspelt}");
        assert_eq!(
            dialect(text),
            "The water ain't evaporated cause the temperature were low."
        );
        assert_eq!(
            without_small_words(text),
            "water not evaporated because temperature low."
        );
        assert_eq!(plain("A b, C."), "a b c");
    }
}

//! Answers nobody gave, to teach good manners.

use std::collections::BTreeMap;

use crate::dataset::Row;
use crate::model::trees::Random;

/// Answers nobody gave, that must not get points: the question repeated, the reference negated, the
/// reference of another question.
pub fn made_up(rows: &[Row], seed: u64) -> Vec<Row> {
    let mut random = Random(seed | 1);
    let mut firsts: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows {
        firsts.entry(&row.question_id).or_insert(row);
    }
    let firsts: Vec<&Row> = firsts.into_values().collect();
    let mut made = Vec::new();
    for row in &firsts {
        let mut add = |answer: String, lent_by: Option<String>| {
            made.push(Row {
                answer,
                lent_by,
                score: 0.0,
                ..(*row).clone()
            })
        };
        add(row.question.clone(), None);
        let question = row.question.trim_end_matches('?').to_lowercase();
        add(format!("I think that {question}"), None);
        let own = row.references[random.below(row.references.len())].clone();
        if let Some(negated) = negate(&own) {
            add(negated, None);
        }
        let other = firsts[random.below(firsts.len())];
        if other.question_id != row.question_id {
            let reference = other.references[random.below(other.references.len())].clone();
            add(reference, Some(other.question_id.clone()));
        }
    }
    made
}

/// Puts "not" after the first verb that takes it.
fn negate(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let at = words.iter().position(|word| {
        matches!(
            word.to_lowercase().as_str(),
            "is" | "are" | "was" | "were" | "can" | "will" | "has" | "have" | "does" | "do" | "would" | "should"
        )
    })?;
    if words.get(at + 1) == Some(&"not") {
        return None;
    }
    let mut words = words;
    words.insert(at + 1, "not");
    Some(words.join(" "))
}

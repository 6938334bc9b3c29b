//! Near-identical answers with different grades: worth a second look, whoever gave them.

use serde::{Deserialize, Serialize};

use crate::groups;

/// Two answers that say (nearly) the same and got different scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// Indexes into the answers given, `first < second`.
    pub first: usize,
    pub second: usize,
    /// Difference of the scores, as a share of the full points.
    pub difference: f32,
}

/// Conflicts among answers and their scores (shares, 0 to 1), the largest difference first. Compares
/// words alone; see [`QuestionSuggestions::conflicts`](crate::QuestionSuggestions) for one that also
/// forgives slips of the pen.
pub fn conflicts<T: AsRef<str>>(answers: &[(T, f32)], at_least: f32) -> Vec<Conflict> {
    let texts: Vec<&str> = answers.iter().map(|(text, _)| text.as_ref()).collect();
    let scores: Vec<f32> = answers.iter().map(|(_, score)| *score).collect();
    conflicts_in(&groups::group(&texts), &scores, at_least)
}

/// The same where the groups are known. Within a group each answer is set against the first one that
/// differs, so a group of many does not fill the list with every pair.
pub fn conflicts_in(groups: &[u32], scores: &[f32], at_least: f32) -> Vec<Conflict> {
    let mut found = Vec::new();
    for (second, group) in groups.iter().enumerate() {
        let against = (0..second)
            .filter(|first| groups[*first] == *group)
            .find(|first| (scores[*first] - scores[second]).abs() >= at_least.max(1e-6));
        if let Some(first) = against {
            found.push(Conflict {
                first,
                second,
                difference: (scores[first] - scores[second]).abs(),
            });
        }
    }
    found.sort_by(|a, b| {
        b.difference
            .total_cmp(&a.difference)
            .then((a.first, a.second).cmp(&(b.first, b.second)))
    });
    found
}

/// Do scores drift while one grades? Mean of (score − what the model expected) in the last third of
/// the graded answers minus that in the first third, with its standard error; `None` below twelve.
/// `pairs` are (score, expected) in the order of grading.
pub fn drift(pairs: &[(f32, f32)]) -> Option<(f32, f32)> {
    let third = pairs.len() / 3;
    if third < 4 {
        return None;
    }
    let moments = |part: &[(f32, f32)]| {
        let count = part.len() as f32;
        let mean = part.iter().map(|(score, expected)| score - expected).sum::<f32>() / count;
        let spread = part.iter().map(|(s, e)| (s - e - mean).powi(2)).sum::<f32>() / (count - 1.0);
        (mean, spread / count)
    };
    let (early, early_error) = moments(&pairs[..third]);
    let (late, late_error) = moments(&pairs[pairs.len() - third..]);
    Some((late - early, (early_error + late_error).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_with_unequal_scores_are_found() {
        let answers = [
            ("salt stays", 1.0),
            ("Salt stays!", 0.5),
            ("salt leaves", 0.0),
            ("SALT STAYS", 0.0),
        ];
        let found = conflicts(&answers, 0.25);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].first, found[0].second, found[0].difference), (0, 3, 1.0));
        assert_eq!((found[1].first, found[1].second, found[1].difference), (0, 1, 0.5));
        assert!(conflicts(&answers[..1], 0.25).is_empty());
    }

    #[test]
    fn drift_shows_when_grades_sink() {
        let steady: Vec<(f32, f32)> = (0..12).map(|n| (0.5 + 0.1 * (n % 2) as f32, 0.5)).collect();
        let (change, error) = drift(&steady).expect("twelve are enough");
        assert!(change.abs() < 2.0 * error + 1e-6);
        let sinking: Vec<(f32, f32)> = (0..12)
            .map(|n| (0.9 - 0.05 * n as f32 + 0.01 * (n % 3) as f32, 0.6))
            .collect();
        let (change, error) = drift(&sinking).expect("twelve are enough");
        assert!(change < -0.2 && change.abs() > 3.0 * error, "{change} {error}");
        assert!(drift(&steady[..9]).is_none());
    }
}

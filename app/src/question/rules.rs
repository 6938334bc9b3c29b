//! Grading by exact rules: choices and numbers. Pure, and the same on both faces.

use crate::points::Points;
use crate::question::model::{AnswerValue, ChoiceOption, Key};

/// What a rule says about an answer; `None` for free text, which is not a matter of rules.
pub fn grade(key: &Key, points: Points, answer: &AnswerValue) -> Option<Ruling> {
    let ruling = match (key, answer) {
        (Key::ShortAnswer { .. }, _) => return None,
        (_, answer) if answer.is_empty() => Ruling {
            points: Points::ZERO,
            why: "No answer was given.".into(),
        },
        (Key::SingleChoice { options }, AnswerValue::Choice(chosen)) => single(options, points, chosen),
        (Key::MultipleChoice { options }, AnswerValue::Choice(chosen)) => multiple(options, points, chosen),
        (Key::TrueFalse { correct }, AnswerValue::Choice(chosen)) => {
            all_or_nothing(chosen == &[u16::from(!correct)], points)
        }
        (Key::Numeric { value, tolerance, unit }, AnswerValue::Text(text)) => {
            numeric(value, tolerance, unit, points, text)
        }
        _ => Ruling {
            points: Points::ZERO,
            why: "The answer does not fit this kind of question.".into(),
        },
    };
    Some(ruling)
}

/// Points, and why in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    pub points: Points,
    pub why: String,
}

fn all_or_nothing(right: bool, points: Points) -> Ruling {
    if right {
        Ruling {
            points,
            why: "This is the right answer.".into(),
        }
    } else {
        Ruling {
            points: Points::ZERO,
            why: "This is not the right answer.".into(),
        }
    }
}

fn single(options: &[ChoiceOption], points: Points, chosen: &[u16]) -> Ruling {
    let right = chosen
        .first()
        .and_then(|&i| options.get(usize::from(i)))
        .is_some_and(|option| option.correct);
    all_or_nothing(right, points)
}

/// Each option counts alike: right choices earn, wrong ones cost, never below zero.
fn multiple(options: &[ChoiceOption], points: Points, chosen: &[u16]) -> Ruling {
    let correct = options.iter().filter(|option| option.correct).count();
    let is_correct = |i: &u16| options.get(usize::from(*i)).is_some_and(|option| option.correct);
    let hits = chosen.iter().filter(|i| is_correct(i)).count();
    let misses = chosen.len() - hits;
    let net = hits.saturating_sub(misses);
    let earned = if correct == 0 {
        Points::ZERO
    } else {
        points.share(net as f64 / correct as f64)
    };
    let wrong = if misses == 0 {
        String::new()
    } else {
        format!(", {misses} chosen wrongly")
    };
    Ruling {
        points: earned,
        why: format!("{hits} of {correct} right options chosen{wrong}."),
    }
}

fn numeric(value: &str, tolerance: &str, unit: &str, points: Points, text: &str) -> Ruling {
    let (Some(value), Some(tolerance)) = (number(value), number(tolerance)) else {
        return Ruling {
            points: Points::ZERO,
            why: "The question has no valid key.".into(),
        };
    };
    let unit = unit.trim();
    let bare = text.trim();
    let bare = if unit.is_empty() {
        bare
    } else {
        bare.strip_suffix(unit).unwrap_or(bare).trim_end()
    };
    match number(bare) {
        Some(given) if within(given, value, tolerance) => all_or_nothing(true, points),
        Some(_) => all_or_nothing(false, points),
        None => Ruling {
            points: Points::ZERO,
            why: "This could not be read as a number.".into(),
        },
    }
}

/// A difference of a few units in the last place is the decimal notation, not the student.
fn within(given: f64, value: f64, tolerance: f64) -> bool {
    (given - value).abs() <= tolerance.abs() + 1e-9 * value.abs().max(given.abs())
}

/// A number as people write it: `3.14`, `3,14`, `-2e-3`, `1 000`.
pub fn number(text: &str) -> Option<f64> {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '−' { '-' } else { c })
        .collect();
    let one_comma = compact.matches(',').count() == 1 && !compact.contains('.');
    let plain = if one_comma { compact.replace(',', ".") } else { compact };
    if !plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None; // "inf" and "nan" are words here
    }
    plain.parse::<f64>().ok().filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(correct: &[bool]) -> Vec<ChoiceOption> {
        correct
            .iter()
            .map(|&correct| ChoiceOption {
                text: "option".into(),
                correct,
            })
            .collect()
    }

    fn points_for(key: &Key, answer: AnswerValue) -> Points {
        grade(key, Points(400), &answer).expect("a rule").points
    }

    #[test]
    fn single_choice_is_all_or_nothing() {
        let key = Key::SingleChoice {
            options: options(&[false, true]),
        };
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![1])), Points(400));
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![0])), Points::ZERO);
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![9])), Points::ZERO);
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![])), Points::ZERO);
    }

    #[test]
    fn guessing_everything_earns_nothing_extra() {
        let key = Key::MultipleChoice {
            options: options(&[true, true, false, false]),
        };
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![0, 1])), Points(400));
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![0])), Points(200));
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![0, 1, 2, 3])), Points::ZERO);
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![2])), Points::ZERO);
    }

    #[test]
    fn true_is_the_first_option() {
        let key = Key::TrueFalse { correct: true };
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![0])), Points(400));
        assert_eq!(points_for(&key, AnswerValue::Choice(vec![1])), Points::ZERO);
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let key = Key::Numeric {
            value: "9.81".into(),
            tolerance: "0.05".into(),
            unit: "m/s²".into(),
        };
        for right in ["9.81", "9,8", " 9.86 ", "9.81 m/s²", "+9.8", "0.981e1"] {
            assert_eq!(
                points_for(&key, AnswerValue::Text(right.into())),
                Points(400),
                "{right}"
            );
        }
        for wrong in ["9.9", "9.75", "ten", "NaN", "inf", "9.81 kg", "--9.81", "9.8.1"] {
            assert_eq!(
                points_for(&key, AnswerValue::Text(wrong.into())),
                Points::ZERO,
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_answer_earns_more_than_the_question(chosen in prop::collection::btree_set(0u16..12, 0..12), correct in prop::collection::vec(any::<bool>(), 1..10)) {
            let key = Key::MultipleChoice { options: options(&correct) };
            let earned = points_for(&key, AnswerValue::Choice(chosen.into_iter().collect()));
            prop_assert!(earned >= Points::ZERO && earned <= Points(400));
        }

        #[test]
        fn any_text_is_graded_without_panic(text in ".{0,40}") {
            let key = Key::Numeric { value: "1".into(), tolerance: "0".into(), unit: "kg".into() };
            let _ = grade(&key, Points(100), &AnswerValue::Text(text));
        }
    }
}

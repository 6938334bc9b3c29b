use super::*;
use crate::question::model::QuestionKind;

fn option(text: &str, correct: bool) -> ChoiceOption {
    ChoiceOption {
        text: text.into(),
        correct,
    }
}

fn content(key: Key) -> QuestionContent {
    QuestionContent {
        prompt: "Why?".into(),
        points: Points(200),
        key,
        references: vec![],
        rubric: vec![],
    }
}

fn criterion(points: i32, items: &[i32]) -> CriterionContent {
    let item = |&points: &i32| ItemContent {
        id: None,
        text: "Says so".into(),
        points: Points(points),
        feedback: String::new(),
    };
    CriterionContent {
        id: None,
        title: "Reason".into(),
        points: Points(points),
        items: items.iter().map(item).collect(),
    }
}

fn fields(content: &QuestionContent) -> Vec<String> {
    content.check().into_iter().map(|error| error.field).collect()
}

#[test]
fn a_blank_question_says_what_it_needs() {
    assert_eq!(fields(&QuestionContent::blank(QuestionKind::ShortAnswer)), ["prompt"]);
    assert_eq!(fields(&QuestionContent::blank(QuestionKind::TrueFalse)), ["prompt"]);
    assert_eq!(
        fields(&QuestionContent::blank(QuestionKind::SingleChoice)),
        ["prompt", "options", "options"]
    );
    assert_eq!(
        fields(&QuestionContent::blank(QuestionKind::Numeric)),
        ["prompt", "value"]
    );
}

#[test]
fn choices_need_marks_and_differ() {
    let single = |marks: [bool; 2]| {
        content(Key::SingleChoice {
            options: vec![option("a", marks[0]), option("b", marks[1])],
        })
    };
    assert!(fields(&single([true, false])).is_empty());
    assert_eq!(fields(&single([true, true])), ["options"]);
    assert_eq!(fields(&single([false, false])), ["options"]);
    let multiple = content(Key::MultipleChoice {
        options: vec![option("a", true), option("a ", true), option("", false)],
    });
    assert_eq!(fields(&multiple), ["options-1-text", "options-2-text"]);
}

#[test]
fn a_number_has_a_value_and_a_tolerance() {
    let numeric = |value: &str, tolerance: &str| {
        content(Key::Numeric {
            value: value.into(),
            tolerance: tolerance.into(),
            unit: "m".into(),
        })
    };
    assert!(fields(&numeric("9,81", "0.1")).is_empty());
    assert_eq!(fields(&numeric("ten", "-1")), ["value", "tolerance"]);
}

#[test]
fn a_rubric_agrees_with_the_question() {
    let mut question = content(Key::ShortAnswer { allow_file: false });
    question.rubric = vec![criterion(100, &[50, 50]), criterion(100, &[])];
    assert!(fields(&question).is_empty());
    question.rubric[0].points = Points(50);
    let errors = question.check();
    assert_eq!(errors[0].field, "rubric-0-points");
    assert_eq!(
        errors[0].message,
        "The items of “Reason” add up to 1 point, but the criterion is worth 0.5 points. Change one so that both agree."
    );
    assert_eq!(
        errors[1].message,
        "The criteria add up to 1.5 points, but the question is worth 2 points. Change one so that both agree."
    );
}

#[test]
fn only_short_answers_have_references() {
    let mut question = content(Key::TrueFalse { correct: true });
    question.references.push("Because".into());
    assert_eq!(fields(&question), ["references"]);
}

#[test]
fn a_bare_short_answer_is_warned_about() {
    let mut question = content(Key::ShortAnswer { allow_file: false });
    assert!(question.check().is_empty() && question.warning().is_some());
    question.references.push("Because".into());
    assert!(question.warning().is_none());
    assert!(content(Key::TrueFalse { correct: true }).warning().is_none());
}

#[test]
fn options_in_use_stay_in_their_places() {
    let choice = |texts: &[&str]| {
        content(Key::SingleChoice {
            options: texts.iter().map(|text| option(text, false)).collect(),
        })
    };
    let old = choice(&["red", "gren", "blue"]);
    assert!(
        choice(&["red", "green", "blue"]).keeps_places_of(&old),
        "a misspelling may be corrected"
    );
    assert!(
        choice(&["red", "gren", "blue", "black"]).keeps_places_of(&old),
        "one may be added at the end"
    );
    assert!(!choice(&["red", "blue"]).keeps_places_of(&old), "none may go");
    assert!(!choice(&["gren", "red", "blue"]).keeps_places_of(&old), "none may swap");
    assert!(
        !choice(&["red", "blue", "black"]).keeps_places_of(&old),
        "none may move up"
    );
}

#[test]
fn only_what_counts_grades_anew() {
    let old = content(Key::TrueFalse { correct: true });
    assert!(
        !QuestionContent {
            prompt: "Why not?".into(),
            ..old.clone()
        }
        .grades_differently_from(&old)
    );
    assert!(
        QuestionContent {
            points: Points(300),
            ..old.clone()
        }
        .grades_differently_from(&old)
    );
    let old = content(Key::ShortAnswer { allow_file: false });
    assert!(
        QuestionContent {
            prompt: "Why not?".into(),
            ..old.clone()
        }
        .grades_differently_from(&old)
    );
    assert!(!content(Key::ShortAnswer { allow_file: true }).grades_differently_from(&old));
}

use super::*;
use proptest::prelude::*;

fn options(texts: &[&str]) -> Vec<OptionForm> {
    texts
        .iter()
        .map(|text| OptionForm {
            text: (*text).into(),
            correct: String::new(),
        })
        .collect()
}

fn form() -> QuestionForm {
    QuestionForm {
        prompt: "Why?".into(),
        points: "2".into(),
        ..QuestionForm::default()
    }
}

#[test]
fn empty_rows_are_left_out_and_marks_follow_their_row() {
    let typed = QuestionForm {
        options: options(&["red", "", "blue", " "]),
        correct: "2".into(),
        ..form()
    };
    let content = typed.read(QuestionKind::SingleChoice).expect("good");
    let Key::SingleChoice { options } = content.key else {
        panic!("a choice")
    };
    assert_eq!(options.len(), 2);
    assert!(options[1].correct && options[1].text == "blue" && !options[0].correct);
}

#[test]
fn what_is_stored_alike_says_the_same() {
    let kind = QuestionKind::SingleChoice;
    let of = |points: &str, texts: &[&str], correct: &str| QuestionForm {
        points: points.into(),
        options: options(texts),
        correct: correct.into(),
        ..form()
    };
    let whole = of("2", &["red", "blue"], "1");
    assert!(whole.says_the_same(&of("2.0", &["red", "", " blue "], "2"), kind));
    assert!(!whole.says_the_same(&of("2", &["red", "blue"], "0"), kind));
    assert!(!whole.says_the_same(&of("2", &["red", "blue", "green"], "1"), kind));
    // What cannot be saved yet is compared as it was typed.
    let unfinished = of("2", &["red"], "");
    assert!(unfinished.says_the_same(&unfinished.clone(), kind));
    assert!(!unfinished.says_the_same(&of("2", &["green"], ""), kind));
    assert!(!unfinished.says_the_same(&whole, kind));
}

#[test]
fn errors_name_the_row_that_was_typed() {
    let typed = QuestionForm {
        options: options(&["red", "", "red"]),
        correct: "0".into(),
        ..form()
    };
    let errors = typed.read(QuestionKind::SingleChoice).expect_err("twins");
    assert_eq!(
        (errors[0].field.as_str(), errors[0].message.as_str()),
        ("options-2-text", "This is the same as option 1.")
    );
}

#[test]
fn all_errors_come_at_once() {
    let item = ItemForm {
        points: "lots".into(),
        ..ItemForm::default()
    };
    let criterion = CriterionForm {
        title: "Reason".into(),
        points: "1".into(),
        items: vec![ItemForm::default(), item],
        ..CriterionForm::default()
    };
    let typed = QuestionForm {
        prompt: String::new(),
        points: "-1".into(),
        rubric: vec![CriterionForm::default(), criterion],
        ..form()
    };
    let errors = typed.read(QuestionKind::ShortAnswer).expect_err("much");
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        ["points", "rubric-1-items-1-points", "prompt", "rubric-1-items-1-text"]
    );
}

#[test]
fn true_or_false_must_be_chosen() {
    assert_eq!(
        form().read(QuestionKind::TrueFalse).expect_err("unmarked")[0].field,
        "correct"
    );
    let typed = QuestionForm {
        correct: "false".into(),
        ..form()
    };
    assert_eq!(
        typed.read(QuestionKind::TrueFalse).map(|content| content.key),
        Ok(Key::TrueFalse { correct: false })
    );
}

#[test]
fn an_empty_tolerance_is_exact() {
    let typed = QuestionForm {
        value: "9,81".into(),
        unit: " m/s² ".into(),
        ..form()
    };
    let key = Key::Numeric {
        value: "9,81".into(),
        tolerance: "0".into(),
        unit: "m/s²".into(),
    };
    assert_eq!(typed.read(QuestionKind::Numeric).map(|content| content.key), Ok(key));
}

proptest! {
    #[test]
    fn any_form_is_read_or_refused_with_reasons(
        kind in 0usize..5, prompt in ".{0,30}", points in ".{0,6}", texts in prop::collection::vec(".{0,9}", 0..6), correct in ".{0,3}",
    ) {
        let form = QuestionForm {
            prompt, points, correct,
            value: texts.first().cloned().unwrap_or_default(),
            references: texts.clone(),
            options: texts.into_iter().map(|text| OptionForm { text, correct: "on".into() }).collect(),
            ..QuestionForm::default()
        };
        match form.read(QuestionKind::ALL[kind]) {
            Ok(content) => prop_assert!(content.check().is_empty() && content.key.kind() == QuestionKind::ALL[kind]),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}

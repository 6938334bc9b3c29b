//! Answers that are a reference answer, nearly one, or hardly one: copies, other signs, other words, nothing at all.

use super::{MITOSIS, SALT, SEASONS, for_each, grade, questions, request};
use grading::{Decision, GradeRequest, GradedExample};

#[test]
fn copies_of_the_reference_get_full_points() {
    for change in [
        |text: &str| text.to_owned(),
        |text: &str| text.to_uppercase(),
        |text: &str| text.trim_end_matches('.').replace(',', ""),
        |text: &str| {
            format!(
                "  {} ",
                text.replace("leaving", "leavng").replace("sunlight", "sunlihgt")
            )
        },
    ] {
        let Some(graded) = for_each(|_, reference| change(reference)) else {
            return;
        };
        for (answer, grade) in graded {
            assert_eq!(grade.score_hundredths, 200, "{answer}");
            assert_eq!(grade.decision, Decision::Accept, "{answer}");
            assert!(grade.confidence >= 0.95, "{answer}");
            assert_eq!(grade.evidence.matched_reference, Some(0));
        }
    }
}

#[test]
fn empty_answers_get_nothing_without_doubt() {
    for text in ["", "   ", "\n\t", "...", "?", "I don't know", "idk", "\u{200b}"] {
        let Some(graded) = for_each(|_, _| text.to_owned()) else {
            return;
        };
        for (_, grade) in graded {
            assert_eq!(
                (grade.score_hundredths, grade.decision),
                (0, Decision::Accept),
                "{text:?}"
            );
        }
    }
}

#[test]
fn another_sign_or_small_word_is_never_confidently_right() {
    let pairs = [
        ("The charge is -2.", "The charge is 2."),
        ("x < 5", "x > 5"),
        ("p < 0.05", "p > 0.05"),
        ("a + b", "a - b"),
        ("Na+", "Na-"),
        ("0.5", "5"),
        (".5", "5"),
        ("i != n", "i = n"),
        ("All bacteria are single cells.", "Some bacteria are single cells."),
        ("Only the mass changes.", "The mass changes."),
        ("The frame must be sent again.", "The frame can be sent again."),
        (
            "Heat flows from high to low temperature.",
            "Heat flows to high from low temperature.",
        ),
        ("A while loop.", "A for loop."),
        ("It is an AND gate.", "It is an OR gate."),
        ("The genotype is Aa.", "The genotype is aa."),
        ("The power is 5 MW.", "The power is 5 mW."),
        ("The link is causal.", "The link is casual."),
        ("The bank lends money to the firm.", "To the bank lends money the firm."),
        (
            "The more blocks it carries, the less far it goes.",
            "The less blocks it carries, the more far it goes.",
        ),
        (
            "The bulb is in a path with no battery.",
            "The battery is in a path with no bulb.",
        ),
    ];
    let requests = pairs
        .iter()
        .flat_map(|(one, other)| [request("What holds?", one, other), request("What holds?", other, one)]);
    let Some(grades) = grade(requests.collect()) else {
        return;
    };
    for (grade, (one, other)) in grades.iter().zip(pairs.iter().flat_map(|pair| [pair, pair])) {
        let high = grade.score_hundredths >= 150 && grade.decision == Decision::Accept;
        assert!(!high, "{one} | {other}: {grade:?}");
    }
    let same = pairs.iter().flat_map(|(one, other)| [one, other]);
    let Some(grades) = grade(same.clone().map(|text| request("What holds?", text, text)).collect()) else {
        return;
    };
    for (grade, text) in grades.iter().zip(same) {
        assert_eq!(
            (grade.score_hundredths, grade.decision),
            (200, Decision::Accept),
            "{text}"
        );
    }
}

#[test]
fn one_word_exchanged_or_more_said_is_never_confidently_right() {
    let cases = [
        (SALT, "The oil was evaporated, leaving the salt behind."),
        (SALT, "The water was evaporated, leaving the sugar behind."),
        (
            MITOSIS,
            "Mitosis produces two genetically identical plants, while meiosis produces four plants with half the number of chromosomes.",
        ),
        (
            SEASONS,
            "The axis of the Moon is tilted, so each hemisphere gets more direct sunlight during part of the year.",
        ),
        (
            SALT,
            "The water was evaporated, leaving the salt behind. Salt is a gas made of copper.",
        ),
        (
            SEASONS,
            "The axis of the Earth is tilted, so each hemisphere gets more direct sunlight during part of the year. Jupiter pulls the clouds.",
        ),
    ];
    let asked = cases.map(|(reference, answer)| {
        let (question, _) = questions()
            .into_iter()
            .find(|(_, known)| *known == reference)
            .expect("a question");
        request(question, reference, answer)
    });
    let Some(grades) = grade(asked.to_vec()) else { return };
    for ((_, answer), grade) in cases.iter().zip(grades) {
        assert_eq!(grade.decision, Decision::Review, "{answer}: {grade:?}");
    }
}

#[test]
fn none_and_zero_are_answers_where_there_is_none() {
    let question = "How many moons does Venus have?";
    let asked = [
        ("Venus has zero moons.", "none"),
        ("Venus has no moons.", "nothing"),
        ("Venus has zero moons.", "0"),
        ("none", "None!"),
        ("Venus has two moons.", "I don't know"),
    ]
    .map(|(reference, answer)| request(question, reference, answer));
    let Some(grades) = grade(asked.to_vec()) else { return };
    for (request, grade) in asked.iter().zip(&grades).take(3) {
        assert_eq!(grade.decision, Decision::Review, "{}: {grade:?}", request.answer);
    }
    assert_eq!(
        (grades[3].score_hundredths, grades[3].decision),
        (200, Decision::Accept)
    );
    assert_eq!((grades[4].score_hundredths, grades[4].decision), (0, Decision::Accept));
}

#[test]
fn what_was_graded_weighs_more_than_a_copy_or_an_empty_page() {
    let (q, r) = questions()[0];
    let example = |answer: &str, score| GradedExample {
        answer: answer.into(),
        score,
    };
    let graded = vec![
        example("Water was evaporated, leaving salt behind", 0.0),
        example("", 1.0),
        example("...", 0.5),
    ];
    let ask = |answer: &str| GradeRequest {
        graded: graded.clone(),
        ..request(q, r, answer)
    };
    let Some(grades) = grade(vec![ask(r), ask(" "), ask("..."), ask("?")]) else {
        return;
    };
    let copy = &grades[0];
    assert!(
        copy.decision == Decision::Review || copy.score_hundredths < 150,
        "{copy:?}"
    );
    let points: Vec<i32> = grades[1..].iter().map(|grade| grade.score_hundredths).collect();
    assert_eq!(points, [200, 100, 0]);
}

#[test]
fn an_answer_of_signs_alone_is_an_answer() {
    let signs = |answer: &str| request("Which operator compares?", "<", answer);
    let taught = GradeRequest {
        graded: vec![
            GradedExample {
                answer: "==".into(),
                score: 0.0,
            },
            GradedExample {
                answer: "<=".into(),
                score: 0.4,
            },
        ],
        ..signs("<=")
    };
    let element = request("What is the symbol of the element?", "sodium, Natrium", "Na");
    let Some(grades) = grade(vec![signs("<"), signs(" < "), signs(">"), signs("👍"), taught, element]) else {
        return;
    };
    for grade in &grades[..2] {
        assert_eq!((grade.score_hundredths, grade.decision), (200, Decision::Accept));
    }
    for grade in [&grades[2], &grades[3], &grades[5]] {
        assert_eq!(grade.decision, Decision::Review, "{grade:?}");
    }
    // Just the teacher's points, though the step is half a point.
    assert_eq!((grades[4].score_hundredths, grades[4].decision), (80, Decision::Accept));
}

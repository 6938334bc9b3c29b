//! What the real model does with ordinary and with hostile answers.

mod close;
mod hostile;

use std::sync::OnceLock;

use grading::{Decision, Grade, GradeRequest, GradedExample, Grader, GraderConfig, ReviewReason, RubricPart};

/// `None` on a developer's machine without the weights; a failure where CI is set.
fn grader() -> Option<&'static Grader> {
    static GRADER: OnceLock<Option<Grader>> = OnceLock::new();
    GRADER
        .get_or_init(|| match Grader::start(GraderConfig::default()) {
            Ok(grader) => Some(grader),
            Err(error) if std::env::var_os("CI").is_none() => {
                eprintln!("SKIPPED: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        })
        .as_ref()
}

const SALT: &str = "The water was evaporated, leaving the salt behind.";
const MITOSIS: &str = "Mitosis produces two genetically identical cells, while meiosis produces four cells with half the number of chromosomes.";
const TCP: &str = "TCP guarantees that all data arrives in order by numbering segments, acknowledging them and sending lost ones again; UDP does none of this.";
const SEASONS: &str =
    "The axis of the Earth is tilted, so each hemisphere gets more direct sunlight during part of the year.";

fn request(question: &str, reference: &str, answer: &str) -> GradeRequest {
    GradeRequest {
        question: question.into(),
        references: vec![reference.into()],
        answer: answer.into(),
        max_points_hundredths: 200,
        step_hundredths: 50,
        ..GradeRequest::default()
    }
}

fn questions() -> [(&'static str, &'static str); 4] {
    [
        ("How did you separate the salt from the water?", SALT),
        ("What is the difference between mitosis and meiosis?", MITOSIS),
        ("Why is TCP called reliable and UDP not?", TCP),
        ("Why are there seasons on Earth?", SEASONS),
    ]
}

fn grade(requests: Vec<GradeRequest>) -> Option<Vec<Grade>> {
    Some(grader()?.grade_many_blocking(requests).expect("grades"))
}

fn for_each(answer: impl Fn(&str, &str) -> String) -> Option<Vec<(String, Grade)>> {
    let requests: Vec<GradeRequest> = questions().iter().map(|(q, r)| request(q, r, &answer(q, r))).collect();
    let answers: Vec<String> = requests.iter().map(|request| request.answer.clone()).collect();
    Some(answers.into_iter().zip(grade(requests)?).collect())
}

fn assert_never_confidently_high(graded: &[(String, Grade)]) {
    for (answer, grade) in graded {
        let high = grade.score_hundredths >= 150 && grade.decision == Decision::Accept;
        assert!(!high, "{answer:?}: {grade:?}");
    }
}

#[test]
fn right_answers_beat_wrong_ones() {
    let cases = [
        (
            0,
            "We let the water evaporate and the salt stayed in the dish.",
            "We used a magnet to pull it out.",
        ),
        (
            1,
            "In mitosis you get two equal cells, in meiosis four with half of the chromosomes.",
            "Mitosis is when plants make food from light.",
        ),
        (
            2,
            "TCP numbers the packets and resends the ones that are not acknowledged, UDP does not.",
            "TCP is newer and has nicer colours.",
        ),
        (
            3,
            "Because the Earth's axis is tilted the hemispheres get more direct sun at different times.",
            "Because the Earth is closer to the sun in summer.",
        ),
    ];
    for (question, right, wrong) in cases {
        let (q, r) = questions()[question];
        let Some(grades) = grade(vec![request(q, r, right), request(q, r, wrong)]) else {
            return;
        };
        assert!(
            grades[0].score > grades[1].score + 0.1,
            "{right} {} {}",
            grades[0].score,
            grades[1].score
        );
        assert!(!grades[0].evidence.spans.is_empty(), "{right}");
        for span in &grades[0].evidence.spans {
            assert!(right.is_char_boundary(span.start) && right.is_char_boundary(span.end));
            assert!(span.start < span.end && (0.0..=1.0).contains(&span.weight));
        }
    }
}

#[test]
fn too_long_is_said() {
    let (q, r) = questions()[0];
    let long = "We heated the water slowly and wrote down what happened to it. ".repeat(100);
    let Some(grades) = grade(vec![request(q, r, &long)]) else {
        return;
    };
    assert_eq!(grades[0].reason, Some(ReviewReason::TooLong));
}

#[test]
fn without_anything_to_compare_with_a_person_decides() {
    let Some(grades) = grade(vec![GradeRequest {
        references: Vec::new(),
        ..request("Why?", "", "Because the axis is tilted.")
    }]) else {
        return;
    };
    assert_eq!(grades[0].reason, Some(ReviewReason::NoReference));
    assert_eq!((grades[0].decision, grades[0].confidence), (Decision::Review, 0.0));
}

#[test]
fn rubric_parts_are_matched_one_by_one() {
    let (q, r) = questions()[1];
    let part = |id: &str, text: &str| RubricPart {
        id: id.into(),
        text: text.into(),
        points_hundredths: 100,
    };
    let Some(grades) = grade(vec![GradeRequest {
        rubric: vec![
            part("mitosis", "Mitosis produces two identical cells."),
            part("meiosis", "Meiosis produces four cells with half the chromosomes."),
        ],
        ..request(q, r, "Mitosis makes two identical cells.")
    }]) else {
        return;
    };
    let rubric = &grades[0].evidence.rubric;
    assert_eq!(rubric.len(), 2);
    assert!(rubric[0].strength > rubric[1].strength + 0.2, "{rubric:?}");
    assert!(rubric[0].span.is_some());
}

#[test]
fn graded_answers_move_the_suggestion() {
    let (q, r) = questions()[3];
    let plain = request(q, r, "It is due to the tilt.");
    let graded = |score: f32| GradeRequest {
        graded: [
            "it is because of the tilt",
            "due to the tilt of it",
            "tilt",
            "the tilt is why",
        ]
        .iter()
        .map(|answer| GradedExample {
            answer: (*answer).into(),
            score,
        })
        .collect(),
        ..plain.clone()
    };
    let Some(grades) = grade(vec![graded(1.0), graded(0.0), plain.clone()]) else {
        return;
    };
    assert!(
        grades[0].score > grades[1].score + 0.2,
        "{} {}",
        grades[0].score,
        grades[1].score
    );
    assert_eq!(grades[0].evidence.similar.len(), 3);
    assert!(grades[2].evidence.similar.is_empty());
}

#[test]
fn the_same_words_get_the_teachers_grade() {
    let (q, r) = questions()[0];
    let example = |answer: &str, score| GradedExample {
        answer: answer.into(),
        score,
    };
    let graded = vec![
        example("Nothing!", 0.75),
        example("the sun did it", 0.25),
        example(r, 0.5),
    ];
    let requests = ["nothing", "The sun did it.", r].map(|answer| GradeRequest {
        graded: graded.clone(),
        ..request(q, r, answer)
    });
    let Some(grades) = grade(requests.to_vec()) else { return };
    let points: Vec<i32> = grades.iter().map(|grade| grade.score_hundredths).collect();
    assert_eq!(points, [150, 50, 100]);
    assert!(grades.iter().all(|grade| grade.decision == Decision::Accept));
}

#[test]
fn a_grade_does_not_depend_on_its_neighbours() {
    let mut requests = Vec::new();
    for (q, r) in questions() {
        for (_, other) in questions() {
            requests.push(request(q, r, other));
            requests.push(request(q, r, &other[..other.len() / 2]));
        }
    }
    let Some(together) = grade(requests.clone()) else {
        return;
    };
    for (request, expected) in requests.into_iter().zip(together) {
        let Some(alone) = grade(vec![request]) else { return };
        assert_eq!(alone, [expected]);
    }
}

#[test]
fn the_self_test_passes() {
    let Some(grader) = grader() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let result = runtime.block_on(grader.self_test()).expect("grades");
    assert!(result.passed, "{result:?}");
    assert!(grader.model_version().starts_with("all-MiniLM-L6-v2@53aa5117+head-"));
}

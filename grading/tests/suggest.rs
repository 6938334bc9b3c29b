//! Suggestions for a whole question: what a teacher's grade changes, how fast, and that it always
//! changes the same.

use std::time::Instant;

use grading::{Decision, GradedExample, Grader, GraderConfig, QuestionRequest};

fn request(answers: usize) -> QuestionRequest {
    let subjects = ["the water", "the salt", "the steam", "the sun", "the pan"];
    let verbs = [
        "evaporates from",
        "stays behind in",
        "boils out of",
        "dries up in",
        "dissolves in",
    ];
    let places = [
        "the dish",
        "the pot",
        "the beaker",
        "a bowl",
        "the cup",
        "the hot plate",
        "the flask",
    ];
    let answers: Vec<String> = (0..answers)
        .map(|n| {
            format!(
                "{} {} {} after {} minutes",
                subjects[n % 5],
                verbs[(n / 5) % 5],
                places[(n / 25) % 7],
                n / 175 + 1
            )
        })
        .collect();
    let graded = answers.iter().step_by(7).take(40).enumerate();
    QuestionRequest {
        question: "How did you separate the salt from the water?".into(),
        references: vec!["The water was evaporated, leaving the salt behind.".into()],
        graded: graded
            .map(|(at, answer)| GradedExample {
                answer: answer.clone(),
                score: if at % 3 == 0 { 1.0 } else { 0.5 },
            })
            .collect(),
        answers,
        max_points_hundredths: 200,
        step_hundredths: 50,
        ..QuestionRequest::default()
    }
}

#[test]
fn groups_queue_and_grades_fit_together() {
    let grader = Grader::start_fake();
    let mut request = request(60);
    request
        .answers
        .push("The water evaporates from the dish, after 1 minutes!".into());
    request.answers.push(String::new());
    let found = grader.suggest_blocking(&request).expect("suggests");
    assert_eq!(found.grades.len(), 62);
    assert_eq!(found.groups.len(), 62);
    assert_eq!(found.graded_groups.len(), request.graded.len());
    // The first answer was graded: its group is the first, and its double has the same grade.
    assert_eq!((found.groups[0], found.graded_groups[0], found.groups[60]), (0, 0, 0));
    assert_eq!(found.settles[0], 2);
    assert_eq!(found.grades[60].score_hundredths, 200);
    assert_eq!(found.grades[60].decision, Decision::Accept);
    assert_eq!(found.grades[61].score_hundredths, 0);
    for at in &found.next {
        assert_eq!(found.grades[*at as usize].decision, Decision::Review);
    }
    for grade in &found.grades {
        let share = grade.score_hundredths as f32 / 200.0;
        assert!(
            grade.interval[0] <= share + 1e-3 && share <= grade.interval[1] + 1e-3,
            "{grade:?}"
        );
    }
    // One answer alone gets the same grade as among the others.
    let alone = grader
        .grade_many_blocking(vec![request.single(&request.answers[33])])
        .expect("grades");
    assert_eq!(alone[0], found.grades[33]);
}

#[test]
fn contradicting_grades_are_reported() {
    let grader = Grader::start_fake();
    let mut request = request(5);
    let double = GradedExample {
        answer: "The WATER evaporates from the dish after 1 minutes".into(),
        score: 0.0,
    };
    request.graded.push(double);
    let found = grader.suggest_blocking(&request).expect("suggests");
    assert_eq!(found.conflicts.len(), 1);
    assert_eq!((found.conflicts[0].first, found.conflicts[0].difference), (0, 1.0));
}

#[test]
fn five_hundred_answers_follow_a_new_grade_at_once_and_always_alike() {
    let grader = match Grader::start(GraderConfig::default()) {
        Ok(grader) => grader,
        Err(error) if std::env::var_os("CI").is_none() => return eprintln!("SKIPPED: {error}"),
        Err(error) => panic!("{error}"),
    };
    let mut request = request(500);
    let first = grader.suggest_blocking(&request).expect("suggests");
    assert_eq!(grader.suggest_blocking(&request).expect("suggests"), first);
    request.graded[3].score = 0.0;
    let begun = Instant::now();
    let changed = grader.suggest_blocking(&request).expect("suggests");
    let took = begun.elapsed();
    eprintln!("500 answers, 40 graded, one grade changed: {took:?}");
    assert_ne!(changed.grades, first.grades);
    // The target is 0.2 s; a busy test machine gets some room.
    assert!(took.as_secs_f64() < 1.0, "{took:?}");
    let other = Grader::start(GraderConfig {
        workers: 1,
        ..GraderConfig::default()
    })
    .expect("starts");
    assert_eq!(other.suggest_blocking(&request).expect("suggests"), changed);
}

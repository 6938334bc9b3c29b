//! Training on a few answers, with the real encoder: the same bytes every time, and resumed work is the same work.

use std::fs;
use std::path::{Path, PathBuf};

use grading::train::{TrainOptions, train};
use grading::{Grader, GraderConfig, GradingError};

const QUESTIONS: [(&str, &str, [&str; 4]); 6] = [
    (
        "Why does salt stay in the pan?",
        "Salt does not evaporate with the water.",
        [
            "only the water evaporates",
            "salt cannot turn to steam like water",
            "the pan is hot",
            "because I put it there",
        ],
    ),
    (
        "Why is the sky dark at night?",
        "The Earth has turned away from the sun.",
        [
            "our side of Earth faces away from the sun",
            "the sun is on the other side",
            "the moon is bright",
            "people sleep",
        ],
    ),
    (
        "What does a fuse do?",
        "It melts and breaks the circuit when the current is too high.",
        [
            "too much current melts it and opens the circuit",
            "it breaks the circuit",
            "it gives light",
            "it stores energy",
        ],
    ),
    (
        "What do roots do?",
        "They take up water and hold the plant.",
        [
            "they absorb water for the plant",
            "hold the plant and take in water",
            "they make flowers",
            "they are brown",
        ],
    ),
    (
        "Why do we see lightning first?",
        "Light travels faster than sound.",
        [
            "sound is slower than light",
            "light is faster",
            "it is very loud",
            "clouds are electric",
        ],
    ),
    (
        "What is a prime number?",
        "A number with exactly two divisors, one and itself.",
        [
            "only one and itself divide it",
            "it has exactly two divisors",
            "an odd number",
            "a large number",
        ],
    ),
];

fn write_data(folder: &Path) -> PathBuf {
    let file = folder.join("few.jsonl");
    let mut lines = String::new();
    for (number, (question, reference, answers)) in QUESTIONS.iter().enumerate() {
        // Each twice, so that there is enough for the adapter to learn from.
        let twice = answers.iter().map(|answer| (*answer).to_owned());
        let twice = twice.chain(answers.iter().map(|answer| format!("I think {answer}")));
        for (place, answer) in twice.enumerate() {
            let row = serde_json::json!({
                "dataset": "few", "question_id": number.to_string(), "question": question,
                "reference_answer": reference, "answer": answer,
                "score": if place % 4 < 2 { 1.0 } else { 0.0 }, "max_score": 1.0,
            });
            lines += &format!("{row}\n");
        }
    }
    fs::write(&file, lines).expect("written");
    file
}

#[test]
fn training_again_or_going_on_gives_the_same_bytes() {
    let folder = std::env::temp_dir().join(format!("grading-training-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let data = write_data(&folder);
    let run = |name: &str, cache: Option<&str>, seed: u64| -> Option<Vec<u8>> {
        let options = TrainOptions {
            data: vec![data.clone()],
            out: folder.join(name),
            version: "head-test".into(),
            seed,
            divisions: 1,
            cache: cache.map(|cache| folder.join(cache)),
            grader: GraderConfig::default(),
        };
        match train(&options, &mut |_| {}) {
            Ok(report) => assert_eq!(report.seeds, 1),
            Err(error @ GradingError::ModelMissing(_)) if std::env::var_os("CI").is_none() => {
                eprintln!("SKIPPED: {error}");
                return None;
            }
            Err(error) => panic!("{error}"),
        }
        Some(fs::read(folder.join(name).join("head.json")).expect("a head"))
    };
    let Some(first) = run("first", None, 1) else { return };
    let head: serde_json::Value = serde_json::from_slice(&first).expect("json");
    let steps = head["adapter"]["layers"][1][3]["up"]["steps"]
        .as_str()
        .expect("an adapter");
    assert!(steps.contains(|digit| digit != '0'), "the adapter has learnt nothing");
    assert_eq!(Some(&first), run("kept", Some("cache"), 1).as_ref());
    // A part of what was kept is gone, as after a stop.
    let kept = fs::read_dir(folder.join("cache"))
        .expect("kept")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("adapter-"));
    for file in kept.take(3) {
        fs::remove_file(file.path()).expect("removed");
    }
    assert_eq!(Some(&first), run("resumed", Some("cache"), 1).as_ref());
    assert_ne!(Some(&first), run("other", None, 2).as_ref());

    let head = folder.join("first/head.json");
    let config = |sha256: Option<String>| GraderConfig {
        workers: 1,
        head: Some(head.clone()),
        head_sha256: sha256,
        ..GraderConfig::default()
    };
    let hash = grading::weights::sha256(&head).expect("a hash");
    let report = fs::read(folder.join("first/report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("json");
    assert_eq!(report["head"], *hash, "the report says what it is about");
    let grader = Grader::start(config(Some(hash.clone()))).expect("it starts with the head it was promised");
    assert!(
        grader.model_version().ends_with(&format!("+head-test@{}", &hash[..8])),
        "{}",
        grader.model_version()
    );
    let refused = Grader::start(config(Some("f".repeat(64))))
        .err()
        .expect("another head")
        .to_string();
    assert!(refused.contains(&hash), "{refused}");
    fs::remove_dir_all(&folder).expect("removed");
}

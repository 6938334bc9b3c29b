//! What the command line does, as plain functions: the server's binary only parses arguments.

mod bench;
mod devices;
mod evaluate;
mod explain;
mod predict;
mod task;
mod train;

pub use bench::{BenchReport, bench};
pub use devices::{DeviceReport, devices};
pub use evaluate::{EvaluateOptions, EvaluateReport, Protocol, evaluate};
pub use explain::{Explanation, explain};
pub use predict::{PredictOptions, PredictSummary, predict};
pub use train::{TrainCommand, train};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GraderConfig, GradingError};

    fn said(error: GradingError) -> String {
        assert!(
            !matches!(error, GradingError::ModelMissing(_)),
            "said only after the model"
        );
        error.to_string()
    }

    #[test]
    fn what_cannot_be_done_is_said_before_anything_is_computed() {
        let none = GraderConfig {
            model_dir: "/no/such/model".into(),
            ..GraderConfig::default()
        };
        let explained =
            |file: &[u8], target: f32| said(explain(&none, file, target, &mut |_| {}).expect_err("refused"));
        assert!(explained(b"\n  \n", 0.95).contains("no task"));
        assert!(explained(b"{}", 0.2).contains("agreement"));
        assert!(explained(br#"{"id":1,"max_score":-1,"answers":[]}"#, 0.95).contains("max_score"));
        let long = serde_json::json!({ "id": 1, "answers": [{ "id": 1, "text": "a".repeat(300_000) }] });
        assert!(explained(long.to_string().as_bytes(), 0.95).contains("300000 bytes"));

        for answers in [0, usize::MAX] {
            assert!(said(bench(none.clone(), answers).expect_err("refused")).contains("answers"));
        }

        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("few.jsonl");
        let row = r#"{"dataset":"few","question_id":"1","answer":"a","score":1,"max_score":1}"#;
        std::fs::write(&data, format!("{row}\n{row}\n{row}\n")).expect("writes");
        let trained = train(
            TrainCommand {
                data: vec![data.clone()],
                out: folder.path().join("out"),
                version: "mine".into(),
                seed: 1,
                cache: None,
                grader: none.clone(),
            },
            &mut |_| {},
        );
        assert!(said(trained.expect_err("refused")).starts_with("3 graded answers to 1 questions"));
        let measured = |k: Vec<usize>, seeds: u64| {
            let options = EvaluateOptions {
                data: vec![data.clone()],
                k,
                seeds,
                grader: none.clone(),
                ..EvaluateOptions::default()
            };
            said(evaluate(options, &mut |_| {}).expect_err("refused"))
        };
        assert!(measured(vec![0], 0).contains("seeds"));
        assert!(measured(vec![5, usize::MAX], 1).contains("at most 3 answers"));
        assert!(measured(Vec::new(), 1).contains("how many"));
    }
}

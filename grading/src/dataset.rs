//! Graded answers from files, for training and measuring: one JSON object a line with `dataset`,
//! `question_id`, `question`, `reference_answer` (or `all_references`), `answer`, `score`,
//! `max_score`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{GradeRequest, GradingError};

/// One graded answer.
#[derive(Clone, Debug)]
pub struct Row {
    pub dataset: String,
    /// Dataset and question together: unique over all files.
    pub question_id: String,
    pub question: String,
    pub references: Vec<String>,
    pub answer: String,
    /// Share of the full points, 0 to 1.
    pub score: f32,
    /// For an answer nobody gave: the other question whose reference it is.
    pub lent_by: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    dataset: String,
    question_id: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    reference_answer: String,
    #[serde(default)]
    all_references: Vec<String>,
    answer: String,
    score: f32,
    max_score: f32,
}

impl Row {
    /// The request a grader would see, worth one point.
    pub fn request(&self, step_hundredths: i32) -> GradeRequest {
        GradeRequest {
            question: self.question.clone(),
            references: self.references.clone(),
            answer: self.answer.clone(),
            max_points_hundredths: 100,
            step_hundredths,
            ..GradeRequest::default()
        }
    }
}

impl From<Line> for Row {
    fn from(line: Line) -> Self {
        let mut references = line.all_references;
        if !line.reference_answer.trim().is_empty() && !references.contains(&line.reference_answer) {
            references.insert(0, line.reference_answer);
        }
        references.retain(|text| !text.trim().is_empty());
        references.truncate(16);
        Self {
            question_id: format!("{}/{}", line.dataset, line.question_id),
            dataset: line.dataset,
            question: line.question,
            references,
            answer: line.answer,
            lent_by: None,
            score: (line.score / line.max_score.max(1e-6)).clamp(0.0, 1.0),
        }
    }
}

/// Reads files, or all `.jsonl` files of a folder (in the order of their names).
pub fn load(paths: &[PathBuf]) -> Result<Vec<Row>, GradingError> {
    let mut rows = Vec::new();
    for path in paths {
        if path.is_dir() {
            for file in files_in(path)? {
                read(&file, &mut rows)?;
            }
        } else {
            read(path, &mut rows)?;
        }
    }
    Ok(rows)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, GradingError> {
    let failed = |error| GradingError::Data(format!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(failed)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
        .collect();
    files.sort();
    Ok(files)
}

fn read(file: &Path, rows: &mut Vec<Row>) -> Result<(), GradingError> {
    let failed = |what: String| GradingError::Data(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|error| failed(format!("line {}: {error}", number + 1)))?;
        rows.push(line.into());
    }
    Ok(())
}

//! Between our lessons and the grader's: a whole question in, suggestions for its undecided answers out.

use super::grade::{example, rubric, step, suggestion};
use app::grade::service::{AnswerText, Learned, Lesson, Replay, Taught};
use app::question::model::Question;
use grading::{Grader, GradingError, QuestionRequest};
use sha2::{Digest, Sha256};
use std::time::Instant;

/// Makes the suggestions of a lesson. What comes out depends on the lesson and the model alone.
pub async fn learn(grader: &Grader, lesson: &Lesson) -> Result<Learned, GradingError> {
    let began = Instant::now();
    let texts: Vec<&AnswerText> = lesson.answers.iter().map(|pupil| &pupil.text).collect();
    let request = request(&lesson.question, lesson.target, &lesson.examples, &texts);
    let mut learned = suggest(grader, request, &lesson.question, &lesson.examples, &texts).await?;
    if lesson.regroup {
        let all: Vec<String> = lesson
            .answers
            .iter()
            .chain(&lesson.decided)
            .map(|pupil| pupil.text.text.clone())
            .collect();
        // Comparing all with all takes a while for a large class.
        learned.groups = tokio::task::spawn_blocking(move || grading::groups::group(&all))
            .await
            .map_err(|error| GradingError::Device(error.to_string()))?;
    }
    learned.took = began.elapsed();
    Ok(learned)
}

/// Makes a stored run again.
pub async fn replay(grader: &Grader, run: &Replay) -> Result<Learned, GradingError> {
    let texts: Vec<&AnswerText> = run.answers.iter().collect();
    let request = request(&run.question, run.target, &run.examples, &texts);
    suggest(grader, request, &run.question, &run.examples, &texts).await
}

fn request(question: &Question, target: i32, taught: &[Taught], texts: &[&AnswerText]) -> QuestionRequest {
    QuestionRequest {
        question: question.prompt.clone(),
        references: question.references.clone(),
        rubric: rubric(question),
        graded: taught.iter().map(example).collect(),
        answers: texts.iter().map(|text| text.text.clone()).collect(),
        max_points_hundredths: question.points.0,
        step_hundredths: step(question),
        target_agreement: (target as f32 / 1000.0).min(0.999),
    }
}

async fn suggest(
    grader: &Grader,
    request: QuestionRequest,
    question: &Question,
    taught: &[Taught],
    texts: &[&AnswerText],
) -> Result<Learned, GradingError> {
    let input_hash = hash(&request);
    let found = grader.suggest(request).await?;
    let suggestions = found
        .grades
        .into_iter()
        .zip(texts)
        .map(|(grade, text)| suggestion(question, text, taught, grade))
        .collect();
    Ok(Learned {
        suggestions,
        model: found.model,
        input_hash,
        ..Learned::default()
    })
}

/// SHA-256 of the whole request.
fn hash(request: &QuestionRequest) -> String {
    // The struct has a fixed field order, so its JSON is canonical.
    hex::encode(Sha256::digest(serde_json::to_vec(request).unwrap_or_default()))
}

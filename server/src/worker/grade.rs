//! Between our words and the grader's: jobs in, suggestions out.

use app::grade::model::{Decision, Evidence, EvidenceSpan, RubricMatch, Similar, Suggestion};
use app::grade::service::{AnswerText, Job, Taught};
use app::points::Points;
use app::question::model::Question;
use app::question::rules;
use grading::{Grade, GradeRequest, GradedExample, Grader, RubricPart};
use sha2::{Digest, Sha256};

/// The name under which exact rules are recorded.
const RULES: &str = "rules-1";
/// Half points, unless the question is worth less than two points: then quarters.
const STEP: i32 = 50;

/// What became of a batch.
#[derive(Default)]
pub struct Graded {
    pub done: Vec<(Job, Suggestion)>,
    pub failed: Vec<(Job, String)>,
    /// How many the grader could not take now.
    pub unserved: usize,
}

/// Grades all jobs: choices and numbers by rule, free text by the model.
pub async fn all(grader: &Grader, jobs: Vec<Job>) -> Graded {
    let mut graded = Graded::default();
    let mut free = Vec::new();
    for job in jobs {
        match rules::grade(&job.question.key, job.question.points, &job.value) {
            Some(ruling) => {
                let suggestion = by_rule(&job, ruling);
                graded.done.push((job, suggestion));
            }
            None => free.push(job),
        }
    }
    if free.is_empty() {
        return graded;
    }
    let requests: Vec<GradeRequest> = free.iter().map(request).collect();
    match grader.grade_many(requests.clone()).await {
        Ok(grades) => graded.done.extend(free.into_iter().zip(grades).map(|(job, grade)| {
            let suggestion = by_model(&job, grade);
            (job, suggestion)
        })),
        // One answer the grader cannot take must not hold up its neighbours.
        Err(_) => {
            for (job, request) in free.into_iter().zip(requests) {
                match grader.grade_many(vec![request]).await.map(|mut grades| grades.pop()) {
                    Ok(Some(grade)) => {
                        let suggestion = by_model(&job, grade);
                        graded.done.push((job, suggestion));
                    }
                    Ok(None) => graded.failed.push((job, "The grader gave no answer.".into())),
                    Err(error) if error.is_temporary() => graded.unserved += 1,
                    Err(error) => graded.failed.push((job, error.to_string())),
                }
            }
        }
    }
    graded
}

fn by_rule(job: &Job, ruling: rules::Ruling) -> Suggestion {
    let input = serde_json::to_vec(&(&job.question.key, job.question.points, &job.value)).unwrap_or_default();
    Suggestion {
        points: ruling.points,
        confidence: None,
        decision: Decision::Accept,
        reason: None,
        evidence: Evidence {
            why: ruling.why,
            ..Evidence::default()
        },
        model: RULES.into(),
        input_hash: hex::encode(Sha256::digest(input)),
    }
}

fn request(job: &Job) -> GradeRequest {
    let question = &job.question;
    GradeRequest {
        question: question.prompt.clone(),
        references: question.references.clone(),
        rubric: rubric(question),
        graded: job.graded.iter().map(example).collect(),
        answer: job.graded_text.clone(),
        max_points_hundredths: question.points.0,
        step_hundredths: step(question),
    }
}

/// A request without examples from teachers: what a model knows by itself.
pub(super) fn plain_request(question: &Question, text: &AnswerText) -> GradeRequest {
    GradeRequest {
        question: question.prompt.clone(),
        references: question.references.clone(),
        rubric: rubric(question),
        graded: Vec::new(),
        answer: text.text.clone(),
        max_points_hundredths: question.points.0,
        step_hundredths: step(question),
    }
}

/// The smallest difference in points, in hundredths.
pub(super) fn step(question: &Question) -> i32 {
    if question.points.0 < 200 { STEP / 2 } else { STEP }
}

pub(super) fn rubric(question: &Question) -> Vec<RubricPart> {
    parts(question)
        .map(|(id, text, points, _)| RubricPart {
            id,
            text,
            points_hundredths: points.0,
        })
        .collect()
}

pub(super) fn example(taught: &Taught) -> GradedExample {
    GradedExample {
        answer: taught.text.clone(),
        score: taught.share,
    }
}

/// The rubric as the grader takes it: items that earn points, and criteria without items.
fn parts(question: &Question) -> impl Iterator<Item = (String, String, Points, String)> + '_ {
    question.rubric.iter().flat_map(|criterion| {
        let items = criterion.items.iter().filter(|item| item.points > Points::ZERO);
        let mut parts: Vec<_> = items
            .map(|item| {
                (
                    item.id.to_string(),
                    item.text.clone(),
                    item.points,
                    item.feedback.clone(),
                )
            })
            .collect();
        if parts.is_empty() {
            parts.push((
                criterion.id.to_string(),
                criterion.title.clone(),
                criterion.points,
                String::new(),
            ));
        }
        parts
    })
}

fn by_model(job: &Job, grade: Grade) -> Suggestion {
    let text = AnswerText {
        text: job.graded_text.clone(),
        from_file: job.has_file_text,
    };
    suggestion(&job.question, &text, &job.graded, grade)
}

/// What the grader found, in our words.
pub(super) fn suggestion(question: &Question, text: &AnswerText, taught: &[Taught], grade: Grade) -> Suggestion {
    let span = |span: grading::Span| EvidenceSpan {
        start: span.start as u32,
        end: span.end as u32,
        weight: span.weight,
    };
    let why = match grade.reason {
        Some(reason) => reason.words().to_owned(),
        None if text.text.trim().is_empty() => "No answer was given.".into(),
        None => "The model is sure enough of this suggestion.".into(),
    };
    let rubric = parts(question)
        .filter_map(|(id, text, points, feedback)| {
            let found = grade.evidence.rubric.iter().find(|found| found.id == id)?;
            Some(RubricMatch {
                text,
                points,
                strength: found.strength,
                span: found.span.map(span),
                feedback,
            })
        })
        .collect();
    let evidence = Evidence {
        why,
        reference: grade
            .evidence
            .matched_reference
            .and_then(|i| question.references.get(i))
            .cloned(),
        spans: grade.evidence.spans.iter().copied().map(span).collect(),
        rubric,
        graded_text: text.from_file.then(|| text.text.clone()),
        similar: grade
            .evidence
            .similar
            .iter()
            .filter_map(|similar| {
                let known = taught.get(similar.index)?;
                Some(Similar {
                    grade: known.grade,
                    similarity: similar.similarity,
                    points: known.points,
                    text: String::new(),
                })
            })
            .collect(),
    };
    Suggestion {
        points: Points(grade.score_hundredths),
        confidence: Some(grade.confidence),
        decision: match grade.decision {
            grading::Decision::Accept => Decision::Accept,
            grading::Decision::Review => Decision::Review,
        },
        reason: grade.reason.map(|reason| reason.as_str().to_owned()),
        evidence,
        model: grade.model,
        input_hash: grade.input_hash,
    }
}

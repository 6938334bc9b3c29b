//! Suggestions for a whole question: what is not known yet goes through the workers, the learning
//! happens off the async threads.

use std::collections::HashSet;
use std::sync::Arc;

use super::Grader;
use crate::prepare::TextKey;
use crate::study::{Side, Study, study_key};
use crate::teach::{self, QuestionRequest, QuestionSuggestions};
use crate::{GradeRequest, GradingError};

/// Answers sent to the workers at once.
const SLICE: usize = 256;
/// How often to ask again for answers that were pushed out of memory before they could be used.
const ATTEMPTS: usize = 3;

impl Grader {
    /// Suggests grades for all answers of a question from what is known and what was graded. Answers
    /// seen before cost next to nothing; new ones go through the encoder first. The same request
    /// gives the same suggestions.
    pub async fn suggest(&self, request: QuestionRequest) -> Result<QuestionSuggestions, GradingError> {
        request.check(&self.inner.limits)?;
        let mut gather = Gather::new(self, &request);
        while let Some(slice) = gather.missing()? {
            self.grade_many(slice).await?;
            gather.collect(self);
        }
        let studies = gather.finish();
        let factory = Arc::clone(&self.inner.factory);
        tokio::task::spawn_blocking(move || learn(&factory, &request, &studies))
            .await
            .map_err(|error| GradingError::Crashed(error.to_string()))
    }

    /// The same for code outside an async runtime.
    pub fn suggest_blocking(&self, request: &QuestionRequest) -> Result<QuestionSuggestions, GradingError> {
        request.check(&self.inner.limits)?;
        let mut gather = Gather::new(self, request);
        while let Some(slice) = gather.missing()? {
            self.grade_many_blocking(slice)?;
            gather.collect(self);
        }
        Ok(learn(&self.inner.factory, request, &gather.finish()))
    }
}

fn learn(
    factory: &crate::engine::EngineFactory,
    request: &QuestionRequest,
    studies: &[Arc<Study>],
) -> QuestionSuggestions {
    let (graded, answers) = studies.split_at(request.graded.len());
    teach::suggest(factory.shared(), request, graded, answers)
}

/// Collects the studies of graded answers, then answers.
struct Gather<'a> {
    request: &'a QuestionRequest,
    keys: Vec<TextKey>,
    found: Vec<Option<Arc<Study>>>,
    attempts: usize,
    asked: usize,
}

impl<'a> Gather<'a> {
    fn new(grader: &Grader, request: &'a QuestionRequest) -> Self {
        let side = Side {
            question: &request.question,
            references: &request.references,
            rubric: &request.rubric,
        }
        .key();
        let graded = request.graded.iter().map(|example| example.answer.as_str());
        let answers = request.answers.iter().map(String::as_str);
        let keys: Vec<TextKey> = graded.chain(answers).map(|text| study_key(&side, text)).collect();
        let mut gather = Self {
            request,
            found: vec![None; keys.len()],
            keys,
            attempts: 0,
            asked: 0,
        };
        gather.collect(grader);
        gather
    }

    fn text(&self, at: usize) -> &'a str {
        let graded = &self.request.graded;
        match graded.get(at) {
            Some(example) => &example.answer,
            None => &self.request.answers[at - graded.len()],
        }
    }

    fn collect(&mut self, grader: &Grader) {
        let studies = &grader.inner.factory.shared().studies;
        for (key, found) in self.keys.iter().zip(&mut self.found) {
            if found.is_none() {
                *found = studies.get(key);
            }
        }
    }

    /// The next requests whose texts are not known, none when all are.
    fn missing(&mut self) -> Result<Option<Vec<GradeRequest>>, GradingError> {
        let mut seen = HashSet::new();
        let left: Vec<usize> = (0..self.keys.len())
            .filter(|at| self.found[*at].is_none() && seen.insert(self.keys[*at]))
            .collect();
        if left.is_empty() {
            return Ok(None);
        }
        // Each round answers what it asked for, unless memory is so short that others pushed it out.
        if left.len() == self.asked {
            self.attempts += 1;
            if self.attempts > ATTEMPTS {
                return Err(GradingError::Crashed(
                    "answers were pushed out of memory before they could be used; nothing was graded, try again".into(),
                ));
            }
        }
        self.asked = left.len();
        let base = GradeRequest {
            graded: Vec::new(),
            ..self.request.single("")
        };
        let slice = left.into_iter().take(SLICE).map(|at| GradeRequest {
            answer: self.text(at).to_owned(),
            ..base.clone()
        });
        Ok(Some(slice.collect()))
    }

    fn finish(self) -> Vec<Arc<Study>> {
        self.found.into_iter().flatten().collect()
    }
}

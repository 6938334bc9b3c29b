//! Puts the stages together: requests in, grades out. One engine per worker thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use burn_flex::Flex;

use crate::adapt::{Example, Residual};
use crate::backend::{BurnEncoder, Encoded, Encoder, FakeEncoder};
use crate::batch::{Budget, plan};
use crate::cache::{Cache, Embedded};
use crate::features::{self, Comparison, QuestionSide};
use crate::grader::{Device, GraderConfig, Stats};
use crate::guard::{self, Verdict};
use crate::model::{BertConfig, BertEncoder, Head};
use crate::prepare::{Prepared, Preparer, TextKey, text_key};
use crate::request::{RubricMatch, SimilarExample};
use crate::weights::{ModelFiles, SafeTensors};
use crate::{Decision, Evidence, Grade, GradeRequest, GradingError, ReviewReason, explain};

/// What all workers share; makes an engine for each.
pub struct EngineFactory {
    maker: Maker,
    shared: Arc<Shared>,
    device: Device,
    batch: usize,
}

enum Maker {
    Fake,
    Flex(Box<BertEncoder<Flex>>),
    #[cfg(feature = "wgpu")]
    Wgpu(Box<BertEncoder<burn::backend::Wgpu>>),
    #[cfg(feature = "cuda")]
    Cuda(Box<BertEncoder<burn::backend::Cuda>>),
}

struct Shared {
    preparer: Preparer,
    head: Head,
    cache: Cache,
    version: String,
    accept_from: f32,
}

impl EngineFactory {
    pub fn load(config: &GraderConfig) -> Result<Self, GradingError> {
        let files = ModelFiles::open(&config.model_dir)?;
        let shape = BertConfig::load(&files.config)?;
        let preparer = Preparer::load(&files.tokenizer, shape.max_position_embeddings)?;
        let mut weights = SafeTensors::open(&files.weights)?;
        let maker = match config.device {
            Device::Cpu => Maker::Flex(Box::new(BertEncoder::load(&shape, &mut weights, &Default::default())?)),
            #[cfg(feature = "wgpu")]
            Device::Wgpu => Maker::Wgpu(Box::new(BertEncoder::load(&shape, &mut weights, &Default::default())?)),
            #[cfg(feature = "cuda")]
            Device::Cuda => Maker::Cuda(Box::new(BertEncoder::load(&shape, &mut weights, &Default::default())?)),
            #[cfg(not(all(feature = "wgpu", feature = "cuda")))]
            other => {
                return Err(GradingError::Device(format!(
                    "this program was built without {}",
                    other.as_str()
                )));
            }
        };
        let head = match &config.head {
            Some(file) => Head::load(file, config.head_sha256.as_deref())?,
            None => Head::shipped()?,
        };
        let version = format!("{}+{}", files.base_version, head.name());
        Ok(Self::assemble(maker, preparer, head, version, config))
    }

    pub fn fake() -> Self {
        let head = Head::shipped().expect("the shipped head was tested");
        let version = format!("fake@00000000+{}", head.name());
        Self::assemble(Maker::Fake, Preparer::fake(), head, version, &GraderConfig::default())
    }

    fn assemble(maker: Maker, preparer: Preparer, head: Head, version: String, config: &GraderConfig) -> Self {
        let accept_from = head.threshold(config.target_agreement);
        let cache = Cache::new(config.cache_bytes);
        let shared = Arc::new(Shared {
            preparer,
            head,
            cache,
            version,
            accept_from,
        });
        Self {
            maker,
            shared,
            device: config.device,
            batch: config.batch.max(1),
        }
    }

    pub fn build(&self) -> Result<Engine, GradingError> {
        let encoder: Box<dyn Encoder> = match &self.maker {
            Maker::Fake => Box::new(FakeEncoder),
            Maker::Flex(model) => Box::new(BurnEncoder::new(*model.clone())),
            #[cfg(feature = "wgpu")]
            Maker::Wgpu(model) => Box::new(BurnEncoder::new(*model.clone())),
            #[cfg(feature = "cuda")]
            Maker::Cuda(model) => Box::new(BurnEncoder::new(*model.clone())),
        };
        let shared = Arc::clone(&self.shared);
        Ok(Engine {
            encoder,
            shared,
            budget: Budget::default(),
            stats: Stats::default(),
        })
    }

    pub fn model_version(&self) -> &str {
        &self.shared.version
    }

    pub fn device_name(&self) -> String {
        match self.maker {
            Maker::Fake => "fake".into(),
            _ => self.device.as_str().into(),
        }
    }

    /// From which confidence on suggestions reach this agreement.
    pub fn threshold(&self, agreement: f32) -> f32 {
        self.shared.head.threshold(agreement)
    }

    pub fn batch(&self) -> usize {
        self.batch
    }
}

/// Grades requests, one batch at a time.
pub struct Engine {
    encoder: Box<dyn Encoder>,
    shared: Arc<Shared>,
    budget: Budget,
    stats: Stats,
}

type Texts = HashMap<TextKey, Arc<Embedded>>;

/// What all answers of one question have in common.
struct Context {
    side: QuestionSide,
    /// Each rubric part as if it were the only reference.
    rubric: Vec<QuestionSide>,
    graded: Vec<(Arc<Embedded>, f32)>,
    residual: Option<Residual>,
}

impl Engine {
    /// One grade per request, in order. A grade depends on its own request only.
    pub fn grade(&mut self, requests: &[GradeRequest]) -> Result<Vec<Grade>, GradingError> {
        let texts = self.embed(requests)?;
        let begun = Instant::now();
        let mut contexts: HashMap<String, Context> = HashMap::new();
        let mut grades = Vec::with_capacity(requests.len());
        for request in requests {
            let context = contexts
                .entry(context_key(request))
                .or_insert_with(|| self.context(request, &texts));
            let answer = &texts[&text_key(&request.answer)];
            grades.push(self.grade_one(request, context, answer));
        }
        self.stats.score_seconds += begun.elapsed().as_secs_f64();
        Ok(grades)
    }

    /// The features of each request, `None` where there is no reference: for training.
    pub fn features(&mut self, requests: &[GradeRequest]) -> Result<Vec<Option<Comparison>>, GradingError> {
        let texts = self.embed(requests)?;
        Ok(requests
            .iter()
            .map(|request| {
                let side = question_side(request, &texts, &request.references);
                features::compare(&side, &texts[&text_key(&request.answer)])
            })
            .collect())
    }

    pub fn take_stats(&mut self) -> Stats {
        std::mem::take(&mut self.stats)
    }

    /// Every text of the requests, encoded once. Only answers are not kept for later.
    fn embed(&mut self, requests: &[GradeRequest]) -> Result<Texts, GradingError> {
        let begun = Instant::now();
        let mut texts = Texts::new();
        let mut fresh: Vec<(TextKey, Prepared, bool)> = Vec::new();
        let mut planned: std::collections::HashSet<TextKey> = Default::default();
        for request in requests {
            let lasting = std::iter::once(&request.question)
                .chain(&request.references)
                .chain(request.rubric.iter().map(|part| &part.text))
                .chain(request.graded.iter().map(|example| &example.answer))
                .map(|text| (text, true));
            for (text, keep) in lasting.chain(std::iter::once((&request.answer, false))) {
                let key = text_key(text);
                if !planned.insert(key) {
                    continue;
                }
                if let Some(known) = self.shared.cache.get(&key) {
                    self.stats.texts_from_cache += 1;
                    texts.insert(key, known);
                } else {
                    fresh.push((key, self.shared.preparer.prepare(text)?, keep));
                }
            }
        }
        self.stats.prepare_seconds += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let lengths: Vec<usize> = fresh.iter().map(|(_, text, _)| text.tokens.ids.len()).collect();
        let mut encoded: Vec<Option<Encoded>> = vec![None; fresh.len()];
        for batch in plan(&lengths, self.budget) {
            let ids: Vec<&[u32]> = batch.iter().map(|&at| fresh[at].1.tokens.ids.as_slice()).collect();
            for (at, result) in batch.iter().zip(self.encoder.encode(&ids)?) {
                encoded[*at] = Some(result);
            }
        }
        for ((key, prepared, keep), encoded) in fresh.into_iter().zip(encoded) {
            let encoded = encoded.unwrap_or_default();
            self.stats.texts_encoded += 1;
            self.stats.tokens += prepared.tokens.ids.len() as u64;
            let embedded = Arc::new(Embedded { prepared, encoded });
            if keep {
                self.shared.cache.put(key, Arc::clone(&embedded));
            }
            texts.insert(key, embedded);
        }
        self.stats.encode_seconds += begun.elapsed().as_secs_f64();
        Ok(texts)
    }

    fn context(&self, request: &GradeRequest, texts: &Texts) -> Context {
        let side = question_side(request, texts, &request.references);
        let rubric: Vec<QuestionSide> = request
            .rubric
            .iter()
            .map(|part| question_side(request, texts, std::slice::from_ref(&part.text)))
            .collect();
        let graded: Vec<(Arc<Embedded>, f32)> = request
            .graded
            .iter()
            .map(|example| (Arc::clone(&texts[&text_key(&example.answer)]), example.score))
            .collect();
        let mut context = Context {
            side,
            rubric,
            graded,
            residual: None,
        };
        let mean = context.mean_grade();
        let examples = context
            .graded
            .iter()
            .map(|(text, score)| {
                let prior = self.prior(request, &context, text).map_or(mean, |(prior, _)| prior);
                Example {
                    text: Arc::clone(text),
                    prior,
                    score: *score,
                }
            })
            .collect();
        context.residual = Residual::fit(examples);
        context
    }

    /// What the head expects from references, or else from the rubric alone.
    fn prior(&self, request: &GradeRequest, context: &Context, answer: &Embedded) -> Option<(f32, Option<Comparison>)> {
        let head = &self.shared.head;
        if let Some(comparison) = features::compare(&context.side, answer) {
            return Some((head.expected(&comparison.values), Some(comparison)));
        }
        let points = |at: usize| request.rubric[at].points_hundredths.max(0) as f32;
        let total: f32 = (0..context.rubric.len()).map(points).sum();
        if total <= 0.0 {
            return None;
        }
        let sum: f32 = context
            .rubric
            .iter()
            .enumerate()
            .filter_map(|(at, side)| Some((at, features::compare(side, answer)?)))
            .map(|(at, part)| points(at) * head.expected(&part.values))
            .sum();
        Some((sum / total, None))
    }

    fn grade_one(&self, request: &GradeRequest, context: &Context, answer: &Embedded) -> Grade {
        // What the teacher has decided comes before anything we could think of.
        if let Some(score) = context.grade_of_same_text(answer) {
            let evidence = self.evidence(request, context, answer, None);
            return self.certain(request, score, 0.97, evidence);
        }
        match guard::verdict(&context.side, answer) {
            Verdict::Nothing => return self.certain(request, 0.0, 0.99, Evidence::default()),
            Verdict::Copy(reference) if !context.contradicted_by_teacher(answer) => {
                let mut evidence = self.evidence(request, context, answer, None);
                evidence.matched_reference = Some(reference);
                evidence.similarity = 1.0;
                evidence.missing.clear();
                return self.certain(request, 1.0, 0.99, evidence);
            }
            _ => {}
        }
        let prior = self.prior(request, context, answer);
        let learnt = context.residual.as_ref().map(|residual| residual.predict(answer));
        let (expected, comparison) = match (prior, learnt) {
            (Some((prior, comparison)), learnt) => (prior + learnt.map_or(0.0, |(change, _)| change), comparison),
            (None, Some((change, _))) => (context.mean_grade() + change, None),
            (None, None) => {
                let evidence = self.evidence(request, context, answer, None);
                return self.finish(request, 0.0, 0.0, Some(ReviewReason::NoReference), evidence);
            }
        };
        let mut expected = expected.clamp(0.0, 1.0);
        let reason = guard::reason(request, &context.side, answer, comparison.as_ref(), expected);
        let mut ceiling: f32 = 0.98;
        match reason {
            Some(ReviewReason::RepeatsQuestion) => {
                expected = expected.min(0.25);
                ceiling = 0.4;
            }
            Some(ReviewReason::Contradicts | ReviewReason::Suspicious) => ceiling = 0.3,
            Some(_) => ceiling = 0.4,
            None => {}
        }
        let rounded = request.round_to_step(expected) as f32 / request.max_points_hundredths.max(1) as f32;
        let confidence = match (&comparison, learnt) {
            (Some(comparison), _) => {
                self.shared
                    .head
                    .confidence(&comparison.values, expected, rounded, request.step_share())
            }
            // Nothing here was calibrated for a rubric or graded answers alone: stay below accepting.
            (None, Some((_, variance))) => (1.0 - 2.0 * variance.sqrt()).clamp(0.05, 0.6),
            (None, None) => 0.4,
        };
        let evidence = self.evidence(request, context, answer, comparison);
        self.finish(request, expected, confidence.min(ceiling), reason, evidence)
    }

    fn certain(&self, request: &GradeRequest, score: f32, confidence: f32, evidence: Evidence) -> Grade {
        self.finish(request, score, confidence, None, evidence)
    }

    fn finish(
        &self,
        request: &GradeRequest,
        score: f32,
        confidence: f32,
        reason: Option<ReviewReason>,
        evidence: Evidence,
    ) -> Grade {
        // Rounded before anything is decided or stored: the last bits may differ between devices.
        let thousandths = |value: f32| (value * 1000.0).round() / 1000.0;
        let (score, confidence) = (thousandths(score), thousandths(confidence));
        let unsure = confidence < self.shared.accept_from;
        let reason = reason.or(unsure.then_some(ReviewReason::Unsure));
        Grade {
            score_hundredths: request.round_to_step(score),
            score,
            confidence,
            decision: if reason.is_some() {
                Decision::Review
            } else {
                Decision::Accept
            },
            reason,
            evidence,
            model: self.shared.version.clone(),
            input_hash: request.input_hash(),
        }
    }

    fn evidence(
        &self,
        request: &GradeRequest,
        context: &Context,
        answer: &Embedded,
        comparison: Option<Comparison>,
    ) -> Evidence {
        let comparison = comparison.or_else(|| features::compare(&context.side, answer));
        let rubric = request
            .rubric
            .iter()
            .zip(&context.rubric)
            .filter_map(|(part, side)| {
                let found = features::compare(side, answer)?;
                let strength = self.shared.head.expected(&found.values);
                let span = explain::best_place(&side.references[0], answer, &found.alignment);
                let strength = (strength * 1000.0).round() / 1000.0;
                Some(RubricMatch {
                    id: part.id.clone(),
                    strength,
                    span,
                })
            })
            .collect();
        let mut evidence = Evidence {
            rubric,
            similar: context.similar(answer),
            ..Default::default()
        };
        if let Some(found) = comparison {
            let reference = &context.side.references[found.reference];
            evidence.matched_reference = Some(found.reference);
            evidence.similarity = (found.values[0].clamp(0.0, 1.0) * 1000.0).round() / 1000.0;
            evidence.spans = explain::carrying_words(reference, answer, &found.alignment);
            evidence.missing = explain::missing_words(&context.side, reference, &found.alignment);
        }
        evidence
    }

    pub fn self_test_requests() -> Vec<GradeRequest> {
        let request = |answer: &str| GradeRequest {
            question: "How did you separate the salt from the water?".into(),
            references: vec!["The water was evaporated, leaving the salt.".into()],
            answer: answer.into(),
            max_points_hundredths: 100,
            step_hundredths: 50,
            ..GradeRequest::default()
        };
        [
            "The water was evaporated, leaving the salt.",
            "We let the water evaporate and the salt was left behind.",
            "",
            "My dog likes to run in the park.",
        ]
        .map(request)
        .to_vec()
    }

    pub fn judge_self_test(grades: &[Grade]) -> (bool, Vec<String>) {
        let [copy, right, empty, wrong] = grades else {
            return (false, vec!["a grade is missing".into()]);
        };
        let checks = [
            ("a copy of the reference gets full points", copy.score_hundredths == 100),
            ("an empty answer gets none", empty.score_hundredths == 0),
            (
                "a right answer gets more than an unrelated one",
                right.score > wrong.score,
            ),
            ("an unrelated answer gets no full points", wrong.score_hundredths < 100),
        ];
        let lines = checks
            .iter()
            .map(|(what, ok)| format!("{} {what}", if *ok { "ok" } else { "FAILED" }));
        (checks.iter().all(|(_, ok)| *ok), lines.collect())
    }
}

impl Context {
    fn mean_grade(&self) -> f32 {
        let sum: f32 = self.graded.iter().map(|(_, score)| score).sum();
        sum / self.graded.len().max(1) as f32
    }

    /// The teacher has graded these very words (but for case, spacing and punctuation).
    fn grade_of_same_text(&self, answer: &Embedded) -> Option<f32> {
        let same: Vec<f32> = self
            .graded
            .iter()
            .filter(|(text, _)| same_words(text, answer))
            .map(|(_, score)| *score)
            .collect();
        let first = *same.first()?;
        same.iter().all(|score| (score - first).abs() < 1e-6).then_some(first)
    }

    fn contradicted_by_teacher(&self, answer: &Embedded) -> bool {
        self.graded
            .iter()
            .any(|(text, score)| *score < 1.0 && same_words(text, answer))
    }

    fn similar(&self, answer: &Embedded) -> Vec<SimilarExample> {
        let mut all: Vec<SimilarExample> = self
            .graded
            .iter()
            .enumerate()
            .map(|(index, (text, score))| {
                let similarity = crate::backend::dot(&text.encoded.pooled, &answer.encoded.pooled);
                let similarity = (similarity.clamp(0.0, 1.0) * 1000.0).round() / 1000.0;
                SimilarExample {
                    index,
                    similarity,
                    score: *score,
                }
            })
            .collect();
        all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.index.cmp(&b.index)));
        all.truncate(3);
        all
    }
}

fn same_words(a: &Embedded, b: &Embedded) -> bool {
    let (x, y) = (&a.prepared, &b.prepared);
    !x.words.is_empty()
        && x.words.len() == y.words.len()
        && x.words
            .iter()
            .zip(&y.words)
            .all(|(v, w)| x.text[v.start..v.end].to_lowercase() == y.text[w.start..w.end].to_lowercase())
}

fn question_side(request: &GradeRequest, texts: &Texts, references: &[String]) -> QuestionSide {
    let find = |text: &String| Arc::clone(&texts[&text_key(text)]);
    let references = references
        .iter()
        .filter(|text| !text.trim().is_empty())
        .map(find)
        .collect();
    QuestionSide::new(find(&request.question), references)
}

/// Requests with equal keys differ in nothing but the answer.
fn context_key(request: &GradeRequest) -> String {
    GradeRequest {
        answer: String::new(),
        ..request.clone()
    }
    .input_hash()
}

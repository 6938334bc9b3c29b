//! Puts the stages together: requests in, grades out. One engine per worker thread.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use burn_flex::Flex;

use crate::backend::{BurnEncoder, Encoded, Encoder, FakeEncoder, Pooling};
use crate::batch::{Budget, plan};
use crate::cache::{Cache, Embedded};
use crate::decide::Decider;
use crate::features::{self, COUNT, QuestionSide};
use crate::grader::{Device, GraderConfig, Precision, Stats};
use crate::lesson::Lesson;
use crate::model::{BertConfig, BertEncoder, Head};
use crate::prepare::{Prepared, Preparer, TextKey, text_key};
use crate::study::{Side, Sides, Studies, Study, study_key};
use crate::weights::{ModelFiles, SafeTensors};
use crate::{Grade, GradeRequest, GradingError};

/// What all workers share; makes an engine for each.
pub struct EngineFactory {
    maker: Maker,
    pooling: Pooling,
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

/// What all engines and whoever learns from grades use together.
pub struct Shared {
    pub preparer: Preparer,
    pub head: Head,
    cache: Cache,
    pub studies: Studies,
    /// The encoder by its name and its weights' hash.
    pub encoder: String,
    /// What grades name: the encoder, how exactly it multiplies, and the head.
    pub version: String,
    /// The agreement accepted suggestions should reach.
    pub target: f32,
}

impl EngineFactory {
    pub fn load(config: &GraderConfig) -> Result<Self, GradingError> {
        let head = match &config.head {
            Some(file) => Head::load(file, config.head_sha256.as_deref())?,
            None => Head::shipped()?,
        };
        Self::load_with(config, head)
    }

    /// With the encoder as it comes, for training: the running head's adapter would be read for nothing.
    pub fn load_bare(config: &GraderConfig) -> Result<Self, GradingError> {
        let head = Head {
            adapter: None,
            ..Head::shipped()?
        };
        Self::load_with(config, head)
    }

    fn load_with(config: &GraderConfig, head: Head) -> Result<Self, GradingError> {
        let files = ModelFiles::open(&config.model_dir)?;
        let shape = BertConfig::load(&files.config)?;
        let preparer = Preparer::load(&files.tokenizer, shape.max_position_embeddings)?;
        let mut weights = SafeTensors::open(&files.weights)?;
        let maker = match config.device {
            Device::Cpu => Maker::Flex(Box::new(BertEncoder::load_with(
                &shape,
                &mut weights,
                &Default::default(),
                config.precision,
                head.adapter.as_ref(),
            )?)),
            #[cfg(feature = "wgpu")]
            Device::Wgpu => Maker::Wgpu(Box::new(BertEncoder::load_with(
                &shape,
                &mut weights,
                &Default::default(),
                config.precision,
                head.adapter.as_ref(),
            )?)),
            #[cfg(feature = "cuda")]
            Device::Cuda => Maker::Cuda(Box::new(BertEncoder::load_with(
                &shape,
                &mut weights,
                &Default::default(),
                config.precision,
                head.adapter.as_ref(),
            )?)),
            #[cfg(not(all(feature = "wgpu", feature = "cuda")))]
            other => {
                return Err(GradingError::Device(format!(
                    "this program was built without {}",
                    other.as_str()
                )));
            }
        };
        // A grade names what may change it: also how exactly the encoder multiplied.
        let precision = match config.precision {
            Precision::F32 => String::new(),
            other => format!(":{}", other.as_str()),
        };
        let version = format!("{}{precision}+{}", files.base_version, head.name());
        Ok(Self {
            pooling: files.pooling,
            ..Self::assemble(maker, preparer, head, (files.base_version, version), config)
        })
    }

    pub fn fake() -> Self {
        let head = Head::shipped().expect("the shipped head was tested");
        let encoder = "fake@00000000".to_owned();
        let version = format!("{encoder}+{}", head.name());
        let names = (encoder, version);
        Self::assemble(Maker::Fake, Preparer::fake(), head, names, &GraderConfig::default())
    }

    fn assemble(
        maker: Maker,
        preparer: Preparer,
        head: Head,
        (encoder, version): (String, String),
        config: &GraderConfig,
    ) -> Self {
        let cache = Cache::new(config.cache_bytes);
        let shared = Arc::new(Shared {
            preparer,
            head,
            cache,
            studies: Studies::new(STUDY_BYTES),
            encoder,
            version,
            target: config.target_agreement,
        });
        Self {
            maker,
            pooling: Pooling::Mean,
            shared,
            device: config.device,
            batch: config.batch.max(1),
        }
    }

    pub fn build(&self) -> Result<Engine, GradingError> {
        let encoder: Box<dyn Encoder> = match &self.maker {
            Maker::Fake => Box::new(FakeEncoder),
            Maker::Flex(model) => Box::new(BurnEncoder::pooling_by(self.pooling, *model.clone())),
            #[cfg(feature = "wgpu")]
            Maker::Wgpu(model) => Box::new(BurnEncoder::pooling_by(self.pooling, *model.clone())),
            #[cfg(feature = "cuda")]
            Maker::Cuda(model) => Box::new(BurnEncoder::pooling_by(self.pooling, *model.clone())),
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

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// From which confidence on suggestions reach this agreement when so many answers have been graded.
    pub fn threshold(&self, agreement: f32, graded: usize) -> f32 {
        self.shared.head.threshold_after(agreement, graded)
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

/// Room for what is known about some ten thousand answers.
const STUDY_BYTES: usize = 64 * 1024 * 1024;

impl Engine {
    /// One grade per request, in order. A grade depends on its own request only.
    pub fn grade(&mut self, requests: &[GradeRequest]) -> Result<Vec<Grade>, GradingError> {
        let sides: Vec<TextKey> = requests.iter().map(|request| side(request).key()).collect();
        let studies = self.study(requests, &sides)?;
        let begun = Instant::now();
        let mut lessons: HashMap<[u8; 32], Lesson> = HashMap::new();
        let mut grades = Vec::with_capacity(requests.len());
        for (request, side) in requests.iter().zip(&sides) {
            let context = request.context_hash();
            let lesson = lessons.entry(context).or_insert_with(|| {
                let graded = request
                    .graded
                    .iter()
                    .map(|example| (Arc::clone(&studies[&study_key(side, &example.answer)]), example.score));
                Lesson::fit(graded.collect())
            });
            let shared = &self.shared;
            let decider = Decider {
                head: &shared.head,
                version: &shared.version,
                accept_from: shared.head.threshold_after(shared.target, request.graded.len()),
                lesson,
                context,
                max_points_hundredths: request.max_points_hundredths,
                step_hundredths: request.step_hundredths,
            };
            grades.push(decider.grade(&studies[&study_key(side, &request.answer)]));
        }
        self.stats.score_seconds += begun.elapsed().as_secs_f64();
        Ok(grades)
    }

    /// Every answer and graded answer beside its question; what is not known yet goes through the
    /// encoder.
    fn study(
        &mut self,
        requests: &[GradeRequest],
        sides: &[TextKey],
    ) -> Result<HashMap<TextKey, Arc<Study>>, GradingError> {
        let mut known: HashMap<TextKey, Arc<Study>> = HashMap::new();
        let mut missing: Vec<(usize, TextKey, &str)> = Vec::new();
        let mut planned: HashSet<TextKey> = HashSet::new();
        for (at, (request, side)) in requests.iter().zip(sides).enumerate() {
            let graded = request.graded.iter().map(|example| &example.answer);
            for text in graded.chain(std::iter::once(&request.answer)) {
                let key = study_key(side, text);
                if !planned.insert(key) {
                    continue;
                }
                match self.shared.studies.get(&key) {
                    Some(study) => {
                        self.stats.texts_from_cache += 1;
                        known.insert(key, study);
                    }
                    None => missing.push((at, key, text)),
                }
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        let fresh: Vec<(&GradeRequest, &str)> = missing.iter().map(|(at, _, text)| (&requests[*at], *text)).collect();
        let texts = self.embed(&fresh)?;
        let begun = Instant::now();
        let mut built: HashMap<TextKey, Sides> = HashMap::new();
        for (at, key, text) in missing {
            let request = &requests[at];
            let own = built.entry(sides[at]).or_insert_with(|| compared_with(request, &texts));
            let study = Arc::new(Study::new(&self.shared.head, own, &texts[&text_key(text)]));
            self.shared.studies.put(key, Arc::clone(&study));
            known.insert(key, study);
        }
        self.stats.score_seconds += begun.elapsed().as_secs_f64();
        Ok(known)
    }

    /// Each answer beside its question.
    pub fn studies(&mut self, requests: &[GradeRequest]) -> Result<Vec<Arc<Study>>, GradingError> {
        let sides: Vec<TextKey> = requests.iter().map(|request| side(request).key()).collect();
        let known = self.study(requests, &sides)?;
        let keys = requests
            .iter()
            .zip(&sides)
            .map(|(request, side)| study_key(side, &request.answer));
        Ok(keys.map(|key| Arc::clone(&known[&key])).collect())
    }

    /// What training needs of each request; `None` where there is no reference.
    pub fn compared(&mut self, requests: &[GradeRequest]) -> Result<Vec<Option<[f32; COUNT]>>, GradingError> {
        let pairs: Vec<(&GradeRequest, &str)> = requests.iter().map(|r| (r, r.answer.as_str())).collect();
        let texts = self.embed(&pairs)?;
        Ok(requests
            .iter()
            .map(|request| {
                let side = question_side(request, &texts, &request.references);
                let answer = &texts[&text_key(&request.answer)];
                let found = features::compare(&side, answer)?;
                Some(found.values)
            })
            .collect())
    }

    pub fn take_stats(&mut self) -> Stats {
        std::mem::take(&mut self.stats)
    }

    /// Questions, references, rubric parts and these answers, each encoded once. Answers are not kept:
    /// their studies are.
    fn embed(&mut self, wanted: &[(&GradeRequest, &str)]) -> Result<Texts, GradingError> {
        let begun = Instant::now();
        let mut texts = Texts::new();
        let mut fresh: Vec<(TextKey, Prepared, bool)> = Vec::new();
        let mut planned: HashSet<TextKey> = HashSet::new();
        for (request, answer) in wanted {
            let lasting = std::iter::once(&request.question)
                .chain(&request.references)
                .chain(request.rubric.iter().map(|part| &part.text))
                .map(|text| (text.as_str(), true));
            for (text, keep) in lasting.chain(std::iter::once((*answer, false))) {
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

    /// The vectors of texts, past every cache: to compare devices.
    pub fn vectors(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, GradingError> {
        let prepared: Vec<Prepared> = texts
            .iter()
            .map(|text| self.shared.preparer.prepare(text))
            .collect::<Result<_, _>>()?;
        let ids: Vec<&[u32]> = prepared.iter().map(|text| text.tokens.ids.as_slice()).collect();
        Ok(self.encoder.encode(&ids)?.into_iter().map(|text| text.pooled).collect())
    }
}

fn side(request: &GradeRequest) -> Side<'_> {
    Side {
        question: &request.question,
        references: &request.references,
        rubric: &request.rubric,
    }
}

fn compared_with(request: &GradeRequest, texts: &Texts) -> Sides {
    let rubric = request
        .rubric
        .iter()
        .filter(|part| !part.text.trim().is_empty())
        .map(|part| {
            let side = question_side(request, texts, std::slice::from_ref(&part.text));
            (part.id.clone(), part.points_hundredths.max(0) as f32, side)
        })
        .collect();
    Sides {
        main: question_side(request, texts, &request.references),
        rubric,
    }
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

//! The grader's own counters, read when somebody asks. They begin anew when another model is activated, as counters may.

use grading::{STAGE_BOUNDS, Stats, Times};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use std::sync::{Arc, Mutex, OnceLock};

type Source = Box<dyn Fn() -> Stats + Send + Sync>;

/// Where the numbers of this process's grader come from; empty in a process that does not grade.
#[derive(Clone, Default)]
pub struct GraderNumbers {
    source: Arc<OnceLock<Source>>,
    record: Arc<Mutex<Times>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

impl std::fmt::Debug for GraderNumbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GraderNumbers")
    }
}

impl GraderNumbers {
    /// Asks `source` from now on; the first one stays.
    pub fn watch(&self, source: impl Fn() -> Stats + Send + Sync + 'static) {
        let _ = self.source.set(Box::new(source));
    }

    /// How long writing a batch's grades took.
    pub fn recorded(&self, seconds: f64) {
        if let Ok(mut record) = self.record.lock() {
            record.add(seconds);
        }
    }
}

impl Collector for GraderNumbers {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let Some(stats) = self.source.get().map(|source| source()) else {
            return Ok(());
        };
        // A counter's name gets `_total` from the library.
        for (name, help, value) in [
            ("grading_tokens", "Tokens that went through the encoder", stats.tokens),
            (
                "grader_cache_hits",
                "Texts whose vectors were still known",
                stats.texts_from_cache,
            ),
            (
                "grader_cache_misses",
                "Texts that had to be encoded",
                stats.texts_encoded,
            ),
            (
                "grader_restarts",
                "Times a backend was rebuilt after a failure",
                stats.restarts,
            ),
            (
                "grader_refused",
                "Answers turned away because too much was waiting",
                stats.refused,
            ),
            (
                "grader_cancelled",
                "Answers nobody waited for any more",
                stats.cancelled,
            ),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let help = "Time per batch in each stage of grading; for `wait`, of each piece of work in the queue";
        let mut family = encoder.encode_descriptor("grading_stage_seconds", help, None, MetricType::Histogram)?;
        let record = self.record.lock().map(|record| record.clone()).unwrap_or_default();
        for (stage, times) in stats.stages.named().into_iter().chain([("record", &record)]) {
            let labels = StageLabels { stage };
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                times.seconds,
                times.count,
                &buckets(times),
                None,
            )?;
        }
        Ok(())
    }
}

/// Bounds and how many lie in each bucket; the last one takes what is above all bounds.
fn buckets(times: &Times) -> Vec<(f64, u64)> {
    let within: u64 = times.buckets.iter().sum();
    let last = (f64::INFINITY, times.count.saturating_sub(within));
    STAGE_BOUNDS.into_iter().zip(times.buckets).chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    #[test]
    fn the_graders_numbers_are_told_by_their_names() {
        let numbers = GraderNumbers::default();
        let mut registry = Registry::default();
        registry.register_collector(Box::new(numbers.clone()));
        let text = |registry: &Registry| {
            let mut text = String::new();
            encode(&mut text, registry).expect("text");
            text
        };
        assert!(
            !text(&registry).contains("grad"),
            "a process that does not grade says nothing"
        );
        numbers.watch(|| {
            let mut stats = Stats {
                tokens: 70,
                restarts: 2,
                ..Stats::default()
            };
            stats.stages.encode.add(0.02);
            stats.stages.encode.add(99.0);
            stats
        });
        numbers.recorded(0.003);
        let text = text(&registry);
        for line in [
            "grading_tokens_total 70",
            "grader_restarts_total 2",
            "grader_cache_hits_total 0",
            "grading_stage_seconds_bucket{le=\"0.025\",stage=\"encode\"} 1",
            "grading_stage_seconds_bucket{le=\"+Inf\",stage=\"encode\"} 2",
            "grading_stage_seconds_count{stage=\"record\"} 1",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}

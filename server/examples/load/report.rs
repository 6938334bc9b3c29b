//! What the students saw: times, statuses, and what was acknowledged to them.

use crate::people::Kept;
use anyhow::ensure;
use app::ids::{JournalId, SubmissionId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Page,
    Save,
    Upload,
    Submit,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Save => "autosave",
            Self::Upload => "upload",
            Self::Submit => "submit",
        }
    }
}

#[derive(Default)]
pub struct Results {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Milliseconds of every answered request.
    times: BTreeMap<Kind, Vec<f64>>,
    /// How often each status, or `no answer`, was met.
    statuses: BTreeMap<String, u64>,
    first_failure: Option<String>,
    changes: Vec<JournalId>,
    submissions: Vec<SubmissionId>,
    /// The longest time without a single successful answer to anyone.
    last_success: Option<Instant>,
    longest_gap: f64,
}

impl Results {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Times a request; the body when it succeeded.
    pub async fn measure(
        &self,
        kind: Kind,
        request: impl Future<Output = reqwest::Result<reqwest::Response>>,
    ) -> Option<Vec<u8>> {
        let began = Instant::now();
        let outcome = async {
            let response = request.await?;
            let status = response.status();
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        }
        .await;
        let taken = began.elapsed().as_secs_f64() * 1000.0;
        let mut inner = self.lock();
        match outcome {
            Ok((status, body)) => {
                *inner.statuses.entry(status.as_u16().to_string()).or_default() += 1;
                if status.is_success() || status.is_redirection() {
                    inner.times.entry(kind).or_default().push(taken);
                    let now = Instant::now();
                    if let Some(last) = inner.last_success.replace(now) {
                        inner.longest_gap = inner.longest_gap.max((now - last).as_secs_f64());
                    }
                    return Some(body.to_vec());
                }
                let text = String::from_utf8_lossy(&body);
                let text: String = text.chars().take(200).collect();
                inner
                    .first_failure
                    .get_or_insert_with(|| format!("{}: {status}: {text}", kind.name()));
            }
            Err(error) => {
                *inner.statuses.entry("no answer".into()).or_default() += 1;
                inner
                    .first_failure
                    .get_or_insert_with(|| format!("{}: {error:?}", kind.name()));
            }
        }
        None
    }

    pub fn saved(&self, changes: Vec<JournalId>) {
        self.lock().changes.extend(changes);
    }

    pub fn submitted(&self, submission: SubmissionId) {
        self.lock().submissions.push(submission);
    }

    pub fn acknowledged(&self) -> (Vec<JournalId>, Vec<SubmissionId>) {
        let inner = self.lock();
        (inner.changes.clone(), inner.submissions.clone())
    }

    #[expect(clippy::print_stdout, reason = "a tool answers on standard output")]
    pub fn print(&self, seconds: u64) {
        println!(
            "{:10} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9}",
            "", "requests", "per s", "p50 ms", "p95 ms", "p99 ms", "max ms"
        );
        let inner = self.lock();
        for (name, times) in with_all(&inner.times) {
            let rate = times.len() as f64 / seconds as f64;
            println!(
                "{name:10} {:8} {rate:8.1} {:9.1} {:9.1} {:9.1} {:9.1}",
                times.len(),
                at(&times, 0.5),
                at(&times, 0.95),
                at(&times, 0.99),
                at(&times, 1.0)
            );
        }
        let statuses: Vec<_> = inner
            .statuses
            .iter()
            .map(|(status, count)| format!("{status}: {count}"))
            .collect();
        println!("answers    {}", statuses.join(", "));
        println!("errors     {} of {}", inner.failed(), inner.all());
        println!("longest time without any success {:.1} s", inner.longest_gap);
        if let Some(failure) = &inner.first_failure {
            println!("first failure: {failure}");
        }
    }

    pub fn json(&self, seconds: u64, kept: &Kept) -> Value {
        let inner = self.lock();
        let kinds: BTreeMap<_, _> = with_all(&inner.times)
            .into_iter()
            .map(|(name, times)| {
                let row = json!({
                    "requests": times.len(), "per_second": times.len() as f64 / seconds as f64,
                    "p50_ms": at(&times, 0.5), "p95_ms": at(&times, 0.95), "p99_ms": at(&times, 0.99), "max_ms": at(&times, 1.0),
                });
                (name, row)
            })
            .collect();
        json!({
            "kinds": kinds, "statuses": inner.statuses, "errors": inner.failed(), "all": inner.all(),
            "longest_gap_seconds": inner.longest_gap, "kept": kept, "first_failure": inner.first_failure,
        })
    }

    pub fn ensure_none_failed(&self) -> anyhow::Result<()> {
        let inner = self.lock();
        ensure!(inner.failed() == 0, "{} requests failed", inner.failed());
        Ok(())
    }
}

impl Inner {
    fn all(&self) -> u64 {
        self.statuses.values().sum()
    }

    fn failed(&self) -> u64 {
        let fine = |status: &String| status.starts_with('2') || status.starts_with('3');
        self.statuses
            .iter()
            .filter(|(status, _)| !fine(status))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Sorted times of each kind, and of all together.
fn with_all(times: &BTreeMap<Kind, Vec<f64>>) -> Vec<(&'static str, Vec<f64>)> {
    let mut lists: Vec<_> = times.iter().map(|(kind, list)| (kind.name(), list.clone())).collect();
    lists.push(("all", times.values().flatten().copied().collect()));
    for (_, list) in &mut lists {
        list.sort_by(f64::total_cmp);
    }
    lists
}

fn at(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1)) as f64 * share;
    sorted.get(place as usize).copied().unwrap_or_default()
}

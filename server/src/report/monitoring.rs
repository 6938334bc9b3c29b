//! What Prometheus knows: whether everything is scraped, whether the rules are loaded, and how the last days were.

use crate::verify::{Checks, Seen, not_here, well};
use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const JOBS: [&str; 5] = ["auto-grader-backend", "mysql", "redis", "node", "nginx"];

/// Alerts that a launch asks for.
const ALERTS: [&str; 9] = [
    "HighErrorRate",
    "SlowResponses",
    "HighCpu",
    "DiskSpaceLow",
    "DatabaseConnectionFailure",
    "BackupMissing",
    "BackupUnproven",
    "GradingQueueStalled",
    "ReplicationLag",
];

/// One number with its bound.
struct Measure {
    id: &'static str,
    name: &'static str,
    query: &'static str,
    good: fn(f64) -> bool,
    words: fn(f64) -> String,
}

const MEASURES: [Measure; 5] = [
    Measure {
        id: "monitoring.p95",
        name: "95 % answered within",
        query: "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job=\"auto-grader-backend\",route!~\".*/progress\"}[1d])))",
        good: |seconds| seconds < 2.0,
        words: |seconds| format!("95 % of the last day's requests within {:.0} ms", seconds * 1e3),
    },
    Measure {
        id: "monitoring.errors",
        name: "errors",
        query: "(sum(rate(http_requests_total{job=\"auto-grader-backend\",status=~\"5..\"}[1d])) or vector(0)) / sum(rate(http_requests_total{job=\"auto-grader-backend\"}[1d]))",
        good: |share| share < 0.01,
        words: |share| format!("{:.3} % of the last day's requests failed", share * 100.0),
    },
    Measure {
        id: "monitoring.cpu",
        name: "CPU",
        query: "max(1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[1d])))",
        good: |share| share < 0.7,
        words: |share| format!("{:.0} % used over the last day, on the busiest machine", share * 100.0),
    },
    Measure {
        id: "monitoring.memory",
        name: "memory",
        query: "max(avg_over_time((1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)[1d:5m]))",
        good: |share| share < 0.7,
        words: |share| format!("{:.0} % used over the last day, on the fullest machine", share * 100.0),
    },
    Measure {
        id: "monitoring.uptime",
        name: "uptime",
        query: "avg_over_time(max(up{job=\"auto-grader-backend\"})[30d:1m])",
        good: |share| share >= 0.999,
        words: |share| {
            format!(
                "at least one process answered {:.3} % of the time Prometheus has seen, at most 30 days",
                share * 100.0
            )
        },
    },
];

pub async fn look(url: &str, checks: &mut Checks) {
    let Ok(client) = reqwest::Client::builder().timeout(Duration::from_secs(20)).build() else {
        return;
    };
    let prometheus = Prometheus {
        client,
        base: url.trim_end_matches('/').to_owned(),
    };
    checks
        .run("monitoring.targets", "what is scraped", targets(&prometheus))
        .await;
    checks.run("monitoring.rules", "alert rules", rules(&prometheus)).await;
    for measure in &MEASURES {
        checks.run(measure.id, measure.name, number(&prometheus, measure)).await;
    }
}

struct Prometheus {
    client: reqwest::Client,
    base: String,
}

impl Prometheus {
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Value> {
        let request = self.client.get(format!("{}/api/v1/{path}", self.base)).query(query);
        let response = request.send().await.context("Prometheus does not answer")?;
        let status = response.status();
        let body: Value = response.json().await.context("Prometheus answers oddly")?;
        ensure!(
            status.is_success() && body["status"] == "success",
            "Prometheus answered {status}: {}",
            body["error"].as_str().unwrap_or_default()
        );
        Ok(body["data"].clone())
    }
}

async fn targets(prometheus: &Prometheus) -> anyhow::Result<Seen> {
    let data = prometheus.ask("targets", &[("state", "active")]).await?;
    let mut jobs: BTreeMap<&str, usize> = BTreeMap::new();
    for target in data["activeTargets"].as_array().into_iter().flatten() {
        let job = target["labels"]["job"].as_str().unwrap_or("?");
        let instance = target["labels"]["instance"].as_str().unwrap_or("?");
        ensure!(
            target["health"] == "up",
            "{job} {instance} is {}: {}",
            target["health"].as_str().unwrap_or("?"),
            target["lastError"].as_str().unwrap_or_default()
        );
        *jobs.entry(job).or_default() += 1;
    }
    if let Some(job) = JOBS.iter().find(|job| !jobs.contains_key(**job)) {
        bail!("nothing of the job {job} is scraped");
    }
    let words: Vec<String> = jobs.iter().map(|(job, count)| format!("{job} {count}")).collect();
    well(format!("all up: {}", words.join(", ")))
}

async fn rules(prometheus: &Prometheus) -> anyhow::Result<Seen> {
    let data = prometheus.ask("rules", &[("type", "alert")]).await?;
    let groups = data["groups"].as_array().cloned().unwrap_or_default();
    let rules: Vec<&Value> = groups
        .iter()
        .filter_map(|group| group["rules"].as_array())
        .flatten()
        .collect();
    if let Some(name) = ALERTS
        .iter()
        .find(|name| rules.iter().all(|rule| rule["name"] != **name))
    {
        bail!("the rule {name} is not loaded");
    }
    for rule in &rules {
        let name = rule["name"].as_str().unwrap_or("?");
        ensure!(rule["health"] != "err", "{name} cannot be evaluated");
        ensure!(
            rule["state"] != "firing" || rule["labels"]["severity"] != "page",
            "{name} is firing"
        );
    }
    well(format!("{} rules loaded, none that pages is firing", rules.len()))
}

async fn number(prometheus: &Prometheus, measure: &Measure) -> anyhow::Result<Seen> {
    let data = prometheus.ask("query", &[("query", measure.query)]).await?;
    let value = data["result"][0]["value"][1]
        .as_str()
        .and_then(|text| text.parse::<f64>().ok());
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return not_here("Prometheus has no figures for this yet");
    };
    let words = (measure.words)(value);
    ensure!((measure.good)(value), "{words}");
    well(words)
}

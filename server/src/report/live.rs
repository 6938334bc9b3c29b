//! What the running server shows to whoever asks: aliases, numbers, and the book.

use crate::config::Config;
use crate::verify::walk::Walk;
use crate::verify::{Checks, Seen, well};
use anyhow::{Context, ensure};

/// Names that dashboards and alerts rely on.
pub const NUMBERS: [&str; 6] = [
    "http_requests_total",
    "http_request_duration_seconds",
    "active_sessions_total",
    "ml_queue_size",
    "auth_failed_attempts_total",
    "file_upload_errors_total",
];

/// Pages of the book, and the words that begin each.
const PAGES: [(&str, &str); 10] = [
    ("student", "For students"),
    ("teacher", "For teachers"),
    ("administrator", "For administrators"),
    ("training", "Getting started together"),
    ("api", "For programs"),
    ("deployment", "Deployment"),
    ("monitoring", "Monitoring"),
    ("launch", "Launch"),
    ("emergency", "Emergency"),
    ("troubleshooting", "Troubleshooting"),
];

pub async fn look(config: &Config, walk: &Walk, metrics_url: Option<&str>, checks: &mut Checks) {
    numbers(config, walk, metrics_url, checks).await;
    for (name, title) in PAGES {
        let path = format!("/help/{name}");
        let page = async { well(walk.page(&path, title).await?) };
        checks.run(&format!("live.documents.{name}"), &path, page).await;
    }
    let described = async {
        walk.page("/api/openapi.json", "openapi").await?;
        walk.page("/api/docs", "/api/v1").await?;
        well("/api/openapi.json and /api/docs answer")
    };
    checks.run("live.documents.openapi", "/api/docs", described).await;
}

/// The numbers are not for the world, so the proxy in front does not pass them on: they are read where programs ask.
async fn numbers(config: &Config, walk: &Walk, metrics_url: Option<&str>, checks: &mut Checks) {
    let programs = config.server.api_addr.map(|addr| format!("http://{addr}/metrics"));
    let url = metrics_url.map(str::to_owned).or(programs);
    // Nobody said where, and the address is that of a proxy: then there is no evidence, and the report says so.
    let Some(url) = url.or_else(|| walk.base.starts_with("http:").then(|| format!("{}/metrics", walk.base))) else {
        return;
    };
    let text = match fetch(walk, &url).await {
        Ok(text) => text,
        Err(error) => {
            checks.run("live.metrics", "/metrics", async { Err(error) }).await;
            return;
        }
    };
    let lines = text.lines().filter(|line| !line.starts_with('#')).count();
    let form = async {
        ensure!(
            text.trim_end().ends_with("# EOF") || text.contains("# TYPE"),
            "{url} is not Prometheus' text format"
        );
        well(format!("{url} answers with {lines} series"))
    };
    checks.run("live.metrics", "/metrics", form).await;
    for name in NUMBERS {
        checks.run(&format!("live.{name}"), name, exported(&text, name)).await;
    }
    let base = url.strip_suffix("/metrics").unwrap_or(&url).to_owned();
    let aliases = async {
        let health = fetch(walk, &format!("{base}/api/health")).await?;
        ensure!(health.contains("\"ok\""), "/api/health does not say ok");
        let numbers = fetch(walk, &format!("{base}/api/metrics")).await?;
        ensure!(
            numbers.contains(NUMBERS[0]),
            "/api/metrics does not show {}",
            NUMBERS[0]
        );
        well("/api/health and /api/metrics answer like /health and /metrics")
    };
    checks.run("live.aliases", "aliases", aliases).await;
}

async fn fetch(walk: &Walk, url: &str) -> anyhow::Result<String> {
    let response = walk
        .client
        .get(url)
        .send()
        .await
        .with_context(|| format!("{url} does not answer"))?;
    let status = response.status();
    ensure!(status.is_success(), "{url} answered {status}");
    Ok(response.text().await?)
}

/// A histogram's series carry more after its name.
async fn exported(text: &str, name: &str) -> anyhow::Result<Seen> {
    let series = text
        .lines()
        .filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['{', ' ']) || rest.starts_with("_bucket"))
        })
        .count();
    ensure!(series > 0, "{name} is not exported");
    well(match series {
        1 => "1 series".to_owned(),
        more => format!("{more} series"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_is_found_with_and_without_labels_and_not_inside_another() {
        let text = "# TYPE ml_queue_size gauge\nml_queue_size 3\nhttp_requests_total{status=\"200\"} 1\nhttp_request_duration_seconds_bucket{le=\"1\"} 1\n";
        for name in ["ml_queue_size", "http_requests_total", "http_request_duration_seconds"] {
            assert!(exported(text, name).await.is_ok(), "{name}");
        }
        assert!(exported("ml_queue_size_other 3\n", "ml_queue_size").await.is_err());
        assert!(exported("# HELP ml_queue_size words\n", "ml_queue_size").await.is_err());
    }
}

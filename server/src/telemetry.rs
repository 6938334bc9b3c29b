//! Logs: one line per request and per thing worth knowing, as text or JSON, with the incident id.

use crate::config::Log;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. Libraries are quiet unless asked.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(format!(
        "{},sqlx=warn,hyper=warn,aws_smithy_runtime=warn,aws_sdk_s3=warn,s3s=warn",
        log.level
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first.
    let _ = match log.format.as_str() {
        "json" => builder.json().flatten_event(true).try_init(),
        _ => builder.with_target(false).try_init(),
    };
}

//! Checks of a running installation.

use std::process::ExitCode;

/// Walks the main job on a running server.
pub async fn smoke(_base_url: &str, _token: Option<&str>) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not built into this binary yet")
}

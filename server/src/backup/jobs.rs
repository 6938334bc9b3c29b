//! The daily backup: made, proven where the private key is at hand, old ones removed.

use super::env::Env;
use super::{create, prove, prune};
use crate::boot::Parts;

/// One day's work; one line for administrators.
pub async fn daily(parts: &DailyParts) -> anyhow::Result<String> {
    let env = Env::open(&parts.config).await?;
    let db = Some(&parts.db);
    let manifest = create::create(&env, db).await?;
    let mut line = create::summary(&manifest);
    if env.can_read() {
        let proof = prove::prove(&env, db, &manifest.id, false).await?;
        line.push_str(&format!("; proven in {}", proof.place));
    } else {
        line.push_str("; not proven: the private key is not on this machine");
    }
    let pruned = prune::prune(&env, db, parts.config.backup.keep_days, false).await?;
    if !pruned.backups.is_empty() {
        line.push_str(&format!("; {} old ones removed", pruned.backups.len()));
    }
    Ok(line)
}

/// What the job keeps of a running process.
#[derive(Clone)]
pub struct DailyParts {
    config: crate::config::Config,
    db: app::platform::db::Db,
}

impl DailyParts {
    pub fn of(parts: &Parts) -> DailyParts {
        DailyParts {
            config: parts.config.clone(),
            db: parts.state.db.clone(),
        }
    }
}

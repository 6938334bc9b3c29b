//! Configuration in layers: defaults < `auto-grader.toml` < environment < flags.
//!
//! Every setting has one name in the file and one in the environment, both listed in `KEYS`. A secret may also come from a file named
//! by `<ENV>_FILE`. `auto-grader config show` prints what is in effect.

mod layers;
mod sections;

pub use layers::{ConfigError, KEYS, Key, load};
pub use sections::{Admin, Backup, Database, Grader, Limits, Log, Redis, Server, Sessions, Storage, StorageKind, Tls};

use serde::{Deserialize, Serialize};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub redis: Redis,
    pub storage: Storage,
    pub sessions: Sessions,
    pub grader: Grader,
    pub limits: Limits,
    pub backup: Backup,
    pub tls: Tls,
    pub log: Log,
    pub admin: Admin,
}

impl Config {
    /// The database to use: the one named, else SQLite in the data folder.
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.clone(),
            None => format!(
                "sqlite://{}?mode=rwc",
                self.server.data_dir.join("auto-grader.db").display()
            ),
        }
    }

    /// As text, with secrets hidden.
    pub fn redacted(&self) -> String {
        let mut table = toml::Table::try_from(self).unwrap_or_default();
        for key in KEYS.iter().filter(|key| key.secret) {
            layers::redact(&mut table, key.path);
        }
        toml::to_string_pretty(&table).unwrap_or_default()
    }
}

//! Configuration in layers: defaults < `auto-grader.toml` < environment < flags.
//!
//! Every setting has one name in the file and one in the environment, both listed in `KEYS`. A secret may also come from a file named
//! by `<ENV>_FILE`. `auto-grader config show` prints what is in effect.

mod layers;
mod sections;

pub use layers::{ConfigError, KEYS, Key, load};
pub use sections::{
    Admin, Backup, Database, Grader, Limits, Log, Mail, Redis, Server, Sessions, Storage, StorageKind, Tls,
};

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
    pub mail: Mail,
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

    /// How the database is opened for serving.
    pub fn database_settings(&self) -> app::platform::db::Settings {
        let seconds = self.database.statement_seconds;
        let replicas = self.database.replica_urls.as_deref().unwrap_or_default();
        app::platform::db::Settings {
            replicas: replicas
                .split(',')
                .map(str::trim)
                .filter(|url| !url.is_empty())
                .map(str::to_owned)
                .collect(),
            max_lag: std::time::Duration::from_secs(self.database.max_lag_seconds),
            statement: (seconds > 0).then(|| std::time::Duration::from_secs(seconds)),
            ..app::platform::db::Settings::of(&self.database_url(), self.database.connections)
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

//! Merging the layers.

use super::Config;
use std::path::Path;
use toml::{Table, Value};

/// One setting: where it stands in the file, its environment name, whether it is a secret.
pub struct Key {
    pub path: &'static str,
    pub env: &'static str,
    pub secret: bool,
}

const fn key(path: &'static str, env: &'static str) -> Key {
    Key {
        path,
        env,
        secret: false,
    }
}

const fn secret(path: &'static str, env: &'static str) -> Key {
    Key {
        path,
        env,
        secret: true,
    }
}

/// Every setting.
pub const KEYS: &[Key] = &[
    key("server.addr", "ADDR"),
    key("server.api_addr", "API_ADDR"),
    key("server.data_dir", "DATA_DIR"),
    key("server.site_root", "SITE_ROOT"),
    key("server.public_url", "PUBLIC_URL"),
    key("server.trust_proxy", "TRUST_PROXY"),
    key("server.secure_cookies", "SECURE_COOKIES"),
    key("server.worker", "WORKER"),
    key("server.drain_seconds", "DRAIN_SECONDS"),
    secret("database.url", "DATABASE_URL"),
    key("database.connections", "DATABASE_CONNECTIONS"),
    secret("database.replica_urls", "DATABASE_REPLICA_URLS"),
    key("database.max_lag_seconds", "DATABASE_MAX_LAG_SECONDS"),
    key("database.statement_seconds", "DATABASE_STATEMENT_SECONDS"),
    secret("redis.url", "REDIS_URL"),
    key("storage.kind", "STORAGE"),
    key("storage.endpoint", "S3_ENDPOINT"),
    key("storage.public_endpoint", "S3_PUBLIC_ENDPOINT"),
    key("storage.bucket", "AWS_S3_BUCKET"),
    key("storage.region", "AWS_REGION"),
    secret("storage.access_key", "AWS_ACCESS_KEY_ID"),
    secret("storage.secret_key", "AWS_SECRET_ACCESS_KEY"),
    key("sessions.store", "SESSION_STORE"),
    key("sessions.idle_hours", "SESSION_IDLE_HOURS"),
    key("sessions.days", "SESSION_DAYS"),
    key("grader.model_dir", "AUTO_GRADER_MODEL_DIR"),
    key("grader.device", "GRADER_DEVICE"),
    key("grader.workers", "GRADER_WORKERS"),
    key("grader.precision", "GRADER_PRECISION"),
    key("limits.file_mb", "MAX_FILE_SIZE"),
    key("limits.request_seconds", "REQUEST_SECONDS"),
    key("backup.recipient", "BACKUP_RECIPIENT"),
    key("backup.identity_file", "BACKUP_IDENTITY_FILE"),
    key("backup.bucket", "BACKUP_BUCKET"),
    key("backup.keep_days", "BACKUP_KEEP_DAYS"),
    key("backup.daily", "BACKUP_DAILY"),
    key("tls.cert_files", "TLS_CERT_FILES"),
    key("log.level", "LOG_LEVEL"),
    key("log.format", "LOG_FORMAT"),
    key("log.file", "LOG_FILE"),
    secret("mail.url", "SMTP_URL"),
    key("mail.from", "MAIL_FROM"),
    key("mail.ca_file", "SMTP_CA_FILE"),
    key("admin.email", "ADMIN_EMAIL"),
    secret("admin.password", "ADMIN_PASSWORD"),
];

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file} cannot be read: {cause}")]
    Unreadable { file: String, cause: std::io::Error },
    #[error("{place} is not understood: {cause}")]
    Invalid { place: String, cause: String },
}

/// The configuration from `file` (when there is one), the environment, and flags as (path, value).
pub fn load(
    file: Option<&Path>,
    env: impl Fn(&str) -> Option<String>,
    flags: &[(&'static str, String)],
) -> Result<Config, ConfigError> {
    let mut table = match file {
        Some(file) => read(file)?,
        None if Path::new("auto-grader.toml").exists() => read(Path::new("auto-grader.toml"))?,
        None => Table::new(),
    };
    for key in KEYS {
        if let Some(text) = from_env(key, &env)? {
            set(&mut table, key.path, value(&text));
        }
    }
    for (path, text) in flags {
        set(&mut table, path, value(text));
    }
    // Text is tried as it stands where a number or truth value does not fit: a password may be all digits.
    let invalid = |cause: toml::de::Error| ConfigError::Invalid {
        place: "the configuration".into(),
        cause: cause.message().to_owned(),
    };
    table
        .clone()
        .try_into()
        .or_else(|_| all_text(table).try_into())
        .map_err(invalid)
}

fn read(file: &Path) -> Result<Table, ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|cause| ConfigError::Unreadable {
        file: name.clone(),
        cause,
    })?;
    text.parse().map_err(|cause: toml::de::Error| ConfigError::Invalid {
        place: name,
        cause: cause.to_string(),
    })
}

fn from_env(key: &Key, env: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    if let Some(file) = env(&format!("{}_FILE", key.env)) {
        let text = std::fs::read_to_string(&file).map_err(|cause| ConfigError::Unreadable { file, cause })?;
        return Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()));
    }
    Ok(env(key.env).filter(|text| !text.is_empty()))
}

fn value(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) => Value::Integer(number),
        Err(_) => text
            .parse::<bool>()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Boolean),
    }
}

fn set(table: &mut Table, path: &str, value: Value) {
    if let Some((section, name)) = path.split_once('.') {
        let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert(name.to_owned(), value);
        }
    }
}

fn all_text(mut table: Table) -> Table {
    for path in KEYS.iter().filter(|key| key.secret).map(|key| key.path) {
        if let Some((section, name)) = path.split_once('.')
            && let Some(Value::Table(section)) = table.get_mut(section)
            && let Some(value @ (Value::Integer(_) | Value::Boolean(_))) = section.get_mut(name)
        {
            *value = Value::String(value.to_string());
        }
    }
    table
}

pub(super) fn redact(table: &mut Table, path: &str) {
    if let Some((section, name)) = path.split_once('.')
        && let Some(Value::Table(section)) = table.get_mut(section)
        && section.contains_key(name)
    {
        section.insert(name.to_owned(), Value::String("(hidden)".into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn flags_beat_the_environment_which_beats_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("auto-grader.toml");
        std::fs::write(
            &file,
            "[server]\naddr = \"127.0.0.1:1\"\n[limits]\nfile_mb = 7\n[log]\nlevel = \"warn\"\n",
        )
        .expect("written");
        let config = load(
            Some(&file),
            env(&[("ADDR", "127.0.0.1:2"), ("LOG_LEVEL", "debug")]),
            &[("server.addr", "127.0.0.1:3".into())],
        )
        .expect("valid");
        assert_eq!(config.server.addr.port(), 3);
        assert_eq!(config.log.level, "debug");
        assert_eq!(config.limits.file_mb, 7);
    }

    #[test]
    fn secrets_come_from_files_and_are_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, "1234567\n").expect("written");
        let path = file.display().to_string();
        let config = load(None, env(&[("ADMIN_PASSWORD_FILE", &path)]), &[]).expect("valid");
        assert_eq!(config.admin.password.as_deref(), Some("1234567"));
        assert!(!config.redacted().contains("1234567"));
    }

    #[test]
    fn a_mistake_is_named() {
        let error = load(None, env(&[("DATABASE_CONNECTIONS", "many")]), &[]).expect_err("not a number");
        assert!(
            error.to_string().contains("integer") || error.to_string().contains("u32"),
            "{error}"
        );
    }
}

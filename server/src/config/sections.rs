//! One small struct per concern. The environment name of each setting stands in its doc and in `layers::KEYS`.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the server listens and keeps its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// `ADDR`
    pub addr: SocketAddr,
    /// `API_ADDR`: a second listener for programs alone: `/api`, `/health`, `/metrics`.
    pub api_addr: Option<SocketAddr>,
    /// `DATA_DIR`: database, files and keys of an embedded installation.
    pub data_dir: PathBuf,
    /// `SITE_ROOT`: the built browser side.
    pub site_root: PathBuf,
    /// `PUBLIC_URL`: where people reach this installation (`https://grader.school.example`); links in mails begin with it.
    pub public_url: Option<String>,
    /// `TRUST_PROXY`: take the client's address and scheme from `X-Forwarded-*`.
    pub trust_proxy: bool,
    /// `SECURE_COOKIES`: send cookies over TLS alone.
    pub secure_cookies: bool,
    /// `WORKER`: whether `serve` also grades.
    pub worker: bool,
    /// `DRAIN_SECONDS`: told to stop, `/health/ready` says no for this long before the server stops taking connections, so that whoever
    /// spreads the load can turn away first.
    pub drain_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
            api_addr: None,
            data_dir: "data".into(),
            site_root: "target/site".into(),
            public_url: None,
            trust_proxy: false,
            secure_cookies: false,
            worker: true,
            drain_seconds: 0,
        }
    }
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `DATABASE_URL`: `mysql://user:password@host:port/name` or `sqlite://file?mode=rwc`; SQLite in the data folder by default.
    pub url: Option<String>,
    /// `DATABASE_CONNECTIONS`: the most to each server.
    pub connections: u32,
    /// `DATABASE_REPLICA_URLS`: copies to read from, separated by commas.
    pub replica_urls: Option<String>,
    /// `DATABASE_MAX_LAG_SECONDS`: a replica further behind is not read from.
    pub max_lag_seconds: u64,
    /// `DATABASE_STATEMENT_SECONDS`: no statement may take longer; 0 for no limit.
    pub statement_seconds: u64,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            connections: 16,
            replica_urls: None,
            max_lag_seconds: 5,
            statement_seconds: 15,
        }
    }
}

/// Redis, which is optional.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `REDIS_URL`: `redis://host:port`, `redis-cluster://…` or `redis-sentinel://…`.
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// An S3 service inside the process, on a folder of the data folder.
    #[default]
    Embedded,
    S3,
}

/// Where files are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// `STORAGE`: `embedded` or `s3`.
    pub kind: StorageKind,
    /// `S3_ENDPOINT`
    pub endpoint: Option<String>,
    /// `S3_PUBLIC_ENDPOINT`: the same service as browsers reach it, where that differs.
    pub public_endpoint: Option<String>,
    /// `AWS_S3_BUCKET`
    pub bucket: Option<String>,
    /// `AWS_REGION`
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`
    pub access_key: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_key: Option<String>,
}

/// How long people stay signed in, and where that is remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// `SESSION_STORE`: `database`, or `redis` to keep a copy in Redis in front of the database.
    pub store: String,
    /// `SESSION_IDLE_HOURS`
    pub idle_hours: i64,
    /// `SESSION_DAYS`: the longest a session lives, however busy.
    pub days: i64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            store: "database".into(),
            idle_hours: 12,
            days: 30,
        }
    }
}

/// The grading model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grader {
    /// `AUTO_GRADER_MODEL_DIR`: a folder with `model.safetensors`, `config.json` and `tokenizer.json`.
    pub model_dir: Option<PathBuf>,
    /// `GRADER_DEVICE`: `cpu`, `wgpu` or `cuda`.
    pub device: Option<String>,
    /// `GRADER_WORKERS`: threads; as many as cores by default.
    pub workers: Option<usize>,
    /// `GRADER_PRECISION`: `f32`, `bf16` or `int8`: faster, at some cost in exactness; a grade names it.
    pub precision: Option<String>,
}

/// Backups.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// `BACKUP_RECIPIENT`: the public key (`age1…`) backups are encrypted to. Without one, a pair is made in the data folder.
    pub recipient: Option<String>,
    /// `BACKUP_IDENTITY_FILE`: the private key, needed to prove and to restore, never to make a backup.
    pub identity_file: Option<PathBuf>,
    /// `BACKUP_BUCKET`: the bucket's name; by default that of the files with `-backup` after it.
    pub bucket: Option<String>,
    /// `BACKUP_KEEP_DAYS`
    pub keep_days: i64,
    /// `BACKUP_DAILY`: whether the servers make, prove and prune one every night, whichever of them is alive.
    pub daily: bool,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            recipient: None,
            identity_file: None,
            bucket: None,
            keep_days: 30,
            daily: true,
        }
    }
}

/// Certificates whose end is watched; the proxy in front does the TLS.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// `TLS_CERT_FILES`: PEM files, separated by commas.
    pub cert_files: Option<String>,
}

/// Limits on what people send.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `MAX_FILE_SIZE`, in megabytes.
    pub file_mb: i64,
    /// `REQUEST_SECONDS`: how long a request may take.
    pub request_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_mb: 50,
            request_seconds: 60,
        }
    }
}

/// Sending mail. Without a URL nothing is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `SMTP_URL`: `smtp://user:password@host:port?tls=required` (`opportunistic`, `none`) or `smtps://…`.
    pub url: Option<String>,
    /// `MAIL_FROM`: whom mails come from.
    pub from: String,
    /// `SMTP_CA_FILE`: certificates (PEM) to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            url: None,
            from: "Auto-Grader <auto-grader@localhost.localdomain>".into(),
            ca_file: None,
        }
    }
}

/// Logging.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `LOG_LEVEL`: `info`, `debug`, or a filter such as `info,app=debug`.
    pub level: String,
    /// `LOG_FORMAT`: `text` or `json`.
    pub format: String,
    /// `LOG_FILE`: where lines go instead of standard error. When the file is moved away, as logrotate does, a new one is begun.
    pub file: Option<PathBuf>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".into(),
            format: "text".into(),
            file: None,
        }
    }
}

/// The first administrator, made when there is no user yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// `ADMIN_EMAIL`
    pub email: String,
    /// `ADMIN_PASSWORD`: without one, a one-time password is printed.
    pub password: Option<String>,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            email: "admin@localhost.localdomain".into(),
            password: None,
        }
    }
}

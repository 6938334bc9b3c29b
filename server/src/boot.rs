//! The one place where the parts are put together: from a configuration to something that runs.

use crate::config::{Config, StorageKind};
use crate::http::Hub;
use crate::metrics::Metrics;
use crate::redis;
use crate::worker::{Current, Worker, models};
use anyhow::{Context, bail};
use app::platform::blobs::{self, Blobs, S3Config};
use app::platform::cache::{Cache, SharedCache};
use app::platform::clock::Clock;
use app::platform::db::Db;
use app::platform::hints::Hints;
use app::platform::sessions::DbSessions;
use app::platform::signer::Signer;
use app::platform::state::{GraderReport, GraderStatus, HeadFacts, UploadLimits};
use app::platform::{AppState, Ctx};
use async_trait::async_trait;
use fred::prelude::Pool;
use grading::{Grader, GraderConfig};
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The two steps in which a process ends.
#[derive(Clone, Default)]
pub struct Life {
    /// Told to stop: not ready any more, work is handed back, but everyone is still served.
    pub leaving: CancellationToken,
    /// No new connections; streams end and requests under way finish.
    pub closing: CancellationToken,
}

/// Everything a running process holds.
pub struct Parts {
    pub config: Config,
    pub state: AppState,
    pub metrics: Metrics,
    pub sessions: redis::Store,
    pub hub: Hub,
    pub life: Life,
    /// None in a process that does not grade.
    pub grader: Option<Current>,
}

/// Opens everything. With `grading`, loads the model too, which takes a moment and some memory.
pub async fn start(config: Config, grading: bool) -> anyhow::Result<Parts> {
    let folder = &config.server.data_dir;
    std::fs::create_dir_all(folder).with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let signer =
        Signer::load_or_create(&folder.join("receipt-signing.key")).context("the signing key cannot be opened")?;
    let db = Db::open(config.database_settings())
        .await
        .context("the database cannot be opened")?;
    let schema = bring_up_to_date(&config, &db).await?;
    if !schema.unknown.is_empty() {
        tracing::warn!(
            newer = schema.unknown.join(", "),
            "the schema is newer than this program, which fits it all the same"
        );
    }
    let clock = Clock::default();
    let (hints, pool) = connect_redis(&config).await?;
    let grader = if grading {
        let grader = load_grader(&config).await?;
        Some(Current::new(grader, grader_config(&config)?, folder))
    } else {
        None
    };
    let metrics = Metrics::default();
    metrics.safety.watch(config.tls.cert_files.as_deref());
    if let Some(grader) = grader.clone() {
        metrics.grader.watch(move || grader.get().stats());
    }
    let cache = pool.map(|pool| redis::RedisCache::new(pool, metrics.cache_errors.clone()));
    let copy = cache.clone().filter(|_| config.sessions.store == "redis");
    let sessions = redis::Store::new(
        DbSessions {
            db: db.clone(),
            clock: clock.clone(),
        },
        copy,
    );
    let state = AppState {
        db,
        blobs: open_storage(&config)?,
        journal: Default::default(),
        clock,
        signer,
        hints,
        cache: SharedCache(cache.map(|cache| Arc::new(cache) as Arc<dyn Cache>)),
        grader: Arc::new(Status {
            grader: grader.clone(),
            model_dir: grader_config(&config)?.model_dir,
            folder: folder.join("models"),
        }),
        counters: Arc::new(metrics.clone()),
        limits: UploadLimits {
            file_bytes: config.limits.file_mb * 1_000_000,
        },
        mail: crate::mail::settings(&config)?,
        maintenance: Default::default(),
        papers: Default::default(),
        leptos: leptos_options(&config),
        institution: Default::default(),
    };
    Ok(Parts {
        config,
        state,
        metrics,
        sessions,
        hub: Hub::default(),
        life: Life::default(),
        grader,
    })
}

impl Parts {
    /// A context for work without a request.
    pub async fn ctx(&self) -> anyhow::Result<Ctx> {
        Ok(Ctx::system(self.state.clone()).await?)
    }

    /// A sender of mail, when there is a server to send through.
    pub async fn sender(&self) -> anyhow::Result<Option<crate::mail::Sender>> {
        let Some(smtp) = crate::mail::smtp(&self.config)? else {
            return Ok(None);
        };
        Ok(Some(crate::mail::Sender {
            ctx: self.ctx().await?,
            smtp,
            metrics: self.metrics.clone(),
        }))
    }

    /// This process's worker, if it grades.
    pub async fn worker(&self) -> anyhow::Result<Option<Worker>> {
        let Some(grader) = self.grader.clone() else {
            return Ok(None);
        };
        let name = format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
        Ok(Some(Worker {
            ctx: self.ctx().await?,
            grader,
            metrics: self.metrics.clone(),
            name,
        }))
    }
}

/// Changes of the schema take as long as they take, so they get a connection without limits.
async fn bring_up_to_date(config: &Config, db: &Db) -> anyhow::Result<migration::control::Schema> {
    let pending = migration::control::look(db.read()).await?.pending;
    let schema = if pending.is_empty() || db.is_sqlite() {
        migration::control::ensure(db.read()).await
    } else {
        let patient = Db::connect(&config.database_url(), 2).await?;
        migration::control::ensure(patient.read()).await
    };
    schema.context("the database cannot be migrated")
}

async fn connect_redis(config: &Config) -> anyhow::Result<(Hints, Option<Pool>)> {
    let Some(url) = &config.redis.url else {
        return Ok((Hints::default(), None));
    };
    let pool = redis::connect(url).await.context("REDIS_URL is not understood")?;
    let (sender, receiver) = mpsc::channel(1024);
    let hints = Hints::with_relay(sender);
    redis::start_relay(url, pool.clone(), receiver, hints.clone())
        .await
        .context("REDIS_URL is not understood")?;
    Ok((hints, Some(pool)))
}

/// The store of files, as configured.
pub fn open_storage(config: &Config) -> anyhow::Result<Blobs> {
    match config.storage.kind {
        StorageKind::Embedded => {
            let secret = blobs::load_or_create_secret(&config.server.data_dir.join("storage.key"))
                .context("the storage key cannot be opened")?;
            Blobs::embedded(&config.server.data_dir.join("files"), &secret).context("the file folder cannot be opened")
        }
        StorageKind::S3 => Ok(Blobs::s3(s3_config(config)?)),
    }
}

/// The S3 service of the files.
pub fn s3_config(config: &Config) -> anyhow::Result<S3Config> {
    let storage = &config.storage;
    let (Some(bucket), Some(access_key), Some(secret_key)) =
        (&storage.bucket, &storage.access_key, &storage.secret_key)
    else {
        bail!("storage is s3, but AWS_S3_BUCKET, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing");
    };
    Ok(S3Config {
        endpoint: storage.endpoint.clone(),
        public_endpoint: storage.public_endpoint.clone(),
        region: storage.region.clone().unwrap_or_else(|| "us-east-1".into()),
        bucket: bucket.clone(),
        access_key: access_key.clone(),
        secret_key: secret_key.clone(),
        path_style: storage.endpoint.is_some(),
    })
}

/// The grader's settings from ours.
pub fn grader_config(config: &Config) -> anyhow::Result<GraderConfig> {
    let mut grader = GraderConfig::default();
    if let Some(folder) = &config.grader.model_dir {
        grader.model_dir = folder.clone();
    }
    if let Some(device) = &config.grader.device {
        grader.device = device.parse()?;
    }
    if let Some(workers) = config.grader.workers {
        grader.workers = workers;
    }
    if let Some(precision) = &config.grader.precision {
        grader.precision = precision.parse()?;
    }
    Ok(grader)
}

async fn load_grader(config: &Config) -> anyhow::Result<Grader> {
    let config = grader_config(config)?;
    let load = move || Grader::start(config);
    tokio::task::spawn_blocking(load)
        .await?
        .context("the grading model cannot be loaded; scripts/fetch-model.sh fetches it")
}

fn leptos_options(config: &Config) -> LeptosOptions {
    let root = std::path::absolute(&config.server.site_root).unwrap_or_else(|_| config.server.site_root.clone());
    // The build writes the hashes beside the site and beside the binary; the site's own copy always fits the site.
    let hashes = root.join("hash.txt");
    LeptosOptions::builder()
        .output_name("auto-grader")
        .site_root(root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(config.server.addr)
        .hash_file(std::sync::Arc::<str>::from(hashes.display().to_string()))
        .hash_files(hashes.exists())
        .build()
}

struct Status {
    grader: Option<Current>,
    model_dir: std::path::PathBuf,
    folder: std::path::PathBuf,
}

#[async_trait]
impl GraderStatus for Status {
    async fn report(&self) -> GraderReport {
        match &self.grader {
            None => GraderReport {
                runs_here: false,
                healthy: true,
                model: String::new(),
                device: String::new(),
                waiting: 0,
            },
            Some(grader) => {
                let health = grader.get().health();
                let trouble = health.last_error.filter(|_| !health.ready);
                GraderReport {
                    runs_here: true,
                    healthy: health.ready,
                    model: trouble.unwrap_or(health.model),
                    device: health.device,
                    waiting: health.waiting as u32,
                }
            }
        }
    }

    async fn read_head(&self, head: &[u8]) -> Result<HeadFacts, String> {
        let (folder, model_dir, bytes) = (self.folder.clone(), self.model_dir.clone(), head.to_vec());
        let known = self.grader.as_ref().map(|grader| grader.get().encoder().to_owned());
        tokio::task::spawn_blocking(move || read_head(&folder, &model_dir, known, &bytes))
            .await
            .map_err(|error| error.to_string())?
    }
}

/// Loads the head from a file that goes again; nothing is graded with it. `encoder` is the one that is loaded here.
fn read_head(
    folder: &std::path::Path,
    model_dir: &std::path::Path,
    encoder: Option<String>,
    bytes: &[u8],
) -> Result<HeadFacts, String> {
    let words = |error: std::io::Error| format!("the folder for models cannot be written to ({error})");
    std::fs::create_dir_all(folder).map_err(words)?;
    let file = folder.join(format!("{}.new", uuid::Uuid::now_v7().simple()));
    std::fs::write(&file, bytes).map_err(words)?;
    let head = grading::model::Head::load(&file, None);
    let _ = std::fs::remove_file(&file);
    // The file's name means nothing to whoever sent the head.
    let head = head.map_err(|error| error.to_string().replace(&file.display().to_string(), "the file"))?;
    let encoder = match encoder {
        Some(encoder) => encoder,
        None => {
            grading::weights::ModelFiles::open(model_dir)
                .map_err(|error| error.to_string())?
                .base_version
        }
    };
    Ok(HeadFacts {
        name: format!("{encoder}+{}", head.name()),
        bars: models::bars(|agreement, graded| head.threshold_after(agreement, graded)),
    })
}

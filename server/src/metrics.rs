//! Numbers for Prometheus. Names are part of the contract with dashboards and alerts; units stand in the names.

mod grader;

pub use grader::GraderNumbers;

use app::platform::AppState;
use app::platform::state::Counters;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::{Arc, Mutex};

/// Labels of one kind of request. `route` is the pattern, never the address, so that the set stays small.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    pub method: String,
    pub route: String,
    pub status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    pub method: String,
    pub route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReplicaLabels {
    pub replica: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StateLabels {
    pub state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LimitLabels {
    pub limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobLabels {
    pub job: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ResultLabels {
    pub result: String,
}

/// A page, by its route's pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PageLabels {
    pub page: String,
}

/// Every number the server keeps.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    pub requests: Family<RequestLabels, Counter>,
    pub durations: Family<RouteLabels, Histogram>,
    pub page_views: Family<PageLabels, Counter>,
    pub streams: Gauge,
    pub answers_graded: Counter,
    pub grading_failures: Counter,
    pub grading_seconds: Histogram,
    /// Learning from decisions, one question at a time.
    pub lesson_seconds: Histogram,
    pub grading_batch: Histogram,
    /// What the grader of this process counts itself.
    pub grader: GraderNumbers,
    queue_oldest: Gauge,
    jobs: Family<JobLabels, Gauge>,
    pub cache_errors: Counter,
    cache_up: Gauge,
    database_up: Gauge,
    database_connections: Family<StateLabels, Gauge>,
    replica_lag: Family<ReplicaLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    replica_in_use: Family<ReplicaLabels, Gauge>,
    object_store_errors: Counter,
    refused: Family<LimitLabels, Counter>,
    sessions: Gauge,
    queue: Gauge,
    given_up: Gauge,
    failed_sign_ins: Counter,
    failed_uploads: Counter,
    changes: Counter,
    submissions: Counter,
    mail_waiting: Gauge,
    mail_oldest: Gauge,
    mails: Family<ResultLabels, Counter>,
    maintenance: Gauge,
    pub safety: crate::backup::numbers::Numbers,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 15))),
            page_views: Family::default(),
            streams: Gauge::default(),
            answers_graded: Counter::default(),
            grading_failures: Counter::default(),
            grading_seconds: Histogram::new(exponential_buckets(0.005, 2.0, 14)),
            lesson_seconds: Histogram::new(exponential_buckets(0.005, 2.0, 14)),
            grading_batch: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            grader: GraderNumbers::default(),
            queue_oldest: Gauge::default(),
            jobs: Family::default(),
            cache_errors: Counter::default(),
            cache_up: Gauge::default(),
            database_up: Gauge::default(),
            database_connections: Family::default(),
            replica_lag: Family::default(),
            replica_in_use: Family::default(),
            object_store_errors: Counter::default(),
            refused: Family::default(),
            sessions: Gauge::default(),
            queue: Gauge::default(),
            given_up: Gauge::default(),
            failed_sign_ins: Counter::default(),
            failed_uploads: Counter::default(),
            changes: Counter::default(),
            submissions: Counter::default(),
            mail_waiting: Gauge::default(),
            mail_oldest: Gauge::default(),
            mails: Family::default(),
            maintenance: Gauge::default(),
            safety: Default::default(),
            registry: Arc::default(),
        };
        // A counter's name gets `_total` from the library.
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time to answer a request",
            metrics.durations.clone(),
        );
        registry.register("page_views", "Pages shown", metrics.page_views.clone());
        registry.register("live_streams", "Open event streams", metrics.streams.clone());
        registry.register(
            "answers_graded",
            "Answers graded by this process",
            metrics.answers_graded.clone(),
        );
        registry.register(
            "grading_failures",
            "Tries at grading an answer that failed",
            metrics.grading_failures.clone(),
        );
        registry.register(
            "grading_batch_seconds",
            "Time to grade and record one batch",
            metrics.grading_seconds.clone(),
        );
        registry.register(
            "grading_lesson_seconds",
            "Time to make a question's suggestions anew after a decision",
            metrics.lesson_seconds.clone(),
        );
        registry.register(
            "grading_batch_answers",
            "Answers in one batch",
            metrics.grading_batch.clone(),
        );
        registry.register(
            "cache_up",
            "Whether Redis answers; 1 also when none is configured",
            metrics.cache_up.clone(),
        );
        registry.register(
            "cache_errors",
            "Calls to Redis that went wrong",
            metrics.cache_errors.clone(),
        );
        registry.register(
            "database_up",
            "Whether the primary database answers",
            metrics.database_up.clone(),
        );
        registry.register(
            "database_pool_connections",
            "Open connections to the database",
            metrics.database_connections.clone(),
        );
        registry.register(
            "database_replica_lag_seconds",
            "How far a replica is behind; -1 when nobody can tell",
            metrics.replica_lag.clone(),
        );
        registry.register(
            "database_replica_in_use",
            "Whether lists and reports are read from this replica",
            metrics.replica_in_use.clone(),
        );
        registry.register(
            "object_store_errors",
            "Requests to the object store that failed",
            metrics.object_store_errors.clone(),
        );
        registry.register(
            "limits_refused",
            "Requests refused because of a limit",
            metrics.refused.clone(),
        );
        registry.register(
            "scheduled_job_last_success_timestamp_seconds",
            "When a scheduled job last ended well",
            metrics.jobs.clone(),
        );
        registry.register("active_sessions_total", "People signed in", metrics.sessions.clone());
        registry.register_collector(Box::new(metrics.grader.clone()));
        registry.register(
            "ml_queue_oldest_seconds",
            "How long the oldest answer has been waiting to be graded; 0 when none is",
            metrics.queue_oldest.clone(),
        );
        registry.register("ml_queue_size", "Answers waiting to be graded", metrics.queue.clone());
        registry.register(
            "grading_given_up",
            "Answers given up after several tries",
            metrics.given_up.clone(),
        );
        registry.register(
            "auth_failed_attempts",
            "Refused sign-ins",
            metrics.failed_sign_ins.clone(),
        );
        registry.register(
            "file_upload_errors",
            "Refused or failed uploads",
            metrics.failed_uploads.clone(),
        );
        registry.register(
            "journal_changes",
            "Changes of answers committed to the journal",
            metrics.changes.clone(),
        );
        registry.register("submissions", "Submissions taken", metrics.submissions.clone());
        registry.register(
            "mail_outbox_waiting",
            "Mails not sent yet, those in quiet hours included",
            metrics.mail_waiting.clone(),
        );
        registry.register(
            "mail_outbox_oldest_seconds",
            "Age of the oldest mail that is due and not sent; 0 when none is",
            metrics.mail_oldest.clone(),
        );
        registry.register(
            "mail_sent",
            "Tries of this process to send a mail, by result: sent, later, failed, unsure",
            metrics.mails.clone(),
        );
        registry.register(
            "maintenance_active",
            "1 while the system is read-only",
            metrics.maintenance.clone(),
        );
        metrics.safety.register(&mut registry);
        Self {
            registry: Arc::new(Mutex::new(registry)),
            ..metrics
        }
    }
}

impl Counters for Metrics {
    fn failed_sign_in(&self) {
        self.failed_sign_ins.inc();
    }
    fn failed_upload(&self) {
        self.failed_uploads.inc();
    }
    fn refused(&self, limit: &'static str) {
        self.refused.get_or_create(&LimitLabels { limit }).inc();
    }
    fn saved(&self, changes: u32) {
        self.changes.inc_by(u64::from(changes));
    }
    fn submitted(&self) {
        self.submissions.inc();
    }
}

impl Metrics {
    /// Redis, the database servers and the object store, as they are now.
    async fn parts(&self, state: &AppState) {
        let up = match &state.cache.0 {
            Some(cache) => cache.ping().await.is_ok(),
            None => true,
        };
        self.cache_up.set(i64::from(up));
        let answers = tokio::time::timeout(std::time::Duration::from_secs(3), state.db.read().ping());
        self.database_up.set(i64::from(matches!(answers.await, Ok(Ok(())))));
        for server in state.db.servers() {
            if server.is_primary {
                let used = i64::from(server.connections.saturating_sub(server.idle));
                for (name, number) in [("idle", i64::from(server.idle)), ("used", used)] {
                    self.database_connections
                        .get_or_create(&StateLabels { state: name })
                        .set(number);
                }
                continue;
            }
            let labels = ReplicaLabels { replica: server.name };
            let lag = server.lag.map_or(-1.0, |lag| lag as f64 / 1e6);
            self.replica_lag.get_or_create(&labels).set(lag);
            self.replica_in_use.get_or_create(&labels).set(i64::from(server.in_use));
        }
        let failures = app::platform::blobs::failures();
        self.object_store_errors
            .inc_by(failures.saturating_sub(self.object_store_errors.get()));
    }

    /// Counts what became of mails.
    pub fn mail_sent(&self, result: &str, number: u64) {
        let labels = ResultLabels { result: result.into() };
        self.mails.get_or_create(&labels).inc_by(number);
    }

    /// The text for a scrape; the gauges that live in the database are read now.
    pub async fn scrape(&self, state: &AppState) -> String {
        match app::admin::store::queue(state.db.read()).await {
            Ok(queue) => {
                self.queue.set((queue.queued + queue.claimed) as i64);
                self.given_up.set(queue.failed as i64);
                let waits = queue
                    .oldest
                    .map_or(0, |oldest| (state.clock.now().0 - oldest.0) / 1_000_000);
                self.queue_oldest.set(waits);
            }
            Err(error) => tracing::warn!(%error, "queue length unknown"),
        }
        if let Ok(sessions) = app::account::store::count_sessions(state.db.read(), state.clock.now()).await {
            self.sessions.set(sessions);
        }
        self.parts(state).await;
        if let Ok(jobs) = app::platform::schedule::list(state.db.read()).await {
            for job in jobs {
                if let Some(at) = job.succeeded_at {
                    self.jobs
                        .get_or_create(&JobLabels { job: job.id })
                        .set(at.0 / 1_000_000);
                }
            }
        }
        let now = state.clock.now();
        if let Ok((waiting, oldest)) = app::mail::delivery::waiting(state.db.read(), now).await {
            self.mail_waiting.set(waiting as i64);
            self.mail_oldest
                .set(oldest.map_or(0, |oldest| (now.0 - oldest.0) / 1_000_000));
        }
        if let Ok(active) = state.maintenance.active(&state.db, now).await {
            self.maintenance.set(i64::from(active.is_some()));
        }
        self.safety.refresh(state).await;
        let mut text = String::new();
        if let Ok(registry) = self.registry.lock() {
            // Writing into a String does not fail.
            let _ = encode(&mut text, &registry);
        }
        text
    }
}

//! Redis as the memory that processes share. Every call ends quickly: with an answer, or as `Gone`.

use app::ids::UserId;
use app::platform::cache::{Cache, Gone};
use async_trait::async_trait;
use fred::prelude::{Client, ClientLike, Error, Expiration, FredResult, KeysInterface, Pool};
use prometheus_client::metrics::counter::Counter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a copy of a session is believed.
pub const COPY_SECONDS: i64 = 60;
/// After a call that did not end well, the next ones do without for this long.
const REST: Duration = Duration::from_millis(1500);

#[derive(Clone)]
pub struct RedisCache {
    pool: Pool,
    errors: Counter,
    began: Instant,
    /// Milliseconds since `began` until which nobody asks.
    rests_until: Arc<AtomicU64>,
}

impl RedisCache {
    /// `errors` counts calls that went wrong.
    pub fn new(pool: Pool, errors: Counter) -> RedisCache {
        RedisCache {
            pool,
            errors,
            began: Instant::now(),
            rests_until: Arc::default(),
        }
    }

    async fn ask<T>(&self, work: impl AsyncFnOnce(Client) -> Result<T, Error>) -> Result<T, Gone> {
        let now = self.began.elapsed().as_millis() as u64;
        if now < self.rests_until.load(Ordering::Relaxed) {
            return Err(Gone);
        }
        let client = self.pool.next_connected().clone();
        let result = if client.is_connected() {
            work(client).await
        } else {
            Err(Error::new_canceled())
        };
        result.map_err(|error| {
            self.errors.inc();
            self.rests_until.store(now + REST.as_millis() as u64, Ordering::Relaxed);
            tracing::warn!(%error, "Redis is away; the database answers instead");
            Gone
        })
    }

    /// A copy of a session, as text, with the time it was made in microseconds.
    pub async fn copy(&self, id: &str) -> Result<Option<String>, Gone> {
        let key = format!("auto-grader:session:{id}");
        self.ask(async |redis| redis.get(key).await).await
    }

    pub async fn keep_copy(&self, id: &str, text: String) -> Result<(), Gone> {
        let key = format!("auto-grader:session:{id}");
        self.ask(async |redis| {
            redis
                .set(key, text, Some(Expiration::EX(COPY_SECONDS)), None, false)
                .await
        })
        .await
    }

    pub async fn drop_copy(&self, id: &str) -> Result<(), Gone> {
        let key = format!("auto-grader:session:{id}");
        self.ask(async |redis| redis.del(key).await).await
    }

    /// How often sessions of this person were ended lately: a copy holds the number at its time, and is worth nothing once it differs.
    pub async fn ended(&self, user: &str) -> Result<i64, Gone> {
        let key = format!("auto-grader:sessions-ended:{user}");
        let count: Option<i64> = self.ask(async |redis| redis.get(key).await).await?;
        Ok(count.unwrap_or_default())
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn ping(&self) -> Result<(), Gone> {
        self.ask(async |redis| {
            let answer: FredResult<Option<String>> = redis.get("auto-grader:ping").await;
            answer.map(drop)
        })
        .await
    }

    async fn count(&self, key: &str, seconds: i64) -> Result<i64, Gone> {
        let key = format!("auto-grader:{key}");
        self.ask(async |redis| {
            let count: i64 = redis.incr(&key).await?;
            if count == 1 {
                let () = redis.expire(&key, seconds, None).await?;
            }
            Ok(count)
        })
        .await
    }

    async fn forget(&self, key: &str) -> Result<(), Gone> {
        let key = format!("auto-grader:{key}");
        self.ask(async |redis| redis.del(key).await).await
    }

    async fn end_sessions(&self, user: UserId) -> Result<(), Gone> {
        let key = format!("auto-grader:sessions-ended:{user}");
        self.ask(async |redis| {
            let _: i64 = redis.incr(&key).await?;
            // Longer than any copy lives.
            redis.expire(&key, 10 * COPY_SECONDS, None).await
        })
        .await
    }
}

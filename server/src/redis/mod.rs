//! Redis, when configured: copies of sessions in front of the database, counters of tries, and hints between processes. Losing it loses
//! nothing: sessions and counters are then in the database, and everyone who waits for a hint also looks by themselves. It may be away when
//! the server starts, and it is used again as soon as it answers.
//!
//! Addresses: `redis://host:port`, `redis-cluster://host:port?node=host:port&node=…`, `redis-sentinel://host:port?node=…&sentinelServiceName=…`;
//! `rediss…` for TLS.

mod cache;
mod relay;
mod sessions;

pub use cache::RedisCache;
pub use relay::start as start_relay;
pub use sessions::Store;

use fred::prelude::{Builder, ClientLike, Config, Error, Pool};
use fred::types::config::ReconnectPolicy;
use std::time::Duration;

/// How long a start waits for Redis before it goes on without.
const PATIENCE: Duration = Duration::from_secs(3);

/// A pool that connects in the background and for ever; standalone, sentinel or cluster by the scheme of the URL. An error only for an
/// address that is none.
pub async fn connect(url: &str) -> Result<Pool, Error> {
    let pool = builder(url)?.build_pool(4)?;
    pool.connect();
    match tokio::time::timeout(PATIENCE, pool.wait_for_connect()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "Redis does not answer; going on without until it does"),
        Err(_) => tracing::warn!("Redis does not answer; going on without until it does"),
    }
    Ok(pool)
}

fn builder(url: &str) -> Result<Builder, Error> {
    let mut config = Config::from_url(url)?;
    // Not there yet is no reason to give up.
    config.fail_fast = false;
    let mut builder = Builder::from_config(config);
    builder.set_policy(ReconnectPolicy::new_exponential(0, 100, 2_000, 2));
    builder.with_connection_config(|connection| {
        connection.connection_timeout = Duration::from_secs(3);
        connection.internal_command_timeout = Duration::from_secs(3);
        // A command that waits for a connection has been answered without Redis long since.
        connection.max_command_attempts = 2;
        connection.unresponsive.max_timeout = Some(Duration::from_secs(5));
    });
    // A page must not hang because Redis does.
    builder.with_performance_config(|performance| performance.default_command_timeout = Duration::from_secs(1));
    Ok(builder)
}

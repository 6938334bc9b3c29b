//! Redis, when configured: a copy of sessions in front of the database, and hints between processes. Losing it loses nothing:
//! sessions are read from the database, and everyone who waits for a hint also looks by themselves.

mod relay;
mod sessions;

pub use relay::start as start_relay;
pub use sessions::Store;

use fred::prelude::{Builder, ClientLike, Config, Error, Pool};
use fred::types::config::ReconnectPolicy;
use std::time::Duration;

/// A connected pool; standalone, sentinel or cluster by the scheme of the URL.
pub async fn connect(url: &str) -> Result<Pool, Error> {
    let pool = builder(url)?.build_pool(4)?;
    pool.init().await?;
    Ok(pool)
}

fn builder(url: &str) -> Result<Builder, Error> {
    let mut builder = Builder::from_config(Config::from_url(url)?);
    builder.set_policy(ReconnectPolicy::new_exponential(0, 100, 5_000, 2));
    builder.with_connection_config(|connection| connection.connection_timeout = Duration::from_secs(3));
    // A page must not hang because Redis does.
    builder.with_performance_config(|performance| performance.default_command_timeout = Duration::from_secs(2));
    Ok(builder)
}

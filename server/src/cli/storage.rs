//! `storage`: the object store as a process of its own, and preparing a bucket.

use crate::boot;
use crate::config::Config;
use anyhow::Context;
use app::platform::blobs::{StandAlone, load_or_create_secret};
use clap::Subcommand;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Storage {
    /// Serve a folder as an S3 service of its own, for installations without another one. The keys are printed once it listens.
    Serve {
        /// Where the buckets are kept: one folder each.
        #[arg(long)]
        dir: PathBuf,
        // Text, as the flag of the same name that every command takes: clap keeps one value for both.
        #[arg(long, default_value = "127.0.0.1:9000")]
        addr: String,
        /// The access key; requests must be signed with it.
        #[arg(long, env = "AWS_ACCESS_KEY_ID", default_value = "auto-grader")]
        access_key: String,
        /// Where the access key stands in a file.
        #[arg(long, env = "AWS_ACCESS_KEY_ID_FILE")]
        access_key_file: Option<PathBuf>,
        /// The secret key; by default one is made and kept beside the folder.
        #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
        secret_key: Option<String>,
        /// Where the secret key stands in a file.
        #[arg(long, env = "AWS_SECRET_ACCESS_KEY_FILE", conflicts_with = "secret_key")]
        secret_key_file: Option<PathBuf>,
        /// Make this bucket if it is not there.
        #[arg(long, env = "AWS_S3_BUCKET")]
        bucket: Vec<String>,
    },
    /// Make the configured bucket if it is not there, have it forget uploads that were broken off, and write, read and remove a file.
    Setup,
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
impl Storage {
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Storage::Serve {
                dir,
                addr,
                access_key,
                access_key_file,
                secret_key,
                secret_key_file,
                bucket,
            } => {
                std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
                let word = |file: PathBuf| {
                    let text = std::fs::read_to_string(&file);
                    text.map(|text| text.trim().to_owned())
                        .with_context(|| format!("{} cannot be read", file.display()))
                };
                let access_key = access_key_file.map_or(Ok(access_key), word)?;
                let secret = match (secret_key, secret_key_file) {
                    (Some(secret), _) => secret,
                    (None, Some(file)) => word(file)?,
                    (None, None) => {
                        let file = dir.with_extension("key");
                        println!("The secret key is in {}.", file.display());
                        load_or_create_secret(&file).context("the secret key cannot be kept")?
                    }
                };
                let addr: SocketAddr = addr
                    .parse()
                    .with_context(|| format!("{addr} is no address; write it like 127.0.0.1:9000"))?;
                for name in &bucket {
                    std::fs::create_dir_all(dir.join(name))?;
                }
                let store = StandAlone::open(&dir, &access_key, &secret)
                    .with_context(|| format!("{} cannot be served", dir.display()))?;
                let listener = tokio::net::TcpListener::bind(addr)
                    .await
                    .with_context(|| format!("cannot listen on {addr}"))?;
                println!(
                    "The object store is at http://{}, access key {access_key}",
                    listener.local_addr()?
                );
                let service = store.router().layer(axum::extract::DefaultBodyLimit::disable());
                let server = axum::serve(listener, service).with_graceful_shutdown(super::serve::signalled());
                server.await?;
                Ok(())
            }
            Storage::Setup => {
                let blobs = boot::open_storage(&config)?;
                blobs.ensure_bucket().await?;
                match blobs.forget_broken_uploads_after(1).await {
                    Ok(()) => println!("Uploads that are broken off are removed by the store after a day."),
                    Err(error) => {
                        println!("The store takes no rule for broken uploads ({error}); `files sweep` removes them.")
                    }
                }
                let took = blobs.probe().await?;
                println!(
                    "The bucket is ready; writing, reading and removing a file took {} ms.",
                    took.as_millis()
                );
                Ok(())
            }
        }
    }
}

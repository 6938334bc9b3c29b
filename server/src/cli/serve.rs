//! `serve` and `work`: run until told to stop, then finish what is under way.

use crate::boot::{self, Life, Parts};
use crate::config::Config;
use anyhow::Context;
use app::account::service::{NewUser, create_user};
use app::platform::Ctx;
use clap::Args;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Serve pages and grade.
#[derive(Args, Default)]
pub struct Serve {
    /// Leave grading to `auto-grader work`.
    #[arg(long)]
    no_worker: bool,
    /// With an empty database, put the demo institution into it.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    #[expect(
        clippy::print_stdout,
        reason = "the address and the first passwords are what a person waits for"
    )]
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let grades = config.server.worker && !self.no_worker;
        let parts = boot::start(config, grades).await?;
        let ctx = parts.ctx().await?;
        if !app::account::store::any(ctx.db()).await? {
            if self.demo {
                println!("Filling the demo institution …");
                let worker = parts
                    .worker()
                    .await?
                    .context("--demo grades some answers, so it needs the worker")?;
                crate::seed::run(&ctx, &worker).await?;
            } else {
                first_administrator(&ctx, &parts.config).await?;
            }
        }
        let listener = TcpListener::bind(parts.config.server.addr)
            .await
            .with_context(|| format!("cannot listen on {}", parts.config.server.addr))?;
        let (stop, tasks) = (parts.life.leaving.clone(), TaskTracker::new());
        let closing = parts.life.closing.clone();
        start_tasks(&parts, &ctx, &stop, &tasks).await?;
        println!("Auto-Grader is at http://{}", listener.local_addr()?);
        if parts.state.institution.get(&parts.state.db, ctx.now()).await?.demo {
            println!("{}", crate::seed::logins());
        }
        tokio::spawn(end_on_signal(parts.life.clone(), parts.config.server.drain_seconds));
        if let Some(addr) = parts.config.server.api_addr {
            let api = TcpListener::bind(addr)
                .await
                .with_context(|| format!("cannot listen on {addr}"))?;
            let service = crate::http::api_router(&parts).into_make_service_with_connect_info::<SocketAddr>();
            let ended = closing.clone();
            tasks.spawn(async move {
                let server = axum::serve(api, service).with_graceful_shutdown(ended.clone().cancelled_owned());
                tokio::select! { _ = server => {}, () = after_grace(ended) => {} }
            });
        }
        let service = crate::http::router(&parts).into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(closing.clone().cancelled_owned());
        tokio::select! {
            result = server => result?,
            () = after_grace(closing) => tracing::warn!("some requests took too long to wait for"),
        }
        tasks.close();
        tasks.wait().await;
        Ok(())
    }
}

/// Grade only.
pub async fn work(config: Config) -> anyhow::Result<()> {
    let parts = boot::start(config, true).await?;
    let stop = parts.life.leaving.clone();
    // A worker holds nobody's connections; what it grades it finishes or hands back.
    tokio::spawn(end_on_signal(parts.life.clone(), 0));
    // Health and numbers alone: a worker answers no people.
    if let Some(addr) = parts.config.server.api_addr {
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr}"))?;
        let (service, ended) = (crate::http::watch_router(&parts), stop.clone());
        tokio::spawn(async move {
            let _ = axum::serve(listener, service)
                .with_graceful_shutdown(async move { ended.cancelled().await })
                .await;
        });
    }
    let sender = parts
        .sender()
        .await?
        .map(|sender| tokio::spawn(sender.run(stop.clone())));
    if let Some(worker) = parts.worker().await? {
        worker.run(stop).await;
    }
    if let Some(sender) = sender {
        sender.await?;
    }
    Ok(())
}

async fn start_tasks(parts: &Parts, ctx: &Ctx, stop: &CancellationToken, tasks: &TaskTracker) -> anyhow::Result<()> {
    if let Some(worker) = parts.worker().await? {
        tasks.spawn(worker.run(stop.clone()));
        if let Some(sender) = parts.sender().await? {
            tasks.spawn(sender.run(stop.clone()));
        }
    }
    let jobs = crate::schedule::jobs(parts, ctx);
    tasks.spawn(crate::schedule::run(jobs, ctx.clone(), stop.clone()));
    Ok(())
}

/// The longest that requests under way are waited for.
const GRACE: Duration = Duration::from_secs(25);

async fn after_grace(closing: CancellationToken) {
    closing.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

/// On the first signal: not ready, and after `drain` seconds closing. On the second: closing at once.
async fn end_on_signal(life: Life, drain: u64) {
    signalled().await;
    tracing::info!(drain, "stopping: finishing what is under way");
    life.leaving.cancel();
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(drain)) => {}
        () = signalled() => {}
    }
    life.closing.cancel();
}

pub async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the one-time password is shown on the console alone, never logged"
)]
async fn first_administrator(ctx: &Ctx, config: &Config) -> anyhow::Result<()> {
    let admin = NewUser {
        email: config.admin.email.clone(),
        name: "Administrator".into(),
        password: config.admin.password.clone(),
        is_admin: true,
    };
    let created = create_user(ctx, admin).await?;
    println!("First administrator: {}", created.user.email);
    if let Some(password) = created.one_time_password {
        println!("One-time password:   {password}");
    }
    Ok(())
}

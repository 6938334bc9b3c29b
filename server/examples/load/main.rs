//! The load scenario: many students with the answer page open, typing, at once.
//!
//! `scripts/load.sh` starts a release server on an empty demo and runs this against it; the staging scripts run it through Nginx with
//! TLS (`--environment --ca`). Students and the assignment are made straight in the server's database; everything measured goes over
//! HTTP. Each student opens the page now and then and saves a change about once a second; what was not acknowledged is sent again with
//! the next change, as the browser does. At the end every acknowledged change and submission is looked up in the database. Exits
//! with 1 when something acknowledged is missing, or, without `--tolerate`, when any request failed.

mod people;
mod report;
mod student;

use clap::Parser;
use report::Results;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use student::Student;

#[derive(Parser)]
struct Options {
    #[arg(long)]
    base_url: String,
    /// The data folder of the server.
    #[arg(long)]
    data_dir: Option<String>,
    /// Reach the database by the settings in the environment, as the server does.
    #[arg(long)]
    environment: bool,
    /// A certificate authority to trust besides the system's, as PEM.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Connect to this address whatever the host name in `--base-url` resolves to.
    #[arg(long)]
    connect: Option<std::net::SocketAddr>,
    #[arg(long, default_value_t = 200)]
    students: usize,
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Each student submits at some moment of the run, and looks at the page from then on.
    #[arg(long)]
    submit: bool,
    /// One student in so many also uploads a small file now and then; 0 for none.
    #[arg(long, default_value_t = 0)]
    uploaders: usize,
    /// Refused and failed requests are counted, not a failure of the run.
    #[arg(long)]
    tolerate: bool,
    /// How long submitted answers may take to be graded after the run; 0 does not wait.
    #[arg(long, default_value_t = 0)]
    grade_seconds: u64,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A file that is made when everyone is signed in and typing begins.
    #[arg(long)]
    ready: Option<PathBuf>,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool answers on standard output")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder: Vec<_> = options
        .data_dir
        .iter()
        .map(|folder| ("server.data_dir", folder.clone()))
        .collect();
    let environment = |name: &str| std::env::var(name).ok().filter(|_| options.environment);
    let config = server::config::load(None, environment, &folder)?;
    let ctx = server::boot::start(config, false).await?.ctx().await?;
    let place = people::prepare(&ctx, options.students).await?;
    println!("{} students sign in and start", options.students);
    let clients = student::Clients::new(&options)?;
    let students = student::start_all(&clients, options.students, &place).await?;
    println!("{} s of typing", options.seconds);
    if let Some(ready) = &options.ready {
        std::fs::write(ready, "")?;
    }
    let results = Arc::new(Results::default());
    let began = Instant::now();
    let plan = student::Plan {
        began,
        until: began + Duration::from_secs(options.seconds),
        submit: options.submit,
        students: options.students,
        uploaders: options.uploaders,
    };
    let tasks: Vec<_> = students
        .into_iter()
        .map(|student: Student| tokio::spawn(student.work(results.clone(), plan)))
        .collect();
    for task in tasks {
        task.await?;
    }
    results.print(options.seconds);
    let kept = people::check(&ctx, &place, &results, Duration::from_secs(options.grade_seconds)).await?;
    println!("{kept}");
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&results.json(options.seconds, &kept))?)?;
    }
    kept.ensure_whole()?;
    if options.tolerate {
        Ok(())
    } else {
        results.ensure_none_failed()
    }
}

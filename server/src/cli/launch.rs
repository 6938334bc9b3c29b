//! `launch report` and `launch verify`.

use crate::config::Config;
use crate::report::{self, Order, Report, Status, seal};
use crate::verify::launch::Look;
use anyhow::Context;
use app::platform::signer::Signer;
use app::time::Timestamp;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Launch {
    /// Check everything and write a signed report, as JSON and as a page to print: every numbered item, its evidence, and who must sign.
    Report(Box<Options>),
    /// Check a report's signature without a network, and say what it reports.
    Verify {
        /// launch-report.json or launch-report.html
        file: PathBuf,
        /// The public key (hex) that must have signed it.
        #[arg(long)]
        key: Option<String>,
    },
}

#[derive(Args)]
pub struct Options {
    /// The folder for launch-report.json and launch-report.html.
    #[arg(long)]
    out: PathBuf,
    /// The server as people reach it; the configured address by default.
    #[arg(long)]
    base_url: Option<String>,
    /// An authority to trust besides the system's.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Names that must resolve and be in the certificate.
    #[arg(long = "name")]
    names: Vec<String>,
    /// TLS 1.2 is meant to be taken.
    #[arg(long)]
    tls12: bool,
    /// How old the last proven backup may be, in hours.
    #[arg(long, default_value_t = 26)]
    backup_hours: i64,
    /// Do not load the model here.
    #[arg(long)]
    no_grader: bool,
    /// Also walk the main job and send a mail, as `verify post-launch` does.
    #[arg(long)]
    walk: bool,
    /// For the walk: a token of an administrator with all scopes. Without one an account is made for it and deactivated afterwards.
    #[arg(long, env = "AUTO_GRADER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// For the walk: whom to send a mail to.
    #[arg(long)]
    mail_to: Option<String>,
    /// Where the numbers are; the programs' listener (API_ADDR) by default.
    #[arg(long)]
    metrics_url: Option<String>,
    /// Ask Prometheus, too: http://127.0.0.1:9090
    #[arg(long)]
    prometheus_url: Option<String>,
    /// What scripts found: files of JSON lines {id, verdict, evidence, milliseconds, at}, or lists as `verify … --json` prints them.
    #[arg(long, num_args = 1..)]
    evidence: Vec<PathBuf>,
    /// When people came, such as 2026-11-24T08:00:00Z: the measures are counted from there.
    #[arg(long)]
    launched_at: Option<String>,
}

impl Launch {
    pub async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        match self {
            Launch::Report(options) => make(*options, &config).await,
            Launch::Verify { file, key } => verify(&config, &file, key.as_deref()),
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
async fn make(options: Options, config: &Config) -> anyhow::Result<ExitCode> {
    let out = options.out;
    let configured = || format!("http://{}", config.server.addr);
    let order = Order {
        look: Look {
            base_url: options.base_url.unwrap_or_else(configured),
            ca_file: options.ca_file,
            names: options.names,
            tls12: options.tls12,
            backup_hours: options.backup_hours,
            grader: !options.no_grader,
        },
        walk: options.walk,
        token: options.token,
        mail_to: options.mail_to,
        metrics_url: options.metrics_url,
        prometheus_url: options.prometheus_url,
        evidence: options.evidence,
        launched_at: options.launched_at.as_deref().map(instant).transpose()?,
    };
    let mut made = report::collect(config, &order).await?;
    let written = report::write(config, &mut made, &out).await?;
    println!("{}", summary(&made));
    println!("{}\n{}", written.json.display(), written.html.display());
    Ok(if made.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
fn verify(config: &Config, file: &std::path::Path, key: Option<&str>) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let signer = seal::check(&text, key)?;
    println!(
        "{} is whole: not a byte was changed since it was signed.",
        file.display()
    );
    println!(
        "Signed with the key {signer}: {}.",
        whose(config, &signer, key.is_some())
    );
    if let Ok(report) = serde_json::from_str::<Report>(&text) {
        println!(
            "Made {} by version {} for {}: {}",
            report.created_at,
            report.version,
            report.address,
            summary(&report)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Whose key it is, as far as this machine can tell.
fn whose(config: &Config, signer: &str, given: bool) -> &'static str {
    if given {
        return "the one that was given";
    }
    let file = config.server.data_dir.join("receipt-signing.key");
    match file.exists().then(|| Signer::load_or_create(&file)) {
        Some(Ok(own)) if own.public_key() == signer => "this installation's own",
        _ => "compare it with the one you were told by another way, or give it with --key",
    }
}

fn summary(report: &Report) -> String {
    let counts: Vec<String> = [Status::Passed, Status::Failed, Status::ToBeSigned, Status::NotHere]
        .into_iter()
        .map(|status| format!("{} {}", report.count(status), status.words()))
        .collect();
    format!("{} items: {}", report.lines().count(), counts.join(", "))
}

fn instant(text: &str) -> anyhow::Result<Timestamp> {
    let read = chrono::DateTime::parse_from_rfc3339(text);
    let read = read.with_context(|| format!("“{text}” is no time; write it like 2026-11-24T10:15:00Z"))?;
    Ok(Timestamp(read.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    //! The book must not drift from the program: every command it names exists, and every setting stands in its table.

    use clap::{Command, CommandFactory};

    fn pages() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
        let entries = std::fs::read_dir(folder).expect("the book");
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|end| end == "md"))
            .map(|path| {
                let text = std::fs::read_to_string(&path).expect("a page");
                (path.file_name().expect("a name").to_string_lossy().into_owned(), text)
            })
            .collect()
    }

    /// What follows `auto-grader ` where it is written as a command; a line that ends with `\` goes on.
    fn commands(text: &str) -> Vec<String> {
        let text = text.replace("\\\n", " ");
        let mut found = Vec::new();
        for (at, name) in text.match_indices("auto-grader ") {
            let before = &text[..at];
            if before.is_empty()
                || ["`", "\n", "release/", "/auto-grader/"]
                    .iter()
                    .any(|end| before.ends_with(end))
            {
                let rest = &text[at + name.len()..];
                let end = rest.find(['`', '\n', '#', '>', ';']).unwrap_or(rest.len());
                found.push(rest[..end].trim().to_owned());
            }
        }
        found
    }

    fn problem(root: &Command, words: &str) -> Option<String> {
        let (mut command, mut values) = (root, false);
        for word in words.split_whitespace() {
            let word = word.trim_matches(['[', ']', ',', '.', ')']);
            if let Some(flag) = word.strip_prefix("--") {
                let flag = flag.split('=').next().unwrap_or_default();
                let has = |command: &Command| command.get_arguments().any(|arg| arg.get_long() == Some(flag));
                if !has(command) && !has(root) && flag != "help" {
                    return Some(format!("--{flag}"));
                }
                values = true;
            } else if let Some(next) = command.find_subcommand(word) {
                command = next;
            } else if command.has_subcommands() && !values && !matches!(word, "…" | "") {
                return Some(word.to_owned());
            }
        }
        None
    }

    #[test]
    fn every_command_of_the_book_exists() {
        let root = super::super::Cli::command();
        let mut seen = 0;
        for (page, text) in pages() {
            for words in commands(&text) {
                assert_eq!(problem(&root, &words), None, "{page}: auto-grader {words}");
                seen += 1;
            }
        }
        assert!(seen > 40, "only {seen} commands were found");
        assert_eq!(problem(&root, "backup mend").as_deref(), Some("mend"));
        assert_eq!(problem(&root, "backup create --approve").as_deref(), Some("--approve"));
    }

    #[test]
    fn every_setting_stands_in_the_book() {
        let pages = pages();
        let (_, deployment) = pages
            .iter()
            .find(|(name, _)| name == "deployment.md")
            .expect("the page");
        for key in crate::config::KEYS {
            let row = format!("| `{}` | `{}` |", key.env, key.path);
            assert!(deployment.contains(&row), "{row} is missing");
        }
        let rows = deployment
            .lines()
            .filter(|line| line.starts_with("| `") && line.matches('|').count() == 5)
            .count();
        assert!(rows >= crate::config::KEYS.len());
    }
}

//! The checks of the launch runbook, each a list of lines with a verdict and its evidence.
//!
//! `launch` looks at every part before people come, `smoke` walks the main job, `migration` looks at the data after a change of schema,
//! `rollback` compares before and after, `post` is what is left to see afterwards: a file, a grade, a mail. None of them prints a secret.

mod access;
pub mod certificate;
pub mod launch;
pub mod migration;
pub mod post;
pub mod rollback;
pub mod smoke;
pub mod walk;

pub use access::Access;

use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    /// This installation does without it; the evidence says why that is known.
    NotHere,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Short and lasting, such as `database.primary`: reports refer to it.
    pub id: String,
    pub name: String,
    pub verdict: Verdict,
    pub evidence: String,
    pub milliseconds: u64,
}

/// What a check came to when it did not fail.
pub enum Seen {
    Well(String),
    NotHere(String),
}

/// A well part with these words.
pub fn well(words: impl Into<String>) -> anyhow::Result<Seen> {
    Ok(Seen::Well(words.into()))
}

pub fn not_here(words: impl Into<String>) -> anyhow::Result<Seen> {
    Ok(Seen::NotHere(words.into()))
}

/// A list being made. Lines are told to `tell` as they come.
pub struct Checks {
    pub list: Vec<Check>,
    quiet: bool,
}

impl Checks {
    /// `quiet` for machines: nothing is printed on the way.
    pub fn new(quiet: bool) -> Checks {
        Checks {
            list: Vec::new(),
            quiet,
        }
    }

    /// Runs one check and notes it; whether it did not fail.
    pub async fn run(&mut self, id: &str, name: &str, check: impl Future<Output = anyhow::Result<Seen>>) -> bool {
        let began = Instant::now();
        let result = check.await;
        self.note(id, name, began, result)
    }

    /// Notes the outcome of one that began at `began`.
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub fn note(&mut self, id: &str, name: &str, began: Instant, result: anyhow::Result<Seen>) -> bool {
        let (verdict, evidence) = match result {
            Ok(Seen::Well(words)) => (Verdict::Passed, words),
            Ok(Seen::NotHere(words)) => (Verdict::NotHere, words),
            Err(error) => (Verdict::Failed, format!("{error:#}")),
        };
        if !self.quiet {
            let word = match verdict {
                Verdict::Passed => "ok",
                Verdict::Failed => "FAIL",
                Verdict::NotHere => "none",
            };
            println!("{word:4}  {name:28}  {evidence}");
        }
        self.list.push(Check {
            id: id.to_owned(),
            name: name.to_owned(),
            verdict,
            evidence,
            milliseconds: began.elapsed().as_millis() as u64,
        });
        verdict != Verdict::Failed
    }

    pub fn failed(&self) -> usize {
        self.list
            .iter()
            .filter(|check| check.verdict == Verdict::Failed)
            .count()
    }

    /// The last line, or everything as JSON; a failure when a check failed.
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub fn end(&self, json: bool) -> anyhow::Result<ExitCode> {
        let failed = self.failed();
        if json {
            println!("{}", serde_json::to_string_pretty(&self.list)?);
        } else {
            let none = self
                .list
                .iter()
                .filter(|check| check.verdict == Verdict::NotHere)
                .count();
            println!(
                "{} passed, {failed} failed, {none} not here",
                self.list.len() - failed - none
            );
        }
        Ok(if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

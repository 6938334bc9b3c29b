//! One thing that was found, and reading what scripts found.
//!
//! A file of evidence is JSON: one object a line, or one list, each `{id, verdict, evidence, milliseconds, at}` with the verdicts `passed`,
//! `failed` and `not_here`. `verify … --json` prints such a list.

use super::redact::Redactor;
use crate::verify::{Check, Verdict};
use anyhow::{Context, ensure};
use app::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

/// One finding of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub id: String,
    pub verdict: Verdict,
    pub evidence: String,
    pub milliseconds: u64,
    /// RFC 3339; empty where a script did not say.
    pub at: String,
    /// The file it comes from; empty for what this report found itself.
    pub source: String,
}

impl Evidence {
    pub fn of(check: &Check, at: Timestamp, redactor: &Redactor) -> Evidence {
        Evidence {
            id: check.id.clone(),
            verdict: check.verdict,
            evidence: redactor.clean(&check.evidence),
            milliseconds: check.milliseconds,
            at: at.rfc3339(),
            source: String::new(),
        }
    }
}

/// A file that evidence was read from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub file: String,
    pub sha256: String,
    pub findings: usize,
}

/// A finding as a script writes it; more may stand there and is left out.
#[derive(Deserialize)]
struct Given {
    id: String,
    verdict: Verdict,
    #[serde(default)]
    evidence: Value,
    #[serde(default)]
    milliseconds: Value,
    #[serde(default)]
    at: Value,
}

/// Reads a file of evidence. Of an id that stands there twice the last one counts.
pub fn read(file: &Path, redactor: &Redactor) -> anyhow::Result<(Source, Vec<Evidence>)> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let name = file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{name} is no text"))?;
    let given = parse(text).with_context(|| format!("{name} is no file of evidence"))?;
    ensure!(!given.is_empty(), "{name} holds no evidence");
    let mut found: Vec<Evidence> = Vec::new();
    for one in given {
        let evidence = Evidence {
            evidence: redactor.clean(&words(&one.evidence)),
            milliseconds: one.milliseconds.as_f64().unwrap_or_default().max(0.0) as u64,
            at: time(&one.at),
            id: one.id,
            verdict: one.verdict,
            source: name.clone(),
        };
        match found.iter_mut().find(|earlier| earlier.id == evidence.id) {
            Some(earlier) => *earlier = evidence,
            None => found.push(evidence),
        }
    }
    let source = Source {
        sha256: hex::encode(Sha256::digest(&bytes)),
        findings: found.len(),
        file: name,
    };
    Ok((source, found))
}

fn parse(text: &str) -> anyhow::Result<Vec<Given>> {
    if text.trim_start().starts_with('[') {
        return Ok(serde_json::from_str(text)?);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| serde_json::from_str(line).with_context(|| format!("line {}", number + 1)))
        .collect()
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time as text, or seconds since 1970.
fn time(value: &Value) -> String {
    match value.as_i64() {
        Some(seconds) => Timestamp(seconds.saturating_mul(Timestamp::SECOND)).rfc3339(),
        None => words(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read_text(text: &str) -> anyhow::Result<Vec<Evidence>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("staging.jsonl");
        std::fs::write(&file, text)?;
        Ok(read(&file, &Redactor::of(&Config::default(), None))?.1)
    }

    #[test]
    fn lines_and_lists_are_read_and_the_last_word_on_an_id_counts() {
        let lines = "{\"id\":\"load.p95\",\"verdict\":\"failed\",\"evidence\":\"3 s\",\"milliseconds\":12,\"at\":\"2026-11-25T10:00:00Z\"}\n\n\
            {\"id\":\"load.p95\",\"verdict\":\"passed\",\"evidence\":{\"ms\":310},\"milliseconds\":12.5,\"at\":1764064800,\"more\":1}\n";
        let found = read_text(lines).expect("read");
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].verdict, found[0].evidence.as_str()),
            (Verdict::Passed, "{\"ms\":310}")
        );
        assert_eq!(
            (found[0].milliseconds, found[0].at.as_str()),
            (12, "2025-11-25T10:00:00Z")
        );
        assert_eq!(found[0].source, "staging.jsonl");
        let list =
            "[{\"id\":\"smoke.file\",\"name\":\"x\",\"verdict\":\"not_here\",\"evidence\":\"\",\"milliseconds\":1}]";
        assert_eq!(read_text(list).expect("read")[0].verdict, Verdict::NotHere);
    }

    #[test]
    fn what_is_no_evidence_is_refused_by_its_line() {
        let error = read_text("{\"id\":\"a\",\"verdict\":\"passed\"}\n{\"id\":\"b\",\"verdict\":\"fine\"}\n")
            .expect_err("no verdict");
        assert!(format!("{error:#}").contains("line 2"), "{error:#}");
        assert!(read_text("").is_err());
    }

    #[test]
    fn an_address_with_a_password_is_not_taken_over() {
        let found =
            read_text("{\"id\":\"a\",\"verdict\":\"failed\",\"evidence\":\"mysql://u:secret@db/x\"}").expect("read");
        assert!(!found[0].evidence.contains("secret"));
    }
}

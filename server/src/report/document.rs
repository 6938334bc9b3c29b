//! The report itself: the table of items with the evidence laid beside it.

use super::evidence::{Evidence, Source};
use super::items::{CHAPTERS, ITEMS, Item, shows, way};
use super::measures::Measures;
use crate::verify::Verdict;
use serde::{Deserialize, Serialize};

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Passed,
    Failed,
    /// This installation does without it.
    NotHere,
    /// No program has seen all of it: a person looks and signs.
    ToBeSigned,
}

impl Status {
    pub const ALL: [Status; 4] = [Status::Failed, Status::ToBeSigned, Status::NotHere, Status::Passed];

    pub fn words(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::NotHere => "not here",
            Status::ToBeSigned => "to be signed",
        }
    }
}

/// One numbered item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub number: String,
    pub part: String,
    pub must: String,
    pub status: Status,
    /// When the last of its evidence was found.
    pub at: String,
    /// Who answers for it, and signs where something is to be signed.
    pub who: String,
    /// What that person looks at before signing.
    pub to_sign: Vec<String>,
    pub evidence: Vec<Evidence>,
}

/// Items of one section of the operations page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    pub number: String,
    pub title: String,
    pub items: Vec<Line>,
}

/// The whole of it. The signature stays last: what is before it is what is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub format: u32,
    /// The public key of `signature`, as hex.
    pub signer: String,
    pub created_at: String,
    /// The same in microseconds since 1970.
    pub created: i64,
    /// Of the program that made it.
    pub version: String,
    pub institution: String,
    pub address: String,
    pub names: Vec<String>,
    pub passed: usize,
    pub failed: usize,
    pub to_be_signed: usize,
    pub not_here: usize,
    pub milliseconds: u64,
    pub chapters: Vec<Chapter>,
    /// Evidence that belongs to no item.
    pub more: Vec<Evidence>,
    pub measures: Measures,
    pub sources: Vec<Source>,
    pub signature: String,
}

impl Report {
    pub const FORMAT: u32 = 1;

    /// Lays `found` beside the table of items.
    pub fn lay(&mut self, found: Vec<Evidence>) {
        self.chapters = CHAPTERS
            .iter()
            .map(|(number, title)| chapter(number, title, &found))
            .collect();
        let known = |evidence: &Evidence| {
            ITEMS
                .iter()
                .flat_map(|item| item.needs)
                .any(|need| shows(need, &evidence.id))
        };
        self.more = found.into_iter().filter(|evidence| !known(evidence)).collect();
        self.passed = self.count(Status::Passed);
        self.failed = self.count(Status::Failed);
        self.to_be_signed = self.count(Status::ToBeSigned);
        self.not_here = self.count(Status::NotHere);
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.chapters.iter().flat_map(|chapter| &chapter.items)
    }

    pub fn count(&self, status: Status) -> usize {
        self.lines().filter(|line| line.status == status).count()
    }

    /// Whether anything failed, evidence that belongs to no item included.
    pub fn has_failed(&self) -> bool {
        self.count(Status::Failed) > 0 || self.more.iter().any(|one| one.verdict == Verdict::Failed)
    }

    /// As the file, with room for the signature.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self)?))
    }
}

fn chapter(number: &str, title: &str, found: &[Evidence]) -> Chapter {
    let of_it = |item: &&Item| item.number.split('.').next() == Some(number);
    Chapter {
        number: number.to_owned(),
        title: title.to_owned(),
        items: ITEMS.iter().filter(of_it).map(|item| line(item, found)).collect(),
    }
}

fn line(item: &Item, found: &[Evidence]) -> Line {
    let evidence: Vec<Evidence> = found
        .iter()
        .filter(|one| item.needs.iter().any(|need| shows(need, &one.id)))
        .cloned()
        .collect();
    let unmet = item
        .needs
        .iter()
        .copied()
        .filter(|need| !evidence.iter().any(|one| shows(need, &one.id)));
    let mut to_sign = without(unmet);
    let all = |verdict| evidence.iter().all(|one| one.verdict == verdict);
    let status = if evidence.iter().any(|one| one.verdict == Verdict::Failed) {
        Status::Failed
    } else if to_sign.is_empty() && all(Verdict::NotHere) {
        Status::NotHere
    } else if to_sign.is_empty() && item.sign.is_empty() {
        Status::Passed
    } else {
        Status::ToBeSigned
    };
    if !item.sign.is_empty() && status != Status::NotHere {
        to_sign.push(item.sign.to_owned());
    }
    Line {
        number: item.number.to_owned(),
        part: item.part.to_owned(),
        must: item.must.to_owned(),
        status,
        at: evidence.iter().map(|one| one.at.clone()).max().unwrap_or_default(),
        who: item.who.to_owned(),
        to_sign,
        evidence,
    }
}

/// What there is no evidence of, one line for each way to it.
fn without<'a>(unmet: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut ways: Vec<(Option<&str>, Vec<String>)> = Vec::new();
    for need in unmet {
        let words = need.replace('|', " or ");
        match ways.iter_mut().find(|(known, _)| *known == way(need)) {
            Some((_, needs)) => needs.push(words),
            None => ways.push((way(need), vec![words])),
        }
    }
    let line = |(way, needs): (Option<&str>, Vec<String>)| match way {
        Some(way) => format!(
            "No evidence of {}, which comes from {way}; sign after looking",
            needs.join(", ")
        ),
        None => format!("No program has shown {}; sign after looking", needs.join(", ")),
    };
    ways.into_iter().map(line).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::seal;
    use app::platform::signer::Signer;

    pub fn finding(id: &str, verdict: Verdict, words: &str) -> Evidence {
        Evidence {
            id: id.into(),
            verdict,
            evidence: words.into(),
            milliseconds: 4,
            at: "2026-11-25T10:00:00Z".into(),
            source: String::new(),
        }
    }

    pub fn report(found: Vec<Evidence>) -> Report {
        let mut report = Report {
            format: Report::FORMAT,
            signer: String::new(),
            created_at: "2026-11-25T10:00:00Z".into(),
            created: 1,
            version: "1.0.0".into(),
            institution: "A school".into(),
            address: "https://grader.example.org".into(),
            names: vec!["grader.example.org".into()],
            passed: 0,
            failed: 0,
            to_be_signed: 0,
            not_here: 0,
            milliseconds: 0,
            chapters: vec![],
            more: vec![],
            measures: Measures::default(),
            sources: vec![],
            signature: String::new(),
        };
        report.lay(found);
        report
    }

    fn status(report: &Report, number: &str) -> Status {
        let line = report.lines().find(|line| line.number == number);
        line.expect("an item").status
    }

    #[test]
    fn items_pass_fail_are_absent_or_wait_for_a_signature() {
        use Verdict::{Failed, NotHere, Passed};
        let report = report(vec![
            finding("launch.health", Passed, "/health answers"),
            finding("launch.grader", Failed, "the model is missing"),
            finding("launch.database", Passed, "answers"),
            finding("launch.mail", NotHere, "no mail"),
            finding("post.mail", NotHere, "no mail"),
            finding("firewall.rules", Passed, "22 80 443"),
            finding("load.p95", Passed, "310 ms"),
        ]);
        assert_eq!(status(&report, "2.1"), Status::Passed);
        assert_eq!(status(&report, "2.11"), Status::Passed, "one way of two is enough");
        assert_eq!(status(&report, "1.6"), Status::Failed);
        assert_eq!(
            status(&report, "1.3"),
            Status::ToBeSigned,
            "replicas and failover were not shown"
        );
        assert_eq!(status(&report, "1.14"), Status::NotHere);
        assert_eq!(
            status(&report, "1.16"),
            Status::ToBeSigned,
            "the scan from outside is a person's"
        );
        assert!(report.has_failed());
        assert_eq!(
            report.passed + report.failed + report.not_here + report.to_be_signed,
            ITEMS.len()
        );
    }

    #[test]
    fn evidence_that_belongs_nowhere_is_kept_and_its_failure_counts() {
        let kept = report(vec![finding("elsewhere.thing", Verdict::Failed, "broken")]);
        assert_eq!(kept.more.len(), 1);
        assert!(kept.has_failed());
        assert!(!report(vec![]).has_failed(), "nothing shown is nothing failed");
    }

    #[test]
    fn a_signed_report_reads_back_and_a_changed_verdict_is_refused() {
        let signer = Signer::from_seed([9; 32]);
        let mut report = report(vec![finding(
            "launch.grader",
            Verdict::Failed,
            "\n  \"signature\": \"x",
        )]);
        report.signer = signer.public_key();
        let sealed = seal::seal(&report.json().expect("json"), &signer).expect("sealed");
        seal::check(&sealed, Some(&signer.public_key())).expect("whole");
        let read: Report = serde_json::from_str(&sealed).expect("reads");
        assert_eq!(read.failed, 2, "two items need the grader");
        assert!(read.chapters == report.chapters);
        let altered = sealed.replacen("\"failed\"", "\"passed\"", 1);
        assert_ne!(altered, sealed);
        assert!(seal::check(&altered, None).is_err());
    }
}

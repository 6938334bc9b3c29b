//! What administrators see.

use crate::audit::model::Entry;
use crate::course::model::Role;
use crate::ids::{CourseId, UserId, WorkId};
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// How one part of the system is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Part {
    /// `database`, `storage`, `grader` or `queue`.
    pub name: String,
    pub ok: bool,
    /// Whether people can work while this part is not.
    pub essential: bool,
    pub latency_ms: f64,
    pub note: String,
}

/// All parts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Health {
    pub parts: Vec<Part>,
}

impl Health {
    /// Whether requests can be served.
    pub fn is_ready(&self) -> bool {
        self.parts.iter().all(|part| part.ok || !part.essential)
    }

    /// Whether nothing needs a look.
    pub fn is_well(&self) -> bool {
        self.parts.iter().all(|part| part.ok)
    }
}

/// The control room's picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct System {
    pub health: Health,
    pub counts: Counts,
    pub queue: Queue,
    /// The newest pieces of work that were given up.
    pub failed: Vec<FailedWork>,
    pub models: Vec<Model>,
    /// What runs by the clock.
    pub jobs: Vec<Job>,
    /// The newest backups, newest first.
    pub backups: Vec<Backup>,
    pub grader: Grader,
    pub version: String,
    pub now: Timestamp,
}

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Counts {
    pub users: u64,
    pub courses: u64,
    pub assignments: u64,
    pub submissions: u64,
    pub answers: u64,
    pub grades: u64,
    pub reviewed: u64,
}

/// Grading work by state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = WorkQueue))]
pub struct Queue {
    /// Until a teacher starts grading.
    #[serde(default)]
    pub held: u64,
    pub queued: u64,
    pub claimed: u64,
    pub done: u64,
    pub failed: u64,
    /// Since when the oldest answer waits.
    pub oldest: Option<Moment>,
}

/// Work that was given up after several tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FailedWork {
    pub id: WorkId,
    pub course: String,
    pub assignment: String,
    pub problem: String,
    pub attempts: i32,
    pub since: Moment,
}

/// A model that has graded here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Model {
    pub name: String,
    pub kind: String,
    pub since: Moment,
    pub active: bool,
}

/// What runs by the clock, and how its last run went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Job {
    pub name: String,
    /// When it runs, in words.
    pub cadence: String,
    pub next: Moment,
    pub running: bool,
    /// The end of the last run.
    pub last: Option<Moment>,
    pub last_success: Option<Moment>,
    pub ok: bool,
    pub detail: String,
    pub runs: u32,
    pub failures: u32,
}

/// One backup, as the installation noted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Backup {
    pub id: String,
    /// `requested`, `creating`, `complete` or `failed`.
    pub state: String,
    pub asked: Moment,
    /// When it was last restored to a scratch place and found equal.
    pub proven: Option<Moment>,
    /// Bytes of the sealed database and of the files that were new.
    pub size: i64,
    /// Files it holds, new or not.
    pub files: i64,
    pub milliseconds: i64,
    pub problem: Option<String>,
}

/// The grader of the answering process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Grader {
    pub runs_here: bool,
    pub healthy: bool,
    pub model: String,
    pub device: String,
    pub waiting: u32,
}

/// Which accounts to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    All,
    Administrators,
    Deactivated,
}

impl Kind {
    pub const ALL: [(Kind, &'static str, &'static str); 3] = [
        (Kind::All, "", "Everyone"),
        (Kind::Administrators, "administrators", "Administrators"),
        (Kind::Deactivated, "deactivated", "Deactivated"),
    ];

    /// From an address's query; everyone when unknown.
    pub fn from_query(text: &str) -> Kind {
        Kind::ALL
            .into_iter()
            .find(|(_, word, _)| *word == text)
            .map(|(kind, _, _)| kind)
            .unwrap_or_default()
    }

    pub fn query(self) -> &'static str {
        Kind::ALL
            .into_iter()
            .find(|(kind, _, _)| *kind == self)
            .map_or("", |(_, word, _)| word)
    }
}

/// Which accounts to list, from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserQuery {
    pub search: String,
    pub kind: Kind,
    pub after: Option<UserId>,
    pub before: Option<UserId>,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct UserLine {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub is_admin: bool,
    pub teaches: bool,
    pub deactivated: bool,
    pub created: Moment,
    pub last_sign_in: Option<Moment>,
}

/// A page of accounts, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Users {
    pub users: Vec<UserLine>,
    pub previous: Option<UserId>,
    pub next: Option<UserId>,
    pub now: Timestamp,
}

/// A part somebody has in a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Place {
    pub course: CourseId,
    pub code: String,
    pub title: String,
    pub term: String,
    pub role: Role,
    pub archived: bool,
}

/// One account with everything an administrator may do to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct UserDetail {
    pub user: UserLine,
    pub places: Vec<Place>,
    pub must_change_password: bool,
    pub password_changed: Moment,
    pub deactivated_at: Option<Moment>,
    pub sessions: u32,
    pub tokens: u32,
    /// Whether this is the reader's own account.
    pub is_self: bool,
    pub now: Timestamp,
}

/// A page of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditPage {
    pub entries: Vec<Entry>,
    pub next: Option<i64>,
    /// What checking the chain found, when it was asked for.
    pub verdict: Option<Verdict>,
}

/// Whether the audit log is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = AuditVerdict))]
pub struct Verdict {
    /// How many entries there are.
    pub entries: u64,
    /// The first entry that does not fit the one before.
    pub broken_at: Option<i64>,
}

/// The settings page: what is set, and what can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsPageData {
    pub institution: crate::settings::model::Institution,
    pub time_zones: Vec<String>,
    /// The wall clock there now.
    pub local_time: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_asks_for_the_essential_parts_only() {
        let part = |ok, essential| Part {
            name: "x".into(),
            ok,
            essential,
            latency_ms: 1.0,
            note: String::new(),
        };
        let health = |parts| Health { parts };
        assert!(health(vec![part(true, true), part(false, false)]).is_ready());
        assert!(!health(vec![part(true, true), part(false, false)]).is_well());
        assert!(!health(vec![part(false, true)]).is_ready());
    }

    #[test]
    fn kinds_come_back_from_their_address() {
        for (kind, _, _) in Kind::ALL {
            assert_eq!(Kind::from_query(kind.query()), kind);
        }
        assert_eq!(Kind::from_query("nonsense"), Kind::All);
    }
}

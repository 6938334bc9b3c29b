//! Courses as they travel: in lists, on their page, with their people.

use crate::assignment::model::Phase;
use crate::course::model::Role;
use crate::ids::{AssignmentId, CourseId, UserId};
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// A course in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CourseCard {
    pub id: CourseId,
    pub code: String,
    pub title: String,
    pub term: String,
    /// What the reader is there; nothing for an administrator who looks in from outside.
    pub role: Option<Role>,
    pub archived: bool,
    pub students: u32,
    /// Assignments the reader can see.
    pub assignments: u32,
}

/// The reader's courses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CourseList {
    pub courses: Vec<CourseCard>,
    pub may_create: bool,
    /// Whether these are all courses of the institution and not only the reader's own.
    pub everywhere: bool,
    /// Pass as `after` for the next page.
    pub next: Option<CourseId>,
}

/// What a course is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Course {
    pub id: CourseId,
    pub code: String,
    pub title: String,
    pub term: String,
    pub description: String,
    pub archived_at: Option<Moment>,
    /// The role under which the reader acts here.
    pub role: Role,
}

/// A course with what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = CourseOverview))]
pub struct Overview {
    pub course: Course,
    pub assignments: Vec<AssignmentLine>,
    pub teachers: Vec<String>,
    pub students: u32,
    pub staff: u32,
    pub now: Timestamp,
}

/// One assignment in its course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AssignmentLine {
    pub id: AssignmentId,
    pub title: String,
    pub phase: Phase,
    pub due: Option<Moment>,
    pub closes: Option<Moment>,
    pub questions: u32,
    pub standing: Standing,
}

/// How an assignment stands for whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = CourseStanding))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    NotStarted,
    Started,
    Submitted,
    /// For staff: how many submitted, and how many grades wait for a person.
    Class {
        submitted: u32,
        waiting: u32,
    },
}

/// Somebody in a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Member {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub since: Moment,
    pub deactivated: bool,
    pub last_sign_in: Option<Moment>,
}

/// Which people to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    /// Part of a name or an address.
    pub search: String,
    pub role: Option<Role>,
    pub after: Option<UserId>,
    pub before: Option<UserId>,
}

/// A page of people, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct People {
    pub course: Course,
    pub members: Vec<Member>,
    pub students: u32,
    pub assistants: u32,
    pub teachers: u32,
    pub previous: Option<UserId>,
    pub next: Option<UserId>,
    pub now: Timestamp,
}

/// Somebody who just got an account, with the password that opens it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub password: String,
}

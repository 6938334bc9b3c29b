//! Many people from one table: `email,firstName,lastName,role,courseCode`, or as little as `email,name`.
//!
//! `table` cuts text into rows and knows nothing of people; `people` knows the columns and says exactly which line and
//! column is wrong. Both are pure. Whether somebody is known already is asked in `course::enrolling`.

pub mod people;
pub mod table;

use crate::course::model::Role;
use crate::ids::CourseId;
use serde::{Deserialize, Serialize};

/// The most rows one table may hold.
pub const MOST_ROWS: usize = 1000;
/// The longest table, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;
/// The most problems told at once; the rest is counted.
pub const MOST_PROBLEMS: usize = 100;

/// Something wrong at one place of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ImportProblem))]
pub struct Problem {
    /// Counted from 1, as an editor shows it.
    pub line: u32,
    /// The column as the table's head calls it; empty when the whole line is meant.
    pub column: String,
    pub message: String,
}

/// What will happen to one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Gets an account and joins.
    NewAccount,
    /// Has an account and joins.
    Joins,
    /// Is in the course already, with this role, and stays so.
    Stays(Role),
}

/// One row as it will be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Planned {
    pub line: u32,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub outcome: Outcome,
}

/// What the table would do, if anything is wrong with it nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = ImportPreview))]
pub struct Preview {
    pub course: CourseId,
    pub rows: Vec<Planned>,
    pub problems: Vec<Problem>,
    /// Problems beyond those listed.
    pub more_problems: u32,
    /// Columns of the table that mean nothing here.
    pub ignored: Vec<String>,
}

impl Preview {
    /// How many rows have this outcome.
    pub fn count(&self, wanted: impl Fn(Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| wanted(row.outcome)).count()
    }

    pub fn new_accounts(&self) -> usize {
        self.count(|outcome| outcome == Outcome::NewAccount)
    }

    /// Everyone who joins, with or without a new account.
    pub fn joining(&self) -> usize {
        self.count(|outcome| !matches!(outcome, Outcome::Stays(_)))
    }
}

/// The page's form after it was sent: what was in it, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    pub preview: Option<Preview>,
    pub error: Option<crate::error::AppError>,
}

//! Queries about grades and grading work; no policy here.

pub mod dial;
pub mod grades;
pub mod groups;
pub mod learning;
pub mod progress;
pub mod questions;
pub mod queue;
pub mod radar;
pub mod sample;
pub mod totals;
pub mod work;

pub use work::requeue_question;

use sea_orm::{ConnectionTrait, Statement, Value};

/// A statement in the SQL that SQLite and MySQL share, with `?` for its values.
fn sql(db: &impl ConnectionTrait, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), text, values)
}

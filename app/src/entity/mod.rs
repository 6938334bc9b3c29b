//! SeaORM entities: one file per table, exactly the columns of `migration`. They never leave the server: what travels
//! is the `model` of a room. Relations are few because rooms ask explicit questions in their `store.rs`.

pub mod answer;
pub mod api_token;
pub mod assignment;
pub mod attempt;
pub mod audit_entry;
pub mod course;
pub mod enrolment;
pub mod file;
pub mod grade;
pub mod grade_event;
pub mod grading_work;
pub mod idempotency_key;
pub mod journal_entry;
pub mod model_version;
pub mod question;
pub mod reference_answer;
pub mod rubric_criterion;
pub mod rubric_item;
pub mod session;
pub mod setting;
pub mod submission;
pub mod user;

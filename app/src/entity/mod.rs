//! SeaORM entities: one file per table, exactly the columns of `migration`. They never leave the server: what travels
//! is the `model` of a room. Relations are few because rooms ask explicit questions in their `store.rs`.

pub mod agreement_audit;
pub mod answer;
pub mod answer_group;
pub mod api_token;
pub mod assignment;
pub mod attempt;
pub mod audit_entry;
pub mod course;
pub mod enrolment;
pub mod file;
pub mod grade;
pub mod grade_event;
pub mod grading_model;
pub mod grading_work;
pub mod grading_worker;
pub mod group_act;
pub mod idempotency_key;
pub mod journal_entry;
pub mod lesson;
pub mod model_trial;
pub mod model_version;
pub mod question;
pub mod reference_answer;
pub mod risk_dial;
pub mod rubric_criterion;
pub mod rubric_item;
pub mod session;
pub mod setting;
pub mod submission;
pub mod suggestion_run;
pub mod user;

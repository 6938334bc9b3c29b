//! The database schema, one migration per noun, portable over SQLite and MySQL/MariaDB.
//!
//! Conventions: ids are UUIDv7 (`BINARY(16)` / blob), times are UTC microseconds in `BIGINT`, points are
//! hundredths in `INTEGER`, JSON documents are text. Every migration has a `down`, and changes follow
//! expand/contract so that the previous version of the program runs on the new schema.

pub use sea_orm_migration::prelude::*;

mod columns;
pub mod control;
pub mod inspect;
mod m20261101_000001_create_accounts;
mod m20261101_000002_create_courses;
mod m20261101_000003_create_assignments;
mod m20261101_000004_create_submissions;
mod m20261101_000005_create_grades;
mod m20261101_000006_create_administration;
mod m20261124_000010_create_mail;
mod m20261124_000020_create_job_runs;
mod m20261124_000021_create_heartbeat;
mod m20261124_000030_create_backups;
mod m20261124_000040_create_learning;
mod m20261126_000050_count_examples;
mod m20261126_000060_tell_worker_problems;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_create_accounts::Migration),
            Box::new(m20261101_000002_create_courses::Migration),
            Box::new(m20261101_000003_create_assignments::Migration),
            Box::new(m20261101_000004_create_submissions::Migration),
            Box::new(m20261101_000005_create_grades::Migration),
            Box::new(m20261101_000006_create_administration::Migration),
            Box::new(m20261124_000010_create_mail::Migration),
            Box::new(m20261124_000020_create_job_runs::Migration),
            Box::new(m20261124_000021_create_heartbeat::Migration),
            Box::new(m20261124_000030_create_backups::Migration),
            Box::new(m20261124_000040_create_learning::Migration),
            Box::new(m20261126_000050_count_examples::Migration),
            Box::new(m20261126_000060_tell_worker_problems::Migration),
        ]
    }
}

//! The register of what runs by the clock, in the table `job_runs`.
//!
//! Nobody leads: every process asks for what is due, and one `UPDATE` decides who gets it. The winner holds a lease which it renews while it
//! works; a process that dies leaves a lease that runs out, and the next one takes over. This is the same on SQLite and MySQL, and, unlike a
//! lock that belongs to a connection, it survives a reconnect.

use crate::entity::job_run::{self, Column};
use crate::error::AppResult;
use crate::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// How long a run may go without a sign of life before another process takes it over.
pub const LEASE: i64 = 90 * Timestamp::SECOND;

/// Makes the job known. An existing row keeps its history and its due time; `due` is for the first time.
pub async fn register(db: &impl ConnectionTrait, name: &str, cadence: &str, due: Timestamp) -> AppResult<()> {
    let row = job_run::Model {
        id: name.to_owned(),
        cadence: cadence.to_owned(),
        due_at: due,
        holder: None,
        lease_until: None,
        started_at: None,
        finished_at: None,
        succeeded_at: None,
        ok: true,
        detail: String::new(),
        runs: 0,
        failures: 0,
    };
    let known = OnConflict::column(Column::Id).update_column(Column::Cadence).to_owned();
    job_run::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Every job with its last outcome, by name.
pub async fn list(db: &impl ConnectionTrait) -> AppResult<Vec<job_run::Model>> {
    Ok(job_run::Entity::find().order_by_asc(Column::Id).all(db).await?)
}

/// Takes the job if it is due and nobody holds it. `true`: it is `holder`'s to run, once.
pub async fn claim(db: &impl ConnectionTrait, name: &str, holder: &str, now: Timestamp) -> AppResult<bool> {
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lt(now));
    let done = job_run::Entity::update_many()
        .col_expr(Column::Holder, Expr::value(holder))
        .col_expr(Column::LeaseUntil, Expr::value(now.plus(LEASE)))
        .col_expr(Column::StartedAt, Expr::value(now))
        .filter(Column::Id.eq(name))
        .filter(Column::DueAt.lte(now))
        .filter(free)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// A sign of life. `false`: somebody else has taken over.
pub async fn renew(db: &impl ConnectionTrait, name: &str, holder: &str, now: Timestamp) -> AppResult<bool> {
    let done = job_run::Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now.plus(LEASE)))
        .filter(Column::Id.eq(name))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Records how the run went and when the next one is due. `Err` holds what went wrong.
pub async fn finish(
    db: &impl ConnectionTrait,
    name: &str,
    holder: &str,
    outcome: &Result<String, String>,
    now: Timestamp,
    next: Timestamp,
) -> AppResult<()> {
    let words = outcome.as_ref().unwrap_or_else(|problem| problem);
    let detail: String = words.chars().take(500).collect();
    let mut update = job_run::Entity::update_many()
        .col_expr(Column::Holder, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::Ok, Expr::value(outcome.is_ok()))
        .col_expr(Column::Detail, Expr::value(detail))
        .col_expr(Column::Runs, Expr::col(Column::Runs).add(1))
        .col_expr(Column::DueAt, Expr::value(next));
    update = match outcome {
        Ok(_) => update.col_expr(Column::SucceededAt, Expr::value(now)),
        Err(_) => update.col_expr(Column::Failures, Expr::col(Column::Failures).add(1)),
    };
    update
        .filter(Column::Id.eq(name))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(())
}

/// Gives a run back that was broken off by the end of the process: due again at once, for somebody else.
pub async fn release(db: &impl ConnectionTrait, holder: &str) -> AppResult<u64> {
    let done = job_run::Entity::update_many()
        .col_expr(Column::Holder, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Has the job run at the next look. `false`: there is no such job.
pub async fn make_due(db: &impl ConnectionTrait, name: &str, now: Timestamp) -> AppResult<bool> {
    let done = job_run::Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(now))
        .filter(Column::Id.eq(name))
        .exec(db)
        .await?;
    // MySQL counts rows that changed: asking twice in the same microsecond does not happen.
    Ok(done.rows_affected == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_each_database;

    #[tokio::test]
    async fn a_due_job_goes_to_one_process_and_comes_back_from_a_dead_one() {
        on_each_database(|app| async move {
            let db = app.ctx.db();
            let start = Timestamp(1_000 * Timestamp::DAY);
            register(db, "sweep", "every hour", start).await.unwrap();
            register(db, "sweep", "every two hours", start.plus(7)).await.unwrap();
            let row = || async {
                list(db)
                    .await
                    .unwrap()
                    .into_iter()
                    .find(|row| row.id == "sweep")
                    .unwrap()
            };
            assert_eq!(
                (row().await.due_at, row().await.cadence.as_str()),
                (start, "every two hours")
            );

            assert!(!claim(db, "sweep", "a", start.plus(-1)).await.unwrap(), "not due yet");
            let claims = futures::future::join_all((0..6).map(|i| {
                let name = format!("p{i}");
                async move { claim(db, "sweep", &name, start).await.unwrap() }
            }));
            assert_eq!(
                claims.await.into_iter().filter(|won| *won).count(),
                1,
                "one process wins"
            );
            let winner = row().await.holder.unwrap();

            // Dead without a word: after the lease somebody else takes over, and the dead one's late word counts for nothing.
            assert!(!claim(db, "sweep", "b", start.plus(LEASE)).await.unwrap());
            assert!(claim(db, "sweep", "b", start.plus(LEASE + 1)).await.unwrap());
            assert!(!renew(db, "sweep", &winner, start.plus(LEASE + 2)).await.unwrap());
            let later = start.plus(LEASE + 3);
            let failed = Err("the store was away".to_owned());
            finish(db, "sweep", &winner, &Ok("done".into()), later, later)
                .await
                .unwrap();
            assert_eq!(row().await.runs, 0);
            finish(db, "sweep", "b", &failed, later, later.plus(50)).await.unwrap();
            let after = row().await;
            assert_eq!(
                (after.ok, after.failures, after.succeeded_at, after.due_at),
                (false, 1, None, later.plus(50))
            );
            assert_eq!(after.detail, "the store was away");

            // "Run now".
            assert!(make_due(db, "sweep", later.plus(5)).await.unwrap());
            assert!(!make_due(db, "nothing", later).await.unwrap());
            assert!(claim(db, "sweep", "c", later.plus(5)).await.unwrap());
            assert_eq!(
                release(db, "c").await.unwrap(),
                1,
                "handed back at the end of the process"
            );
            assert!(claim(db, "sweep", "d", later.plus(6)).await.unwrap());
            finish(db, "sweep", "d", &Ok("3 removed".into()), later.plus(7), later.plus(90))
                .await
                .unwrap();
            assert_eq!(row().await.succeeded_at, Some(later.plus(7)));
        })
        .await;
    }
}

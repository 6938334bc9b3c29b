//! The table `backups`: what administrators and metrics see. The bucket is the truth; a database that is not there or has an older schema
//! stops no backup.

use super::manifest::{Manifest, Proof};
use app::entity::backup;
use app::platform::db::Db;
use app::time::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr, sea_query::OnConflict};

/// A process that has not given a sign for this long is taken for dead.
pub const SILENCE: i64 = 2 * Timestamp::MINUTE;

/// Enters a backup as being made; false while another process makes one.
pub async fn begin(db: &Db, id: &str, source: &str, now: Timestamp) -> Result<bool, DbErr> {
    let tx = db.begin().await?;
    let busy = backup::Entity::find()
        .filter(backup::Column::State.eq("creating"))
        .filter(backup::Column::AliveAt.gt(now.plus(-SILENCE)))
        .one(&*tx)
        .await?;
    if busy.is_some() {
        return Ok(false);
    }
    // What a process that died left behind.
    backup::Entity::delete_many()
        .filter(backup::Column::State.eq("creating"))
        .exec(&*tx)
        .await?;
    let row = backup::ActiveModel {
        id: Set(id.to_owned()),
        state: Set("creating".into()),
        version: Set(env!("CARGO_PKG_VERSION").into()),
        source: Set(source.to_owned()),
        requested_at: Set(now),
        created_at: Set(None),
        proven_at: Set(None),
        alive_at: Set(now),
        size: Set(0),
        entries: Set(0),
        files: Set(0),
        new_files: Set(0),
        new_file_bytes: Set(0),
        milliseconds: Set(0),
        problem: Set(None),
    };
    backup::Entity::insert(row).exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// A sign of life.
pub async fn alive(db: &Db, id: &str, now: Timestamp) -> Result<(), DbErr> {
    backup::Entity::update_many()
        .col_expr(backup::Column::AliveAt, Expr::value(now.0))
        .filter(backup::Column::Id.eq(id))
        .exec(db.read())
        .await?;
    Ok(())
}

/// It came to nothing, and why.
pub async fn failed(db: &Db, id: &str, problem: &str, now: Timestamp) -> Result<(), DbErr> {
    let problem: String = problem.chars().take(500).collect();
    backup::Entity::update_many()
        .col_expr(backup::Column::State, Expr::value("failed"))
        .col_expr(backup::Column::Problem, Expr::value(problem))
        .col_expr(backup::Column::AliveAt, Expr::value(now.0))
        .filter(backup::Column::Id.eq(id))
        .exec(db.read())
        .await?;
    Ok(())
}

/// Enters a backup as its manifest and its proof say it is.
pub async fn write(db: &Db, manifest: &Manifest, proof: Option<&Proof>) -> Result<(), DbErr> {
    let row = backup::ActiveModel {
        id: Set(manifest.id.clone()),
        state: Set("complete".into()),
        version: Set(manifest.version.clone()),
        source: Set(manifest.source.clone()),
        requested_at: Set(manifest.created_at),
        created_at: Set(Some(manifest.created_at)),
        proven_at: Set(proof.map(|proof| proof.at)),
        alive_at: Set(manifest.created_at),
        size: Set((manifest.database.size + manifest.references.size) as i64),
        entries: Set(manifest.rows() as i64),
        files: Set(manifest.files as i64),
        new_files: Set(manifest.new_files as i64),
        new_file_bytes: Set(manifest.new_file_bytes as i64),
        milliseconds: Set(manifest.milliseconds as i64),
        problem: Set(None),
    };
    use backup::Column::*;
    let all = [
        State,
        Version,
        Source,
        CreatedAt,
        ProvenAt,
        AliveAt,
        Size,
        Entries,
        Files,
        NewFiles,
        NewFileBytes,
        Milliseconds,
        Problem,
    ];
    backup::Entity::insert(row)
        .on_conflict(OnConflict::column(Id).update_columns(all).to_owned())
        .exec_without_returning(db.read())
        .await?;
    Ok(())
}

/// Forgets backups that are in the bucket no more.
pub async fn keep_only(db: &Db, ids: &[String]) -> Result<(), DbErr> {
    let rows = backup::Entity::find()
        .filter(backup::Column::State.eq("complete"))
        .all(db.read())
        .await?;
    for row in rows.into_iter().filter(|row| !ids.contains(&row.id)) {
        backup::Entity::delete_by_id(row.id).exec(db.read()).await?;
    }
    Ok(())
}

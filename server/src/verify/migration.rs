//! `verify migration`: the data after a change of schema: whole, reachable, usable.

use super::{Checks, Seen, not_here, well};
use crate::backup::source::Source;
use crate::backup::target::Target;
use crate::boot;
use crate::config::Config;
use anyhow::{Context, bail, ensure};
use app::entity::{file, user};
use app::platform::db::Db;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Statement};
use sha2::{Digest, Sha256};

/// Files that are fetched and checked.
const SAMPLE: u64 = 50;

/// Looks at the configured database. Changes nothing.
pub async fn migration(config: &Config, checks: &mut Checks) {
    let url = config.database_url();
    let db = match Db::connect(&url, 2).await {
        Ok(db) => db,
        Err(error) => {
            checks
                .run("migration.database", "database", async { Err(error.into()) })
                .await;
            return;
        }
    };
    checks.run("migration.schema", "schema", schema(&db)).await;
    checks
        .run("migration.tables", "tables are whole", tables(&db, &url))
        .await;
    checks.run("migration.references", "references", references(&url)).await;
    checks.run("migration.rows", "rows", rows(&url)).await;
    checks.run("migration.audit", "audit log", audit(&db)).await;
    checks.run("migration.accounts", "accounts", accounts(&db)).await;
    checks.run("migration.files", "files", files(config, &db)).await;
}

pub async fn schema(db: &Db) -> anyhow::Result<Seen> {
    let schema = migration::control::look(db.read()).await?;
    ensure!(
        schema.pending.is_empty(),
        "{} migrations are pending: {}",
        schema.pending.len(),
        schema.pending.join(", ")
    );
    ensure!(
        schema.suits(),
        "the schema is newer than this program, which does not fit it"
    );
    match schema.unknown.len() {
        0 => well(format!("{} migrations applied, none pending", schema.applied.len())),
        more => well(format!(
            "{more} migrations of a newer version are applied, and this version fits them"
        )),
    }
}

async fn tables(db: &Db, url: &str) -> anyhow::Result<Seen> {
    let backend = db.read().get_database_backend();
    if db.is_sqlite() {
        let row = db
            .read()
            .query_one_raw(Statement::from_string(backend, "PRAGMA integrity_check"))
            .await?;
        let verdict: String = row.context("no answer")?.try_get_by_index(0)?;
        ensure!(verdict == "ok", "SQLite finds: {verdict}");
        return well("SQLite's integrity check says ok");
    }
    let mut source = Source::open(url).await?;
    let shapes = source.shapes().await?;
    source.close().await;
    for shape in &shapes {
        let check = Statement::from_string(backend, format!("CHECK TABLE `{}` QUICK", shape.table.name));
        for row in db.read().query_all_raw(check).await? {
            let kind: String = row.try_get("", "Msg_type")?;
            let says: String = row.try_get("", "Msg_text")?;
            ensure!(kind != "error" && kind != "Error", "{}: {says}", shape.table.name);
        }
    }
    well(format!("CHECK TABLE finds {} tables whole", shapes.len()))
}

async fn references(url: &str) -> anyhow::Result<Seen> {
    let target = Target::open(url).await?;
    let broken = target.broken_reference().await;
    target.close().await?;
    match broken? {
        Some(table) => bail!("a row of {table} refers to nothing"),
        None => well("every row's references lead somewhere"),
    }
}

async fn rows(url: &str) -> anyhow::Result<Seen> {
    let mut source = Source::open(url).await?;
    source.freeze().await?;
    let (mut count, mut tables) = (0, 0);
    for shape in source.shapes().await? {
        count += source.read(&shape, None).await?.rows;
        tables += 1;
    }
    source.close().await;
    well(format!("{count} rows of {tables} tables can be read"))
}

async fn audit(db: &Db) -> anyhow::Result<Seen> {
    match app::audit::store::first_break(db.read()).await? {
        Some(id) => bail!("the chain breaks at entry {id}"),
        None => well("the chain is whole"),
    }
}

async fn accounts(db: &Db) -> anyhow::Result<Seen> {
    let usable = user::Entity::find().filter(user::Column::DeactivatedAt.is_null());
    let admins = usable
        .clone()
        .filter(user::Column::IsAdmin.eq(true))
        .count(db.read())
        .await?;
    let all = usable.count(db.read()).await?;
    if all == 0 {
        return not_here("there are no accounts yet");
    }
    ensure!(admins > 0, "none of the {all} accounts administers");
    well(format!("{all} accounts can sign in, {admins} of them administer"))
}

async fn files(config: &Config, db: &Db) -> anyhow::Result<Seen> {
    let blobs = boot::open_storage(config)?;
    let ready = file::Entity::find().filter(file::Column::State.eq("ready"));
    let all = ready.clone().count(db.read()).await?;
    if all == 0 {
        return not_here("no file has been attached yet");
    }
    let sample = ready.limit(SAMPLE).all(db.read()).await?;
    for row in &sample {
        let bytes = blobs
            .get(&row.blob_key)
            .await
            .with_context(|| format!("the file {} is not in the store", row.id))?;
        let found = hex::encode(Sha256::digest(&bytes));
        ensure!(
            row.sha256.as_ref().is_none_or(|said| *said == found),
            "the file {} is not what was stored",
            row.id
        );
    }
    well(format!("{} of {all} files fetched, their checksums fit", sample.len()))
}

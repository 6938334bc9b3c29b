//! Removing what nobody refers to any more: uploads never finished, files no answer holds, objects no row knows.
//!
//! Everything gets a period of grace, so that what is just being made is left alone; a dry run counts and removes nothing.

use crate::entity::{answer, file};
use crate::error::AppResult;
use crate::file::model::FileState;
use crate::ids::FileId;
use crate::platform::Ctx;
use crate::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashSet;

/// How long something may lie about before it is an orphan.
pub const GRACE: i64 = 7 * Timestamp::DAY;
/// Where this application keeps objects; nothing else in the bucket is touched.
const OURS: [&str; 3] = ["files/", "incoming/", "probe/"];

/// What was removed, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads begun and never finished.
    pub abandoned: u32,
    /// Files of no answer.
    pub unused: u32,
    /// Objects without a row.
    pub unknown: u32,
    /// Bytes of the unknown objects and unused files.
    pub bytes: i64,
}

impl std::fmt::Display for Swept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} abandoned uploads, {} files of no answer, {} objects nobody knows, {} bytes",
            self.abandoned, self.unused, self.unknown, self.bytes
        )
    }
}

/// Looks through everything older than `grace` microseconds.
pub async fn sweep(ctx: &Ctx, grace: i64, dry_run: bool) -> AppResult<Swept> {
    let before = ctx.now().plus(-grace);
    let mut swept = Swept::default();
    if dry_run {
        let stale = file::Column::State.eq(FileState::Pending.name());
        let rows = file::Entity::find()
            .filter(stale)
            .filter(file::Column::CreatedAt.lt(ctx.now().plus(-Timestamp::DAY)));
        swept.abandoned = sea_orm::PaginatorTrait::count(rows, ctx.db()).await? as u32;
    } else {
        swept.abandoned = super::service::sweep(ctx).await?;
    }
    unused(ctx, before, dry_run, &mut swept).await?;
    unknown(ctx, before, dry_run, &mut swept).await?;
    Ok(swept)
}

/// Files whose answer holds something else by now.
async fn unused(ctx: &Ctx, before: Timestamp, dry_run: bool, swept: &mut Swept) -> AppResult<()> {
    let mut after: Option<FileId> = None;
    loop {
        let mut query = file::Entity::find()
            .filter(file::Column::State.ne(FileState::Pending.name()))
            .filter(file::Column::CreatedAt.lt(before))
            .order_by_asc(file::Column::Id)
            .limit(200);
        if let Some(after) = after {
            query = query.filter(file::Column::Id.gt(after));
        }
        let rows = query.all(ctx.db()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for row in rows {
            let holds = answer::Entity::find()
                .filter(answer::Column::SubmissionId.eq(row.submission_id))
                .filter(answer::Column::Value.contains(row.id.to_string()));
            if holds.one(ctx.db()).await?.is_some() {
                continue;
            }
            swept.unused += 1;
            swept.bytes += row.size;
            if !dry_run {
                // The row first: an object without a row is found by the next sweep, a row without an object is a wrong answer.
                super::store::delete(ctx.db(), row.id).await?;
                ctx.state.blobs.delete(&row.blob_key).await?;
            }
        }
    }
}

/// Objects no row knows.
async fn unknown(ctx: &Ctx, before: Timestamp, dry_run: bool, swept: &mut Swept) -> AppResult<()> {
    for prefix in OURS {
        let mut page = None;
        loop {
            let listing = ctx.state.blobs.list(prefix, page).await?;
            let old: Vec<_> = listing
                .files
                .into_iter()
                .filter(|found| found.modified.saturating_mul(1_000_000) < before.0)
                .collect();
            for part in old.chunks(200) {
                let known: HashSet<String> = file::Entity::find()
                    .select_only()
                    .column(file::Column::BlobKey)
                    .filter(file::Column::BlobKey.is_in(part.iter().map(|found| found.key.clone())))
                    .into_tuple::<String>()
                    .all(ctx.db())
                    .await?
                    .into_iter()
                    .collect();
                for found in part.iter().filter(|found| !known.contains(&found.key)) {
                    swept.unknown += 1;
                    swept.bytes += found.size;
                    if !dry_run {
                        ctx.state.blobs.delete(&found.key).await?;
                    }
                }
            }
            match listing.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
    }
    Ok(())
}

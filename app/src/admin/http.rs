//! The audit log as a file: CSV or JSON, streamed in pieces, so that a long log costs no memory.

use crate::admin::store;
use crate::entity::audit_entry;
use crate::error::{AppError, AppResult};
use crate::platform::{AppState, Ctx};
use ::http::header;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures::stream::{self, Stream};
use serde_json::json;

const PIECE: u64 = 500;

/// Routes beside the pages; merge into the main router, inside its layers.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin/audit.csv", get(audit_csv))
        .route("/admin/audit.json", get(audit_json))
}

async fn audit_csv(Extension(ctx): Extension<Ctx>) -> AppResult<Response> {
    ctx.admin()?;
    let head = "id,at,at_microseconds,actor_id,actor,action,target_kind,target_id,detail,previous_hash,hash\n";
    let body = Body::from_stream(pieces(ctx, head, "", |row, _| csv_line(row)));
    Ok(download(body, "text/csv; charset=utf-8", "audit-log.csv"))
}

async fn audit_json(Extension(ctx): Extension<Ctx>) -> AppResult<Response> {
    ctx.admin()?;
    let body = Body::from_stream(pieces(ctx, "[", "\n]\n", |row, first| {
        let comma = if first { "\n" } else { ",\n" };
        Ok(format!("{comma}{}", json_line(row)))
    }));
    Ok(download(body, "application/json", "audit-log.json"))
}

fn download(body: Body, media_type: &'static str, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [
            (header::CONTENT_TYPE, media_type.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
        body,
    )
        .into_response()
}

/// Head, every entry from the first on, foot.
fn pieces(
    ctx: Ctx,
    head: &'static str,
    foot: &'static str,
    line: impl Fn(&audit_entry::Model, bool) -> AppResult<String> + Copy + Send + 'static,
) -> impl Stream<Item = Result<Bytes, AppError>> + Send {
    // The state is the id of the last entry sent; `None` once all is said.
    stream::try_unfold(Some(0), move |after| {
        let ctx = ctx.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let rows = store::audit_after(ctx.db(), after, PIECE).await?;
            let mut text = String::from(if after == 0 { head } else { "" });
            for (place, row) in rows.iter().enumerate() {
                text.push_str(&line(row, after == 0 && place == 0)?);
            }
            let next = rows.last().filter(|_| rows.len() as u64 == PIECE).map(|row| row.id);
            if next.is_none() {
                text.push_str(foot);
            }
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

fn csv_line(row: &audit_entry::Model) -> AppResult<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let actor = row.actor_id.map(|id| id.to_string()).unwrap_or_default();
    let fields = [
        &row.id.to_string(),
        &row.at.rfc3339(),
        &row.at.0.to_string(),
        &actor,
        &row.actor_name,
        &row.action,
        &row.target_kind,
        &row.target_id,
        &row.detail,
        &row.previous_hash,
        &row.hash,
    ];
    writer
        .write_record(fields.map(|field| harmless(field)))
        .map_err(AppError::internal)?;
    let bytes = writer.into_inner().map_err(AppError::internal)?;
    String::from_utf8(bytes).map_err(AppError::internal)
}

/// Spreadsheets take some first characters for a formula; an apostrophe makes it text.
fn harmless(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

fn json_line(row: &audit_entry::Model) -> serde_json::Value {
    json!({
        "id": row.id,
        "at": row.at.rfc3339(),
        "at_microseconds": row.at.0,
        "actor_id": row.actor_id,
        "actor": row.actor_name,
        "action": row.action,
        "target_kind": row.target_kind,
        "target_id": row.target_id,
        "detail": serde_json::from_str::<serde_json::Value>(&row.detail).unwrap_or_else(|_| json!(row.detail)),
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn row() -> audit_entry::Model {
        audit_entry::Model {
            id: 7,
            at: Timestamp(1_781_093_640_000_000),
            actor_id: None,
            actor_name: "=cmd, \"x\"".into(),
            action: "course.create".into(),
            target_kind: "course".into(),
            target_id: "1".into(),
            detail: "{\"code\":\"BIO101\"}".into(),
            previous_hash: String::new(),
            hash: "ab".into(),
        }
    }

    #[test]
    fn a_line_of_csv_is_quoted_and_never_a_formula() {
        let line = csv_line(&row()).expect("can be written");
        assert_eq!(
            line,
            "7,2026-06-10T12:14:00Z,1781093640000000,,\"'=cmd, \"\"x\"\"\",course.create,course,1,\"{\"\"code\"\":\"\"BIO101\"\"}\",,ab\n"
        );
    }

    #[test]
    fn an_entry_of_json_keeps_its_detail_and_its_exact_time() {
        let value = json_line(&row());
        assert_eq!(value["detail"]["code"], "BIO101");
        assert_eq!(value["at_microseconds"], 1_781_093_640_000_000_i64);
    }
}

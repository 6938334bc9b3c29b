//! The API for people: one plain page, drawn once from the description. Pictures and programs of others are not needed for it.

use axum::response::Html;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

/// The page at `/api/docs`.
pub fn page(description: &OpenApi) -> Html<String> {
    let mut body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} API</title></head><body><main><h1>{title} API {version}</h1><p>{words}</p>\
         <p><a href=\"/api/openapi.json\">The whole description as OpenAPI</a> · <a href=\"/profile\">Make a token in your profile</a></p>\
         <p>For example: <code>curl -H 'Authorization: Bearer ag_…' {example}</code></p>",
        title = escape(&description.info.title),
        version = escape(&description.info.version),
        words = escape(description.info.description.as_deref().unwrap_or_default()),
        example = "https://your-server/api/v1/courses",
    );
    for (tag, rows) in by_tag(description) {
        body.push_str(&format!(
            "<h2>{}</h2><table><thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead><tbody>",
            escape(&tag)
        ));
        for (method, path, operation) in rows {
            let words = operation
                .summary
                .as_deref()
                .or(operation.description.as_deref())
                .unwrap_or_default();
            body.push_str(&format!(
                "<tr><td><strong>{method}</strong></td><td><code>{}</code></td><td>{}</td></tr>",
                escape(path),
                escape(words)
            ));
        }
        body.push_str("</tbody></table>");
    }
    body.push_str("</main></body></html>");
    Html(body)
}

type Row<'a> = (&'static str, &'a str, &'a Operation);

/// The routes under their nouns, in the order of their paths.
fn by_tag(description: &OpenApi) -> Vec<(String, Vec<Row<'_>>)> {
    let mut groups: Vec<(String, Vec<Row<'_>>)> = Vec::new();
    for (path, item) in &description.paths.paths {
        for (method, operation) in operations(item) {
            let tag = operation
                .tags
                .as_ref()
                .and_then(|tags| tags.first())
                .cloned()
                .unwrap_or_default();
            match groups.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, rows)) => rows.push((method, path, operation)),
                None => groups.push((tag, vec![(method, path, operation)])),
            }
        }
    }
    groups
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

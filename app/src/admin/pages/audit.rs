//! `/admin/audit`: who did what, newest first; whether the chain is whole; the log as a file.

use crate::admin::api::read_audit;
use crate::admin::model::{AuditPage as Page, Verdict};
use crate::admin::widgets::{AdminHead, Place};
use crate::audit::model::Entry;
use crate::course::pages::query_param;
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn AuditPage() -> impl IntoView {
    let (before, verify) = (query_param("before"), query_param("verify"));
    let page = Resource::new_blocking(
        move || (before.get(), !verify.get().is_empty()),
        |(before, verify)| async move {
            read_audit(before.parse().ok(), verify)
                .await
                .map(|page| (page, !before.is_empty()))
        },
    );
    view! {
        <AdminHead
            place=Place::Audit
            lead="Every act that matters, in a chain: changing or removing an entry breaks every one after it."
            actions=|| {
                view! {
                    <LinkButton href="/admin/audit?verify=1" icon=Glyph::Shield>"Verify the chain"</LinkButton>
                    <LinkButton href="/admin/audit.csv" icon=Glyph::Download download=true>"CSV"</LinkButton>
                    <LinkButton href="/admin/audit.json" icon=Glyph::Download download=true>"JSON"</LinkButton>
                }
            }
        />
        {loaded(page, |(page, later)| view! { <Shown page later/> })}
    }
}

#[component]
fn Shown(page: Page, later: bool) -> impl IntoView {
    let Page { entries, next, verdict } = page;
    let next = next.map(|id| format!("/admin/audit?before={id}"));
    let prev = later.then(|| "/admin/audit".to_owned());
    let columns = vec![
        Column::text("When"),
        Column::text("Who"),
        Column::text("Did"),
        Column::text("To"),
        Column::text("Particulars"),
        Column::text("Fingerprint"),
    ];
    let empty = entries.is_empty();
    let rows = entries.into_iter().map(row).collect_view();
    view! {
        <div class="stack">
        {verdict.map(|verdict| view! { <Found verdict/> })}
        {if empty {
            view! { <Empty title="No entries" icon=Glyph::List>"Acts appear here as they happen."</Empty> }.into_any()
        } else {
            view! { <Panel flush=true><Table caption="Audit log" caption_hidden=true columns sticky=true>{rows}</Table><Pager label="Audit log" prev next/></Panel> }.into_any()
        }}
        </div>
    }
}

#[component]
fn Found(verdict: Verdict) -> impl IntoView {
    match verdict.broken_at {
        None => view! { <Notice tone=Tone::Right title="The chain is whole.">{format!("All {} entries fit.", verdict.entries)}</Notice> }.into_any(),
        Some(id) => view! {
            <Notice tone=Tone::Wrong title="The chain is broken." urgent=true>
                {format!("Entry {id} does not fit the one before it: it, or what came before, was changed or removed outside of this program. Compare with a backup.")}
            </Notice>
        }
        .into_any(),
    }
}

fn row(entry: Entry) -> impl IntoView {
    let target = match entry.target_kind.as_str() {
        "user" => Some(format!("/admin/users/{}", entry.target_id)),
        "course" => Some(format!("/courses/{}", entry.target_id)),
        "assignment" => Some(format!("/assignments/{}", entry.target_id)),
        _ => None,
    };
    let kind = entry.target_kind;
    let target = match target {
        Some(href) => view! { <a href=href>{kind}</a> }.into_any(),
        None => kind.into_any(),
    };
    let short: String = entry.hash.chars().take(8).collect();
    let detail = if entry.detail == "{}" {
        ().into_any()
    } else {
        view! { <details><summary class="small quiet-link">"Show"</summary><code class="small">{entry.detail}</code></details> }
            .into_any()
    };
    view! {
        <tr>
            <td><Time at=entry.at.rfc3339() text=entry.at.date_time() full=entry.at.zone()/></td>
            <th scope="row">{entry.actor}</th>
            <td><code>{entry.action}</code></td>
            <td>{target}</td>
            <td>{detail}</td>
            <td><code title=entry.hash>{short}</code></td>
        </tr>
    }
}

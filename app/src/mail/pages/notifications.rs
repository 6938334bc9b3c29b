//! `/notifications`: what happened, newest first.

use crate::ids::NotificationId;
use crate::mail::api::{MarkRead, read_notes};
use crate::mail::model::{Note, Notes};
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn NotificationsPage() -> impl IntoView {
    let query = use_query_map();
    let before = move || query.with(|query| query.get("before").and_then(|id| id.parse::<NotificationId>().ok()));
    let notes = Resource::new_blocking(before, read_notes);
    view! {
        <Title text="Notifications"/>
        <PageHeader
            title="Notifications"
            actions=|| view! { <a class="button" href="/notifications/settings">"What you are told"</a> }
        />
        {loaded(notes, |notes| view! { <List notes/> })}
    }
}

#[component]
fn List(notes: Notes) -> impl IntoView {
    let Notes {
        notes,
        unread,
        before,
        now,
    } = notes;
    if notes.is_empty() {
        return view! {
            <Empty title="Nothing yet" icon=Glyph::Bell>
                "Receipts, published grades and planned maintenance appear here."
            </Empty>
        }
        .into_any();
    }
    // A plain form: the number beside the place in the frame changes with it, so the whole page is loaded anew.
    let all = (unread > 0).then(|| {
        view! {
            <form method="post" action=MarkRead::url()>
                <Button icon=Glyph::Check>{format!("Mark {unread} as read")}</Button>
            </form>
        }
    });
    let next = before.map(|id| format!("/notifications?before={id}"));
    view! {
        <div class="stack">
            {all}
            <ul class="notes">{notes.into_iter().map(|note| view! { <Item note now/> }).collect_view()}</ul>
            {next.map(|href| view! { <p><a href=href>"Older notifications"</a></p> })}
        </div>
    }
    .into_any()
}

#[component]
fn Item(note: Note, now: crate::time::Timestamp) -> impl IntoView {
    let Note {
        id,
        title,
        body,
        link,
        at,
        unread,
    } = note;
    let seen = unread.then(|| {
        view! {
            <form method="post" action=MarkRead::url()>
                <input type="hidden" name="note" value=id.to_string()/>
                <Button size=Size::Small label=format!("Mark as read: {title}")>"Mark as read"</Button>
            </form>
        }
    });
    let heading = match link {
        Some(href) => view! { <a href=href>{title.clone()}</a> }.into_any(),
        None => view! { <span>{title.clone()}</span> }.into_any(),
    };
    view! {
        <li class="note" class:note-unread=unread>
            <div class="note-words">
                <p class="note-title">
                    {heading}
                    {unread.then(|| view! { " " <Badge tone=Tone::Human icon=Glyph::Dot>"New"</Badge> })}
                </p>
                <p>{body}</p>
                <p class="muted small"><Time at=at.rfc3339() text=at.relative(now) full=format!("{} ({})", at.date_time(), at.zone())/></p>
            </div>
            {seen}
        </li>
    }
}

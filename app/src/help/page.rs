//! `/help` and its pages.

use super::api::{read_contents, read_topic};
use super::model::{Entry, Part, Topic};
use crate::shell::{loaded, signed_in};
use crate::ui::{Breadcrumb, Card, Crumb, PageHeader};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The table of contents.
#[component]
pub fn HelpPage() -> impl IntoView {
    let contents = Resource::new_blocking(|| (), |()| read_contents());
    view! {
        <Title text="Help" />
        <PageHeader title="Help" lead="How to use Auto-Grader, and how to run it." />
        {signed_in().map(|_| view! { <div class="grid-3"><Card href="/tour" title="A tour" note="Page by page through what you can do here" /></div> })}
        {loaded(contents, |parts: Vec<Part>| parts.into_iter().map(part).collect_view())}
    }
}

fn part(part: Part) -> impl IntoView {
    let cards = part.entries.into_iter().map(|entry| {
        view! { <Card href=address(&entry) title=entry.title note=entry.lead /> }
    });
    view! {
        <section class="stack">
            <h2>{part.title}</h2>
            <div class="grid-3">{cards.collect_view()}</div>
        </section>
    }
}

/// One page.
#[component]
pub fn HelpTopicPage() -> impl IntoView {
    let params = use_params_map();
    let name = move || params.with(|params| params.get("topic").unwrap_or_default());
    let topic = Resource::new_blocking(name, read_topic);
    loaded(topic, |topic: Topic| {
        let crumbs = vec![Crumb::new("Help", "/help"), Crumb::here(topic.title.clone())];
        let others = topic.siblings.into_iter().map(|entry| {
            view! { <li><a href=address(&entry)>{entry.title.clone()}</a></li> }
        });
        view! {
            <Title text=topic.title />
            <Breadcrumb items=crumbs />
            <article class="prose help" inner_html=topic.html></article>
            <nav class="prose" aria-label="Other pages">
                <h2>"Read on"</h2>
                <ul>{others.collect_view()}</ul>
            </nav>
        }
    })
}

fn address(entry: &Entry) -> String {
    format!("/help/{}", entry.name)
}

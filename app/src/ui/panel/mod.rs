//! Sheets of paper: a panel holds one matter, a card leads to one thing.

use super::Tone;
use leptos::{children::ViewFnOnce, prelude::*};

/// A titled sheet. `actions` stand at the right of the title; `flush` lets a table touch the edges.
#[component]
pub fn Panel(
    #[prop(optional, into)] title: Option<String>,
    #[prop(optional, into)] note: Option<String>,
    /// Gives the panel an address and ties the heading to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// The heading's level, 2 or 3.
    #[prop(default = 2)]
    level: u8,
    #[prop(optional)] tone: Tone,
    #[prop(optional)] flush: bool,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let heading_id = id.as_ref().map(|id| [id, "-title"].concat());
    let labelled = heading_id.clone();
    let has_head = title.is_some() || actions.is_some();
    let heading = title.map(|title| match level {
        3 => view! { <h3 class="panel-title" id=heading_id>{title}</h3> }.into_any(),
        _ => view! { <h2 class="panel-title" id=heading_id>{title}</h2> }.into_any(),
    });
    view! {
        <section class=["panel ", tone.class()].concat() class:panel-toned=tone != Tone::Neutral class:panel-flush=flush id=id aria-labelledby=labelled>
            {has_head
                .then(|| {
                    view! {
                        <header class="panel-head">
                            <div>{heading} {note.map(|note| view! { <p class="panel-note">{note}</p> })}</div>
                            {actions.map(|actions| view! { <div class="row">{actions.run()}</div> })}
                        </header>
                    }
                })}
            <div class="panel-body">{children()}</div>
        </section>
    }
}

/// A sheet that is one large link; what is inside should hold no other link.
#[component]
pub fn Card(
    #[prop(into)] href: String,
    #[prop(into)] title: String,
    #[prop(optional, into)] note: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <article class="card">
            <h3 class="card-title"><a href=href>{title}</a></h3>
            {note.map(|note| view! { <p class="card-note">{note}</p> })}
            {children.map(|children| children())}
        </article>
    }
}

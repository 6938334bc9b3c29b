//! Tables of rows, and the pager below them.

mod types;

use super::{Glyph, Icon, words};
use leptos::prelude::*;
pub use types::{Column, Sort};

/// A table in a region that scrolls sideways by itself, reachable with the keyboard. The children are its rows.
#[component]
pub fn Table(
    #[prop(into)] caption: String,
    #[prop(into)] columns: Signal<Vec<Column>>,
    #[prop(optional)] caption_hidden: bool,
    /// The head stays in sight while the rows scroll.
    #[prop(optional)]
    sticky: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-scroll" class:table-sticky=sticky role="region" tabindex="0" aria-label=caption>
            <table>
                <caption class:visually-hidden=caption_hidden>{caption.clone()}</caption>
                <thead>
                    <tr>{move || columns.get().into_iter().map(|column| view! { <Head column/> }).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Head(column: Column) -> impl IntoView {
    let (sort, mark) = match column.sort {
        Sort::None => (None, ""),
        Sort::Ascending => (Some("ascending"), " ↑"),
        Sort::Descending => (Some("descending"), " ↓"),
    };
    let label = match column.href {
        Some(href) => view! { <a href=href>{column.label}<span aria-hidden="true">{mark}</span></a> }.into_any(),
        None => view! { <span class:visually-hidden=column.hidden>{column.label}</span> }.into_any(),
    };
    view! { <th scope="col" class:num=column.numeric aria-sort=sort>{label}</th> }
}

/// Previous and next of a list that is read in pieces. Says nothing when there is only one piece.
#[component]
pub fn Pager(
    #[prop(into)] label: String,
    #[prop(optional_no_strip, into)] prev: Option<String>,
    #[prop(optional_no_strip, into)] next: Option<String>,
    #[prop(optional, into)] note: Option<String>,
) -> impl IntoView {
    (prev.is_some() || next.is_some() || note.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=label>
                <span class="pager-note">{note}</span>
                {prev.map(|href| view! { <a class="button button-secondary button-small" rel="prev" href=href><Icon glyph=Glyph::ArrowLeft/>{words().previous}</a> })}
                {next.map(|href| view! { <a class="button button-secondary button-small" rel="next" href=href>{words().next}<Icon glyph=Glyph::ArrowRight/></a> })}
            </nav>
        }
    })
}

//! One bar a row, named at its left and told at its right.

use super::{BarRow, types::percent};
use leptos::prelude::*;

/// Bars below one another. It is a list: each row reads as its name and its figures, so no table is needed behind it.
#[component]
pub fn BarRows(
    #[prop(into)] title: String,
    #[prop(optional, into)] unit: Option<String>,
    #[prop(into)] rows: Signal<Vec<BarRow>>,
) -> impl IntoView {
    view! {
        <figure class="chart bar-rows">
            <figcaption class="chart-head">
                <span class="chart-title">{title}</span>
                {unit.map(|unit| view! { <span class="axis-name">{unit}</span> })}
            </figcaption>
            <ul>{move || rows.get().into_iter().map(row).collect_view()}</ul>
        </figure>
    }
}

fn row(row: BarRow) -> impl IntoView {
    let BarRow {
        label,
        value,
        max,
        note,
        tone,
        href,
    } = row;
    let note = if note.is_empty() {
        super::types::figure(value)
    } else {
        note
    };
    let name = match href {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => view! { <span>{label}</span> }.into_any(),
    };
    view! {
        <li class=["bar-row ", tone.class()].concat()>
            <span class="bar-name">{name}</span>
            <svg class="bar-track" aria-hidden="true"><rect class="bar" height="100%" width=percent(value, max)></rect></svg>
            <span class="bar-note">{note}</span>
        </li>
    }
}

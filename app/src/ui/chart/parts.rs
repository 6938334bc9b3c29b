//! Parts of a whole: as a ring, or as one bar.

use super::{
    Part,
    data::DataTable,
    types::{figure, percent},
};
use leptos::prelude::*;

/// A ring. `centre` is what it comes to, in a word or two.
#[component]
pub fn Donut(
    #[prop(into)] title: String,
    #[prop(into)] parts: Signal<Vec<Part>>,
    #[prop(optional, into)] centre: Signal<String>,
) -> impl IntoView {
    let arcs = move || {
        parts.with(|parts| {
            let whole = whole(parts);
            let mut before = 0.0;
            parts
                .iter()
                .map(|part| {
                    // `pathLength` is 1000: a share is a length
                    let length = if whole > 0.0 {
                        (part.value / whole * 1000.0).round() as i32
                    } else {
                        0
                    };
                    let offset = -before as i32;
                    before += f64::from(length);
                    // a hair of paper between two parts
                    let drawn = (length - 6).max(0);
                    view! {
                        <circle
                            class=["arc ", part.tone.class()].concat()
                            cx="60"
                            cy="60"
                            r="48"
                            pathLength="1000"
                            stroke-dasharray=[&drawn.to_string(), " 1000"].concat()
                            stroke-dashoffset=offset.to_string()
                            transform="rotate(-90 60 60)"
                        ></circle>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <figure class="chart donut">
            <figcaption class="chart-head"><span class="chart-title">{title.clone()}</span></figcaption>
            <div class="donut-body" aria-hidden="true">
                <div class="donut-ring">
                    <svg viewBox="0 0 120 120"><circle class="arc-ground" cx="60" cy="60" r="48"></circle>{arcs}</svg>
                    <span class="donut-centre">{move || centre.get()}</span>
                </div>
                <Keys parts unit=String::new()/>
            </div>
            <PartTable title parts/>
        </figure>
    }
}

/// One stacked bar with its figures below.
#[component]
pub fn Strip(
    #[prop(into)] title: String,
    #[prop(into)] parts: Signal<Vec<Part>>,
    #[prop(optional, into)] unit: String,
) -> impl IntoView {
    let bars = move || {
        parts.with(|parts| {
            let whole = whole(parts);
            let mut before = 0.0;
            parts
                .iter()
                .map(|part| {
                    let left = percent(before, whole);
                    before += part.value;
                    view! { <rect class=["bar ", part.tone.class()].concat() x=left width=percent(part.value, whole) height="100%"></rect> }
                })
                .collect_view()
        })
    };
    view! {
        <figure class="chart strip">
            <figcaption class="chart-head"><span class="chart-title">{title.clone()}</span></figcaption>
            <div aria-hidden="true">
                <svg class="strip-bar">{bars}</svg>
                <Keys parts unit/>
            </div>
            <PartTable title parts/>
        </figure>
    }
}

fn whole(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.value).sum()
}

/// Names and figures beside the colours.
#[component]
fn Keys(parts: Signal<Vec<Part>>, unit: String) -> impl IntoView {
    view! {
        <ul class="chart-keys">
            {move || {
                parts
                    .get()
                    .into_iter()
                    .map(|part| {
                        view! {
                            <li class=part.tone.class()>
                                <span class="swatch"></span>{part.label}" "<span class="key-figure">{figure(part.value)}</span>
                            </li>
                        }
                    })
                    .collect_view()
            }}
            {(!unit.is_empty()).then(|| view! { <li class="muted">{unit}</li> })}
        </ul>
    }
}

#[component]
fn PartTable(title: String, parts: Signal<Vec<Part>>) -> impl IntoView {
    let rows = move || {
        parts.with(|parts| {
            parts
                .iter()
                .map(|part| vec![part.label.clone(), figure(part.value)])
                .collect::<Vec<_>>()
        })
    };
    view! { <DataTable caption=title head=Vec::new() rows=Signal::derive(rows)/> }
}

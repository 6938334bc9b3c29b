//! The course of one figure, small enough to stand in a line.

use super::{
    data::DataTable,
    types::{figure, percent},
};
use crate::ui::{Tone, words};
use leptos::prelude::*;

/// A line from the oldest value at the left to the latest at the right, from zero up. The latest and the highest are written out.
#[component]
pub fn Sparkline(
    #[prop(into)] title: String,
    #[prop(optional, into)] unit: String,
    #[prop(into)] points: Signal<Vec<f64>>,
    #[prop(default = Tone::Accent)] tone: Tone,
) -> impl IntoView {
    let top = Memo::new(move |_| points.with(|points| points.iter().copied().fold(0.0, f64::max)));
    let height = move |value: f64| {
        if top.get() > 0.0 {
            36.0 - (value / top.get()).clamp(0.0, 1.0) * 32.0
        } else {
            36.0
        }
    };
    let line = move || {
        points.with(|points| {
            let step = 100.0 / (points.len().max(2) - 1) as f64;
            points
                .iter()
                .enumerate()
                .map(|(place, value)| {
                    [
                        if place == 0 { "M" } else { "L" },
                        &short(place as f64 * step),
                        " ",
                        &short(height(*value)),
                    ]
                    .concat()
                })
                .collect::<String>()
        })
    };
    let area = move || match points.with(Vec::is_empty) {
        true => String::new(),
        false => [&line(), "V38H0Z"].concat(),
    };
    let latest = move || points.with(|points| points.last().copied().unwrap_or(0.0));
    let many = move || points.with(|points| points.len().max(1)) as f64;
    let said = unit.clone();
    let rows = move || {
        let told = |value| [&figure(value), " ", &said].concat();
        vec![
            vec![words().latest.to_owned(), told(latest())],
            vec![words().highest.to_owned(), told(top.get())],
        ]
    };
    view! {
        <figure class=["chart sparkline ", tone.class()].concat()>
            <figcaption class="chart-head">
                <span class="chart-title">{title.clone()}</span>
                <span class="spark-latest">{move || figure(latest())}<span class="stat-unit">{unit.clone()}</span></span>
            </figcaption>
            <div class="spark-box" aria-hidden="true">
                <svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none">
                    <path class="spark-area" d=area></path>
                    <path class="spark-line" d=line></path>
                </svg>
                <svg class="spark-over">
                    <line class="axis" x1="0" x2="100%" y1="95%" y2="95%"></line>
                    <circle
                        class="spark-dot"
                        r="3.5"
                        cx=move || if many() < 2.0 { "0" } else { "100%" }
                        cy=move || percent(height(latest()), 40.0)
                    ></circle>
                </svg>
                <span class="spark-top">{move || figure(top.get())}</span>
            </div>
            <DataTable caption=title head=Vec::new() rows=Signal::derive(rows)/>
        </figure>
    }
}

/// A coordinate to a tenth.
fn short(value: f64) -> String {
    let tenths = (value.max(0.0) * 10.0).round() as u32;
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string()].concat()
}

//! How many fell where, each column stacked by band.

use super::{
    Band, Bin,
    data::DataTable,
    types::{axis_end, percent},
};
use crate::ui::{grouped, words};
use leptos::prelude::*;

/// A stacked histogram. Keep the bins' number and labels steady and let only the counts move: nothing shifts then.
#[component]
pub fn Histogram(
    #[prop(into)] title: String,
    /// What the columns are, such as "points".
    #[prop(into)]
    x: String,
    /// What is counted, such as "answers".
    #[prop(into)]
    y: String,
    #[prop(into)] bands: Vec<Band>,
    #[prop(into)] bins: Signal<Vec<Bin>>,
) -> impl IntoView {
    let end = Memo::new(move |_| axis_end(bins.with(|bins| bins.iter().map(Bin::total).max().unwrap_or(0))));
    let tones: Vec<_> = bands.iter().map(|band| band.tone).collect();
    let bars = move || {
        let end = f64::from(end.get());
        bins.with(|bins| {
            let many = bins.len() as f64;
            bins.iter()
                .enumerate()
                .flat_map(|(place, bin)| {
                    let left = percent(place as f64 + 0.1, many);
                    let width = percent(0.8, many);
                    let mut below = 0.0;
                    let tones = &tones;
                    bin.counts.iter().enumerate().map(move |(layer, count)| {
                        let count = f64::from(*count);
                        below += count;
                        let class = tones.get(layer).copied().unwrap_or_default().class();
                        view! {
                            <rect
                                class=["bar ", class].concat()
                                x=left.clone()
                                width=width.clone()
                                y=percent(end - below, end)
                                height=percent(count, end)
                            ></rect>
                        }
                    })
                })
                .collect_view()
        })
    };
    // at most about a dozen labels fit below the columns
    let ticks = move || {
        bins.with(|bins| {
            let many = bins.len();
            let every = many.div_ceil(12).max(1);
            bins.iter()
                .enumerate()
                .filter(|(place, _)| place % every == 0)
                .map(|(place, bin)| {
                    view! {
                        <text class="chart-tick" x=percent(place as f64 + 0.5, many as f64) y="100%" dy="1.35em" text-anchor="middle">
                            {bin.label.clone()}
                        </text>
                    }
                })
                .collect_view()
        })
    };
    let lines = [(0u32, "100%"), (1, "50%"), (2, "0%")]
        .map(|(half, y)| {
            view! {
                <line class=if half == 0 { "axis" } else { "grid" } x1="0" x2="100%" y1=y y2=y></line>
                <text class="chart-tick" x="0" y=y dx="-0.6em" dy="0.32em" text-anchor="end">
                    {move || grouped(u64::from(end.get() / 2 * half))}
                </text>
            }
        })
        .into_iter()
        .collect_view();
    let keys = bands
        .iter()
        .enumerate()
        .map(|(layer, band)| {
            let total = move || {
                bins.with(|bins| bins.iter().filter_map(|bin| bin.counts.get(layer)).map(|count| u64::from(*count)).sum::<u64>())
            };
            view! {
                <li class=band.tone.class()>
                    <span class="swatch" aria-hidden="true"></span>{band.label.clone()}" "<span class="key-figure">{move || grouped(total())}</span>
                </li>
            }
        })
        .collect_view();
    let head = [x.clone()]
        .into_iter()
        .chain(bands.iter().map(|band| band.label.clone()))
        .chain([words().total.to_owned()])
        .collect::<Vec<_>>();
    let rows = move || {
        bins.with(|bins| {
            bins.iter()
                .map(|bin| {
                    let counts = bin.counts.iter().map(u32::to_string);
                    [bin.label.clone()]
                        .into_iter()
                        .chain(counts)
                        .chain([bin.total().to_string()])
                        .collect()
                })
                .collect::<Vec<Vec<String>>>()
        })
    };
    view! {
        <figure class="chart histogram">
            <figcaption class="chart-head">
                <span class="chart-title">{title.clone()}</span>
                <ul class="chart-keys">{keys}</ul>
            </figcaption>
            <div class="chart-box" aria-hidden="true">
                <span class="axis-name axis-name-y">{y}</span>
                <svg class="plot">{lines} {bars} {ticks}</svg>
                <span class="axis-name axis-name-x">{x}</span>
            </div>
            <DataTable caption=title head rows=Signal::derive(rows)/>
        </figure>
    }
}

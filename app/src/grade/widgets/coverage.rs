//! The curve behind the risk dial: how many answers, and how well they are expected to agree.

use crate::grade::model::{CurvePoint, DialChoice};
use leptos::prelude::*;

/// Lower end of the axis of agreement, in percent.
const FLOOR: f32 = 50.0;
/// Marks with less than this between them, in percent of the axis, have no room for their labels.
const CLOSE: f32 = 9.0;

/// Agreement over the share of answers accepted, with the dial's settings marked on it. `chosen` is drawn large.
#[component]
pub fn Coverage(
    curve: Vec<CurvePoint>,
    choices: Vec<DialChoice>,
    undecided: u32,
    #[prop(into)] chosen: Signal<i32>,
) -> impl IntoView {
    let path: String = curve
        .iter()
        .enumerate()
        .map(|(place, point)| {
            let letter = if place == 0 { "M" } else { "L" };
            format!(
                "{letter}{:.1} {:.1}",
                point.coverage * 100.0,
                100.0 - height(point.agreement)
            )
        })
        .collect();
    let marks = choices
        .iter()
        .filter_map(|choice| Some((choice.clone(), choice.expected?)))
        .map(|(choice, expected)| {
            let x = format!("{:.1}%", share(choice.accepted, undecided));
            let y = format!("{:.1}%", 100.0 - height(expected));
            let target = choice.target;
            let large = move || chosen.get() == target;
            // Where marks stand close together, only the chosen one says its name.
            let close = |other: &DialChoice| {
                let apart = share(other.accepted, undecided) - share(choice.accepted, undecided);
                other.target != target && other.expected.is_some() && apart.abs() < CLOSE
            };
            let crowded = choices.iter().any(close);
            view! {
                <circle class="curve-mark" class:curve-chosen=large cx=x.clone() cy=y.clone() r=move || if large() { "7" } else { "4" }></circle>
                <text class="chart-tick curve-label" class:curve-chosen=large class:curve-crowded=crowded x=x y=y dx="10" dy="-8">{percent(target)}</text>
            }
        })
        .collect_view();
    let grid = [50, 60, 70, 80, 90, 100]
        .map(|tick| {
            let y = format!("{:.1}%", 100.0 - height(tick as f32 / 100.0));
            let least = if tick as f32 <= FLOOR { "≤ " } else { "" };
            view! {
                <line class="grid" x1="0" x2="100%" y1=y.clone() y2=y.clone()></line>
                <text class="chart-tick" x="-8" y=y dy="4" text-anchor="end">{format!("{least}{tick} %")}</text>
            }
        })
        .collect_view();
    let ticks = [0, 25, 50, 75, 100]
        .map(|tick| view! { <text class="chart-tick" x=format!("{tick}%") y="100%" dy="18" text-anchor="middle">{format!("{tick} %")}</text> })
        .collect_view();
    let rows = choices
        .iter()
        .map(|choice| {
            view! {
                <tr>
                    <th scope="row">{percent(choice.target)}</th>
                    <td>{format!("{} of {undecided}", choice.accepted)}</td>
                    <td>{choice.expected.map_or_else(|| "–".to_owned(), |expected| format!("{:.1} %", expected * 100.0))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure class="chart coverage">
            <figcaption class="chart-head"><span class="chart-title">"Coverage and expected agreement"</span></figcaption>
            <div class="chart-box curve-box tone-machine" aria-hidden="true">
                <span class="axis-name axis-name-y">"expected agreement with a teacher"</span>
                <div class="curve-plot">
                    <svg class="curve-over">{grid}<line class="axis" x1="0" x2="100%" y1="100%" y2="100%"></line>{ticks}</svg>
                    <svg class="curve-over" viewBox="0 0 100 100" preserveAspectRatio="none"><path class="curve-line" d=path></path></svg>
                    <svg class="curve-over">{marks}</svg>
                </div>
                <span class="axis-name axis-name-x">"accepted without a person, % of undecided answers"</span>
            </div>
            <table class="visually-hidden">
                <caption>"What each setting of the dial would accept"</caption>
                <thead><tr><th scope="col">"Wanted agreement"</th><th scope="col">"Accepted"</th><th scope="col">"Expected agreement"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </figure>
    }
}

/// Percent of the axis' height.
fn height(agreement: f32) -> f32 {
    ((agreement * 100.0 - FLOOR) / (100.0 - FLOOR) * 100.0).clamp(0.0, 100.0)
}

/// Percent of all.
pub fn share(part: u32, all: u32) -> f32 {
    part as f32 / all.max(1) as f32 * 100.0
}

/// `95 %` of a target in thousandths; nothing by itself for the strictest.
pub fn percent(target: i32) -> String {
    match (target, target % 10) {
        (1000, _) => "Nothing".into(),
        (_, 0) => format!("{} %", target / 10),
        _ => format!("{}.{} %", target / 10, target % 10),
    }
}

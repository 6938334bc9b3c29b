//! How graders compare with the suggestions: one line each, with how sure that is and how it went over time.

use crate::grade::model::GraderTrend;
use crate::ui::percent;
use leptos::prelude::*;

/// The axis ends at the first of these shares of the points that holds every grader.
const REACHES: [f64; 3] = [0.25, 0.5, 1.0];

#[component]
pub fn Severity(graders: Vec<GraderTrend>) -> impl IntoView {
    let widest = graders
        .iter()
        .map(|trend| trend.mean.abs() + trend.margin.unwrap_or_default())
        .fold(0.0, f64::max);
    let reach = REACHES.into_iter().find(|reach| widest <= *reach).unwrap_or(1.0);
    let ends = format!(
        "stricter, −{0:.0} % … generous, +{0:.0} % · course over time",
        reach * 100.0
    );
    let place = move |value: f64| place(value, reach);
    let rows = graders
        .into_iter()
        .map(|trend| {
            let margin = trend.margin.unwrap_or_default();
            let (low, high) = (place(trend.mean - margin), place(trend.mean + margin));
            let words = words(&trend);
            view! {
                <li class="severity-row tone-human">
                    <span class="severity-name">{trend.name.clone()}</span>
                    <svg class="severity-line" aria-hidden="true">
                        <line class="axis" x1="50%" x2="50%" y1="0" y2="100%"></line>
                        <line class="grid" x1="0" x2="100%" y1="50%" y2="50%"></line>
                        <rect class="audited-range" x=percent(low, 1.0) width=percent(high - low, 1.0) y="25%" height="50%" rx="3"></rect>
                        <circle class="audited-counted" cx=percent(place(trend.mean), 1.0) cy="50%" r="5"></circle>
                    </svg>
                    <svg class="severity-course" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
                        <line class="axis" x1="0" x2="100" y1="20" y2="20"></line>
                        <path class="spark-line" d=course(&trend.course, reach)></path>
                    </svg>
                    <span class="severity-words small">{words}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <figure class="chart severity">
            <figcaption class="chart-head">
                <span class="chart-title">"Mean of decision less suggestion"</span>
                <span class="axis-name">{ends}</span>
            </figcaption>
            <ul>{rows}</ul>
        </figure>
    }
}

fn words(trend: &GraderTrend) -> String {
    let mean = format!("{:+.1} %", trend.mean * 100.0).replace('-', "−");
    match trend.margin {
        Some(margin) => format!("{mean} ± {:.1} in {} decisions", margin * 100.0, trend.decisions),
        None => format!("{mean} in {} decisions, too few to say", trend.decisions),
    }
}

/// 0–1 from left to right.
fn place(value: f64, reach: f64) -> f64 {
    ((value + reach) / (2.0 * reach)).clamp(0.0, 1.0)
}

fn course(values: &[f64], reach: f64) -> String {
    let step = 100.0 / (values.len().max(2) - 1) as f64;
    values
        .iter()
        .enumerate()
        .map(|(n, value)| {
            let letter = if n == 0 { "M" } else { "L" };
            format!(
                "{letter}{:.1} {:.1}",
                n as f64 * step,
                40.0 - place(*value, reach) * 40.0
            )
        })
        .collect()
}

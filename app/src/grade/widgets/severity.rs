//! How graders compare with the suggestions: one line each, with how sure that is and how it went over time.

use crate::grade::model::GraderTrend;
use crate::ui::percent;
use leptos::prelude::*;

/// The axis ends here: a quarter of the points up and down.
const REACH: f64 = 0.25;

#[component]
pub fn Severity(graders: Vec<GraderTrend>) -> impl IntoView {
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
                        <path class="spark-line" d=course(&trend.course)></path>
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
                <span class="axis-name">"stricter, −25 % … generous, +25 % · course over time"</span>
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
fn place(value: f64) -> f64 {
    ((value + REACH) / (2.0 * REACH)).clamp(0.0, 1.0)
}

fn course(values: &[f64]) -> String {
    let step = 100.0 / (values.len().max(2) - 1) as f64;
    values
        .iter()
        .enumerate()
        .map(|(n, value)| {
            let letter = if n == 0 { "M" } else { "L" };
            format!("{letter}{:.1} {:.1}", n as f64 * step, 40.0 - place(*value) * 40.0)
        })
        .collect()
}

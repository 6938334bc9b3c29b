//! The dial's promise as it was kept so far, with how sure one can be of that.

use crate::grade::model::Agreement;
use crate::ui::percent;
use leptos::prelude::*;

/// A line from 0 to 100 % with the interval, the share counted, and the agreement that was wanted.
#[component]
pub fn Audited(agreement: Agreement, target: i32) -> impl IntoView {
    let wanted = f64::from(target) / 1000.0;
    let drawn = agreement.interval().map(|(counted, low, high)| {
        let kept = low >= wanted;
        let words = if kept {
            "Even the lower end of what is likely keeps the promise."
        } else if high < wanted {
            "Even the upper end of what is likely is below what was wanted: turn the dial to a higher agreement."
        } else {
            "What is likely reaches from below to above what was wanted. More of the sample has to be looked at to tell."
        };
        view! {
            <svg class="audited" role="img" aria-label=agreement.words()>
                <line class="axis" x1="0" x2="100%" y1="50%" y2="50%"></line>
                <rect class="audited-range" x=percent(low, 1.0) width=percent(high - low, 1.0) y="30%" height="40%" rx="3"></rect>
                {(target < 1000).then(|| view! { <line class="audited-wanted" x1=percent(wanted, 1.0) x2=percent(wanted, 1.0) y1="0" y2="100%"></line> })}
                <circle class="audited-counted" cx=percent(counted, 1.0) cy="50%" r="5"></circle>
            </svg>
            <p class="audited-ends small muted" aria-hidden="true"><span>"0 %"</span><span>"100 % agreement"</span></p>
            {(target < 1000).then(|| view! { <p class="small">{words}</p> })}
        }
    });
    view! {
        <div class="stack stack-tight tone-human">
            <p><strong>{agreement.words()}</strong></p>
            {drawn}
        </div>
    }
}

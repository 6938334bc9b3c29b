//! The stream of what just happened to grades.

use crate::grade::model::{Happening, Progress, label};
use crate::ids::AssignmentId;
use crate::ui::{Glyph, Icon};
use leptos::prelude::*;

/// The newest happenings, newest first, in a box of steady height.
#[component]
pub fn Happenings(assignment: AssignmentId, progress: RwSignal<Progress>) -> impl IntoView {
    let recent = Memo::new(move |_| progress.with(|progress| progress.recent.clone()));
    view! {
        <div class="happenings-box">
            <ol class="happenings">
                <For each=move || recent.get() key=|event| event.sequence children=move |event| view! { <Line assignment event/> }/>
            </ol>
            <Show when=move || recent.with(Vec::is_empty)>
                <p class="muted small">"Grades appear here as they are made."</p>
            </Show>
        </div>
    }
}

#[component]
fn Line(assignment: AssignmentId, event: Happening) -> impl IntoView {
    let (glyph, who) = if event.by_human {
        (Glyph::PersonCheck, "Decided")
    } else {
        (Glyph::Spark, "Suggested")
    };
    let sure = event
        .confidence
        .filter(|_| !event.by_human)
        .map(|confidence| format!("{:.0} % sure", confidence * 100.0));
    let href = format!("/assignments/{assignment}/review?grade={}", event.grade);
    view! {
        <li class="happening" class:tone-human=event.by_human class:tone-machine=!event.by_human>
            <span class="happening-who"><Icon glyph label=who/></span>
            <a class="quiet-link happening-what" href=href>{format!("Question {} · {}", event.position, label(event.grade))}</a>
            <span class="happening-points">{format!("{} of {}", event.points, event.of)}</span>
            <span class="happening-sure">{sure}</span>
            <time class="happening-at" datetime=event.at.rfc3339()>{event.at.clock()}</time>
        </li>
    }
}

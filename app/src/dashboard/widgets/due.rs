//! What a student has to do, as a list one can act on.

use crate::assignment::model::Phase;
use crate::submission::model::{Mine, Standing};
use crate::submission::words;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Due(due: Vec<Mine>) -> impl IntoView {
    let body = if due.is_empty() {
        view! { <Empty title="Nothing is due" icon=Glyph::Check>"New assignments of your courses appear here."</Empty> }
            .into_any()
    } else {
        let rows = due.into_iter().map(|mine| view! { <Line mine/> }).collect_view();
        view! { <ul class="due-list">{rows}</ul> }.into_any()
    };
    view! { <Panel title="Due next" id="due">{body}</Panel> }
}

#[component]
fn Line(mine: Mine) -> impl IntoView {
    let href = format!("/assignments/{}", mine.place.assignment);
    let terms = mine.terms.clone();
    let full = terms.due.map(words::deadline);
    let late =
        (terms.phase == Phase::Late).then(|| view! { <Badge tone=Tone::Late>"Late answers still taken"</Badge> });
    let (title, course) = (mine.place.title.clone(), mine.place.course_code.clone());
    view! {
        <li class="due-row">
            <div class="due-words">
                <p class="due-title"><a href=href>{title}</a></p>
                <p class="small muted">{course}</p>
            </div>
            <div class="due-time">
                <p>{words::due(&terms)}</p>
                <p class="small muted num">{full}</p>
                {late}
            </div>
            <Doing mine/>
        </li>
    }
}

/// How far it is, and the one thing to do about it.
#[component]
fn Doing(mine: Mine) -> impl IntoView {
    let id = mine.place.assignment;
    let taken = matches!(mine.terms.phase, Phase::Open | Phase::Late);
    let label = |verb: &str| format!("{verb}: {}", mine.place.title);
    match &mine.standing {
        Some(Standing { submission, submitted: Some(at), .. }) => view! {
            <div class="due-doing">
                <Badge tone=Tone::Right>"Submitted"</Badge>
                <p class="small muted">{at.day_time()}</p>
            </div>
            <div class="due-act"><LinkButton href=format!("/submissions/{submission}/receipt") variant=Variant::Quiet icon=Glyph::Receipt label=label("Receipt")>"Receipt"</LinkButton></div>
        }
        .into_any(),
        Some(Standing { answered, .. }) if taken => {
            let note = words::progress(*answered, mine.questions);
            let done = Signal::stored(f64::from(*answered));
            view! {
                <div class="due-doing">
                    <Meter label="Answered" value=done max=Signal::stored(f64::from(mine.questions.max(1))) note/>
                </div>
                <div class="due-act"><LinkButton href=format!("/assignments/{id}/answer") variant=Variant::Primary label=label("Continue")>"Continue"</LinkButton></div>
            }
            .into_any()
        }
        None if taken => view! {
            <div class="due-doing"><p class="small muted">{questions(mine.questions)}</p></div>
            <div class="due-act"><LinkButton href=format!("/assignments/{id}") variant=Variant::Primary label=label("Start")>"Start"</LinkButton></div>
        }
        .into_any(),
        _ => view! {
            <div class="due-doing"><Badge tone=Tone::Late icon=Glyph::Lock>"Closed, not submitted"</Badge></div>
            <div class="due-act"></div>
        }
        .into_any(),
    }
}

fn questions(count: u32) -> String {
    if count == 1 {
        "1 question".into()
    } else {
        format!("{count} questions")
    }
}

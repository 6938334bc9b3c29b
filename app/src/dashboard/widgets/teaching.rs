//! What waits for a teacher or assistant, course by course.

use crate::assignment::widgets::PhaseBadge;
use crate::dashboard::model::{Need, Task, Taught};
use crate::time::Timestamp;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Teaching(teaching: Vec<Taught>, now: Timestamp) -> impl IntoView {
    teaching
        .into_iter()
        .map(|course| {
            let href = format!("/courses/{}", course.course);
            let new = format!("/courses/{}/assignments/new", course.course);
            let teacher = course.role == crate::course::model::Role::Teacher;
            let body = if course.assignments.is_empty() {
                let action = move || teacher.then(|| view! { <LinkButton href=new icon=Glyph::Plus>"New assignment"</LinkButton> });
                view! { <Empty title="Nothing waits for you" icon=Glyph::Check action>"Open assignments and answers to review appear here."</Empty> }.into_any()
            } else {
                let rows = course.assignments.into_iter().map(|task| view! { <Line task now/> }).collect_view();
                view! { <ul class="due-list">{rows}</ul> }.into_any()
            };
            let open = move || view! { <LinkButton href=href variant=Variant::Quiet size=Size::Small icon=Glyph::ArrowRight>"Open course"</LinkButton> };
            view! { <Panel title=course.title note=course.code actions=open>{body}</Panel> }
        })
        .collect_view()
}

#[component]
fn Line(task: Task, now: Timestamp) -> impl IntoView {
    let id = task.assignment;
    let n = task.numbers;
    let due = task.due.map(|due| {
        let word = if due.at > now { "due " } else { "was due " };
        view! { <p class="small muted">{word}<Time at=due.rfc3339() text=due.relative(now) full=format!("{} ({})", due.date_time(), due.zone())/></p> }
    });
    let (words, act) = match task.need() {
        Need::Review => (
            format!("{} to review", n.waiting + n.failed),
            Some(("Review", format!("/assignments/{id}/review"), Variant::Primary)),
        ),
        Need::Start => (
            format!("{} answers wait for your start", n.held),
            Some(("Start", format!("/assignments/{id}/grading"), Variant::Primary)),
        ),
        Need::Grading => (
            format!("{} in the grading queue", n.queued),
            Some(("Watch", format!("/assignments/{id}/grading"), Variant::Secondary)),
        ),
        Need::Publish => (
            "All graded; ready to publish".into(),
            Some(("Publish", format!("/assignments/{id}/grading"), Variant::Primary)),
        ),
        Need::Answering => (
            format!(
                "{} submitted, {} writing",
                n.submitted,
                n.started.saturating_sub(n.submitted)
            ),
            None,
        ),
        Need::Nothing => ("Nobody handed in".into(), None),
    };
    let act = act.map(|(verb, href, variant)| view! { <LinkButton href variant label=format!("{verb}: {}", task.title)>{verb}</LinkButton> });
    view! {
        <li class="due-row">
            <div class="due-words">
                <p class="due-title"><a href=format!("/assignments/{id}")>{task.title.clone()}</a></p>
                {due}
            </div>
            <div class="due-time"><PhaseBadge phase=task.phase/></div>
            <div class="due-doing"><p class="num">{words}</p></div>
            <div class="due-act">{act}</div>
        </li>
    }
}

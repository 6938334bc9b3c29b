//! The machine's suggestion and how it came to it, part by part.

use crate::grade::model::{Evidence, Machine, Met, RubricMatch, Similar, found_points, goes_with, label};
use crate::ids::AssignmentId;
use crate::points::Points;
use crate::ui::{Badge, MachineVoice, Tone};
use leptos::prelude::*;

/// The suggestion with its reasons. `for_staff` also says how sure it is and why, what it compared with and which model spoke; students
/// read why only of exact rules, and of the rubric only what goes with their points.
#[component]
pub fn Suggestion(
    machine: Machine,
    of: Points,
    #[prop(optional)] for_staff: bool,
    /// What counts in the end, where a person has decided otherwise.
    #[prop(optional, into)]
    decided: Option<Points>,
    /// Published although it waited for a person.
    #[prop(optional)]
    unseen: bool,
    /// Where the answers are reviewed; then similar answers are links.
    #[prop(optional)]
    assignment: Option<AssignmentId>,
) -> impl IntoView {
    let detail = match (for_staff, unseen) {
        (true, _) => machine.certainty(),
        (false, true) => "graded automatically; no teacher has looked at it".to_owned(),
        (false, false) => "graded automatically".to_owned(),
    };
    let Machine {
        points,
        evidence,
        model,
        confidence,
        ..
    } = machine;
    let Evidence {
        why,
        reference,
        rubric,
        similar,
        ..
    } = evidence;
    let similar = if for_staff { similar } else { Vec::new() };
    let why = Some(why).filter(|why| !why.is_empty() && (for_staff || confidence.is_none()));
    let found = found_points(&rubric);
    // The suggestion comes from the whole answer; its parts are looked for one by one.
    let apart = !rubric.is_empty() && (found.0 - points.0).abs() > of.0 / 4;
    let told = for_staff || goes_with(&rubric, decided.unwrap_or(points));
    let rubric = if told { rubric } else { Vec::new() };
    let note = (apart && for_staff).then(|| {
        view! {
            <p class="small muted">
                {format!("The parts found add up to {found}; the suggestion looks at the whole answer. Decide by the answer itself.")}
            </p>
        }
    });
    view! {
        <MachineVoice label=format!("{points} of {of}") detail>
            {why.map(|why| view! { <p>{why}</p> })}
            <Rubric rubric for_staff/>
            {note}
            {reference
                .filter(|_| for_staff)
                .map(|reference| view! { <p class="small"><span class="muted">"Closest reference: "</span>{reference}</p> })}
            {(!similar.is_empty()).then(|| view! { <Alike similar of assignment/> })}
            {for_staff.then(|| view! { <p class="small muted">"Model " <code>{model}</code></p> })}
        </MachineVoice>
    }
}

/// Graded answers like this one, with what they got.
#[component]
fn Alike(similar: Vec<Similar>, of: Points, assignment: Option<AssignmentId>) -> impl IntoView {
    let rows = similar
        .into_iter()
        .map(|one| {
            let name = label(one.grade);
            let name = match assignment {
                Some(assignment) => {
                    let href = format!("/assignments/{assignment}/review?grade={}&state=reviewed", one.grade);
                    // What is typed, and the place in the queue, stay where they are.
                    view! { <a href=href target="_blank" rel="noopener">{name}<span class="visually-hidden">" (in a new tab)"</span></a> }.into_any()
                }
                None => name.into_any(),
            };
            view! {
                <li class="alike">
                    <span class="alike-head small">{name}" "<span class="alike-points">{format!("{} of {of}", one.points)}</span>" "<span class="muted">{format!("{:.0} % alike", one.similarity * 100.0)}</span></span>
                    <span class="alike-words" dir="auto">{one.text}</span>
                </li>
            }
        })
        .collect_view();
    view! { <p class="small muted">"Most like these graded answers:"</p><ul class="alikes">{rows}</ul> }
}

/// How far each part of the rubric is met; to students, with the feedback that belongs to it.
#[component]
fn Rubric(rubric: Vec<RubricMatch>, for_staff: bool) -> impl IntoView {
    let rows = rubric
        .into_iter()
        .map(|part| {
            let met = Met::from_strength(part.strength);
            let tone = match met {
                Met::Yes => Tone::Right,
                Met::Partly => Tone::Accent,
                Met::No => Tone::Neutral,
            };
            view! {
                <li class="rubric-part">
                    <span class="rubric-met"><Badge tone>{met.word()}</Badge></span>
                    <span class="rubric-words">
                        {part.text} {(part.points != Points::ZERO).then(|| view! { <span class="muted">{worth(part.points)}</span> })}
                        {(!for_staff && !part.feedback.is_empty()).then(|| view! { <span class="rubric-feedback">{part.feedback}</span> })}
                    </span>
                </li>
            }
        })
        .collect::<Vec<_>>();
    (!rows.is_empty()).then(|| view! { <ul class="rubric-parts">{rows}</ul> })
}

/// ` (0.5 points)`, behind what they are for.
pub fn worth(points: Points) -> String {
    match points {
        Points(100) => " (1 point)".into(),
        points => format!(" ({points} points)"),
    }
}

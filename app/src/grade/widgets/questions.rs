//! One row per question of the cockpit: how far it is, and what of it needs a human.

use crate::grade::model::{Progress, QuestionProgress};
use crate::ids::{AssignmentId, QuestionId};
use crate::ui::{Column, Count, Meter, Table, Tone};
use leptos::prelude::*;

/// The rows are drawn once; only their figures move.
#[component]
pub fn QuestionRows(assignment: AssignmentId, progress: RwSignal<Progress>) -> impl IntoView {
    let columns = vec![
        Column::text("Question"),
        Column::text("Graded"),
        Column::number("Needs review"),
        Column::number("Decided"),
    ];
    let rows = progress.with_untracked(|now| {
        now.questions
            .iter()
            .map(|row| view! { <Row assignment row=row.clone() progress/> })
            .collect::<Vec<_>>()
    });
    view! { <Table caption="Questions" caption_hidden=true columns>{rows}</Table> }
}

#[component]
fn Row(assignment: AssignmentId, row: QuestionProgress, progress: RwSignal<Progress>) -> impl IntoView {
    let id = row.question;
    let figure = move |part: fn(&QuestionProgress) -> u32| Signal::derive(move || u64::from(find(progress, id, part)));
    let graded = Memo::new(move |_| find(progress, id, |row| row.graded + row.failed));
    let all = Memo::new(move |_| find(progress, id, |row| row.graded + row.failed + row.queued));
    let failed = Memo::new(move |_| find(progress, id, |row| row.failed));
    let note = Signal::derive(move || match failed.get() {
        0 => format!("{} of {}", graded.get(), all.get()),
        failed => format!("{} of {}, {failed} not gradable", graded.get(), all.get()),
    });
    let learnt = Memo::new(move |_| {
        progress.with(|now| {
            let row = now.questions.iter().find(|row| row.question == id)?;
            row.learnt.as_ref().map(|learnt| match learnt.changed {
                0 => format!("learnt from {}", learnt.decisions),
                1 => format!("learnt from {}: 1 suggestion changed", learnt.decisions),
                changed => format!("learnt from {}: {changed} suggestions changed", learnt.decisions),
            })
        })
    });
    let href = format!("/assignments/{assignment}/review?question={id}");
    let label = format!("Question {}", row.position);
    let waits = format!("{label} needs review: ");
    view! {
        <tr>
            <th scope="row" class="question-cell">
                <span class="question-name">{label.clone()}</span>
                <span class="question-prompt muted small">{row.prompt}</span>
            </th>
            <td class="question-meter">
                <Meter
                    label=label
                    hide_label=true
                    value=Signal::derive(move || f64::from(graded.get()))
                    max=Signal::derive(move || f64::from(all.get().max(1)))
                    note=note
                    tone=Tone::Machine
                />
                <span class="small muted question-note">{move || note.get()}</span>
            </td>
            <td class="num">
                <a href=href><span class="visually-hidden">{waits}</span><Count value=figure(|row| row.waiting)/></a>
            </td>
            <td class="num">
                <Count value=figure(|row| row.reviewed)/>
                {move || learnt.get().map(|words| view! { <span class="small muted question-note">{words}</span> })}
            </td>
        </tr>
    }
}

fn find(progress: RwSignal<Progress>, question: QuestionId, part: fn(&QuestionProgress) -> u32) -> u32 {
    progress.with(|progress| {
        progress
            .questions
            .iter()
            .find(|row| row.question == question)
            .map(part)
            .unwrap_or_default()
    })
}

//! The answer on top of the desk.

use super::desk::Desk;
use crate::grade::model::{ReviewItem, ReviewState};
use crate::grade::widgets::{Answer, Suggestion};
use crate::question::model::Question;
use crate::ui::{Badge, Notice, TeacherVoice, Tone};
use leptos::prelude::*;

/// The question and the answer, large, with what a person decided below.
#[component]
pub fn Paper(desk: Desk) -> impl IntoView {
    let said = move || {
        let position = desk
            .question
            .with(|question| question.as_ref().map(|question| question.position));
        let label = desk.current.with(|item| item.as_ref().map(|item| item.label.clone()));
        match (label, position) {
            (Some(label), Some(position)) => format!("{label}, question {position}"),
            _ => String::new(),
        }
    };
    view! {
        <article class="desk-paper">
            <header class="desk-head">
                <h2><span role="status">{said}</span></h2>
                {move || desk.current.with(|item| item.as_ref().map(|item| view! { <Standing state=item.state/> }))}
            </header>
            {move || desk.current.get().zip(desk.question.get()).map(|(item, question)| view! { <Sheet item question/> })}
        </article>
    }
}

/// What the machine suggests for it, and why.
#[component]
pub fn Suggested(desk: Desk) -> impl IntoView {
    let suggestion = move || {
        let machine = desk
            .current
            .with(|item| item.as_ref().and_then(|item| item.machine.clone()));
        machine.zip(
            desk.question
                .with(|question| question.as_ref().map(|question| question.points)),
        )
    };
    move || {
        suggestion().map(|(machine, of)| view! { <Suggestion machine of for_staff=true assignment=desk.assignment/> })
    }
}

#[component]
fn Standing(state: ReviewState) -> impl IntoView {
    let (tone, word) = match state {
        ReviewState::Waiting => (Tone::Review, "Needs review"),
        ReviewState::Accepted => (Tone::Machine, "Accepted"),
        ReviewState::Reviewed => (Tone::Human, "Decided"),
    };
    view! { <Badge tone>{word}</Badge> }
}

#[component]
fn Sheet(item: ReviewItem, question: Question) -> impl IntoView {
    let evidence = item.machine.as_ref().map(|machine| machine.evidence.clone());
    view! {
        <p class="question-words">{question.prompt}</p>
        <Answer answer=item.answer evidence label="Answer"/>
        {item.problem.map(|why| view! { <Notice tone=Tone::Review title="The machine could not grade this answer"><p>{why}</p></Notice> })}
        {item
            .human
            .map(|human| {
                let by = format!("{}, {}", human.by, human.at.date_time());
                let comment = (!human.comment.is_empty()).then(|| view! { <p class="comment">{human.comment.clone()}</p> });
                view! { <TeacherVoice label=format!("{} of {}", human.points, question.points) by>{comment}</TeacherVoice> }
            })}
    }
}

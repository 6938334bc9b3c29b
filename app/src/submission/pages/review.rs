//! The last look before submitting: what is answered, what is not, and what it costs to submit now.

use super::trail;
use crate::shell::FormError;
use crate::submission::api::SubmitAnswers;
use crate::submission::autosave::Autosave;
use crate::submission::model::Sheet;
use crate::submission::queue::SaveState;
use crate::submission::widgets::{OfflineStrip, SaveLine};
use crate::submission::words;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use std::collections::HashSet;

#[component]
pub fn Review(sheet: Sheet, submit: ServerAction<SubmitAnswers>) -> impl IntoView {
    let saving = Autosave::new(&sheet);
    // Answers still on their way count as given.
    let on_the_way = RwSignal::new(HashSet::new());
    let (given, now) = (sheet.answers.clone(), sheet.terms.now.at);
    Effect::new(move |_| {
        let left = saving.begin(&given, now);
        on_the_way.set(
            left.into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(question, _)| question)
                .collect(),
        );
    });
    let error = Signal::derive(move || submit.value().get().and_then(Result::err));
    let unsettled = Signal::derive(move || saving.state.with(|state| !state.is_settled()));
    let place = sheet.place.clone();
    let assignment = place.assignment;
    let answers = format!("/assignments/{assignment}/answer");
    let missing = {
        let open: Vec<_> = sheet
            .questions
            .iter()
            .filter(|question| !sheet.is_answered(question.id))
            .map(|question| question.id)
            .collect();
        move || {
            open.iter()
                .filter(|id| on_the_way.with(|coming| !coming.contains(id)))
                .count()
        }
    };
    let lead = {
        let missing = missing.clone();
        move || match missing() {
            0 => "Every question is answered.".to_owned(),
            1 => "1 question is not answered.".to_owned(),
            n => format!("{n} questions are not answered."),
        }
    };
    let rows = sheet
        .questions
        .iter()
        .map(|question| {
            let (id, done) = (question.id, sheet.is_answered(question.id));
            let badge = move || match done || on_the_way.with(|coming| coming.contains(&id)) {
                true => view! { <Badge tone=Tone::Right>"Answered"</Badge> },
                false => view! { <Badge tone=Tone::Review icon=Glyph::Minus>"Not answered"</Badge> },
            };
            let link = format!("{answers}#question-{}", question.position);
            let prompt: String = question.prompt.lines().next().unwrap_or_default().chars().take(120).collect();
            view! {
                <li class="review-row">
                    <span class="review-words"><a href=link>{format!("Question {}", question.position)}</a>" "<span class="muted">{prompt}</span></span>
                    {badge}
                </li>
            }
        })
        .collect_view();
    let pressing = words::pressing(&sheet.terms);
    let waiting = move || {
        saving.state.with(|state| match state {
            SaveState::Saved(_) => None,
            SaveState::Saving => Some("One moment: your last changes are being saved."),
            SaveState::Waiting(..) => Some("Your last changes have not reached the server yet. They are kept on this device; submit once they are saved."),
            SaveState::Refused(..) => Some("Some changes could not be saved. Go back to your answers to see which."),
        })
    };
    let label = {
        let missing = missing.clone();
        move || match missing() {
            0 => "Submit answers".to_owned(),
            1 => "Submit with 1 question open".to_owned(),
            n => format!("Submit with {n} questions open"),
        }
    };
    view! {
        <Title text=format!("Submit {}", place.title)/>
        <PageHeader title="Review and submit" lead=Signal::derive(lead) trail=Signal::stored(trail(&place, "Review and submit"))/>
        <div class="stack desk">
            <OfflineStrip saving/>
            {pressing.map(|words| view! { <Notice tone=Tone::Late icon=Glyph::Clock>{words}</Notice> })}
            <FormError error/>
            <ul class="review-rows">{rows}</ul>
            <p class="muted">"After submitting, your answers can no longer be changed. You get a signed receipt."</p>
            <SaveLine saving/>
            <p class="small" role="status">{waiting}</p>
            <ActionForm action=submit>
                <input type="hidden" name="submission" value=sheet.submission.to_string()/>
                <FormActions>
                    <Button variant=Variant::Primary icon=Glyph::Send busy=submit.pending() disabled=unsettled>{label}</Button>
                    <LinkButton href=answers.clone() icon=Glyph::ArrowLeft>"Back to the answers"</LinkButton>
                </FormActions>
            </ActionForm>
        </div>
    }
}

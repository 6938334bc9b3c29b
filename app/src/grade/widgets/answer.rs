//! An answer as the student gave it, with the words that carried the score underlined.

use crate::grade::model::{AnswerView, Evidence, Met, OptionView};
use crate::ui::{Badge, Glyph, Icon, Mark, StudentVoice, Tone};
use leptos::prelude::*;

/// The whole answer: words, chosen options, the text of an attached file.
#[component]
pub fn Answer(
    answer: AnswerView,
    #[prop(optional_no_strip)] evidence: Option<Evidence>,
    #[prop(into)] label: String,
) -> impl IntoView {
    if !answer.options.is_empty() {
        return view! { <Options label options=answer.options/> }.into_any();
    }
    let evidence = evidence.unwrap_or_default();
    let marks = marks(&evidence);
    let file = answer.file.clone();
    // Evidence points into what was graded: the words alone, or together with the file's.
    let text = match (evidence.graded_text, &answer.file) {
        (Some(graded), _) => graded,
        (None, Some(file)) if answer.text.trim().is_empty() => file.text.clone(),
        (None, Some(file)) => format!("{}\n\n{}", answer.text, file.text),
        (None, None) => answer.text.clone(),
    };
    let empty = text.trim().is_empty();
    view! {
        <div class="stack stack-tight">
            {file.map(|file| view! { <p class="answer-file small"><Icon glyph=Glyph::File/><span>{file.name}</span></p> })}
            {if empty {
                let words = if answer.file.is_some() { "No text could be read in the attached file." } else { "No answer was given." };
                view! { <p class="answer-empty muted">{words}</p> }.into_any()
            } else {
                view! { <StudentVoice label text marks/> }.into_any()
            }}
        </div>
    }
    .into_any()
}

/// What carried the score, from the words and from the rubric.
fn marks(evidence: &Evidence) -> Vec<Mark> {
    let found = evidence
        .rubric
        .iter()
        .filter(|part| Met::from_strength(part.strength) != Met::No);
    let rubric = found.filter_map(|part| {
        part.span
            .as_ref()
            .map(|span| Mark::new(span.start, span.end, part.text.as_str()))
    });
    let words = evidence
        .spans
        .iter()
        .map(|span| Mark::new(span.start, span.end, "carried the score"));
    rubric.chain(words).collect()
}

#[component]
fn Options(label: String, options: Vec<OptionView>) -> impl IntoView {
    let none = !options.iter().any(|option| option.chosen);
    let rows = options
        .into_iter()
        .map(|option| {
            let chosen = if option.chosen { "Chosen" } else { "Not chosen" };
            let verdict = match (option.correct, option.chosen) {
                (Some(true), _) => Some((Tone::Right, "Right")),
                (Some(false), true) => Some((Tone::Wrong, "Wrong")),
                _ => None,
            };
            view! {
                <li class="answer-option" class:answer-chosen=option.chosen>
                    <span class="answer-mark"><Icon glyph=if option.chosen { Glyph::Check } else { Glyph::Minus } label=chosen/></span>
                    <span class="answer-text">{option.text}</span>
                    {verdict.map(|(tone, word)| view! { <Badge tone>{word}</Badge> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="stack stack-tight">
            <p class="small muted">{label}</p>
            <ul class="answer-options">{rows}</ul>
            {none.then(|| view! { <p class="answer-empty muted">"No option was chosen."</p> })}
        </div>
    }
}

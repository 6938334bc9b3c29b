//! A question as students see it, without anything to send.

use crate::points::Points;
use crate::question::model::{Paper, QuestionPaper};
use leptos::prelude::*;

/// The question's words, its criteria, and what one could answer; nothing here can be filled in for real.
#[component]
pub fn PaperPreview(paper: QuestionPaper) -> impl IntoView {
    let points = if paper.points == Points(100) {
        "1 point".to_owned()
    } else {
        format!("{} points", paper.points)
    };
    let prompt = if paper.prompt.is_empty() {
        "This question has no text yet.".to_owned()
    } else {
        paper.prompt
    };
    let options = |texts: Vec<String>, glyph: &'static str| {
        let lines = texts
            .into_iter()
            .map(|text| view! { <li><span class="paper-mark" aria-hidden="true">{glyph}</span>{text}</li> })
            .collect_view();
        view! { <ul class="paper-options">{lines}</ul> }.into_any()
    };
    let answer = match paper.paper {
        Paper::SingleChoice { options: texts } => options(texts, "○"),
        Paper::MultipleChoice { options: texts } => options(texts, "☐"),
        Paper::TrueFalse => options(vec!["True".into(), "False".into()], "○"),
        Paper::Numeric { unit } => {
            view! { <p class="paper-line">"A number"{(!unit.is_empty()).then(|| format!(" in {unit}"))}</p> }.into_any()
        }
        Paper::ShortAnswer { allow_file } => {
            let words = if allow_file {
                "Room to write, or a file to attach."
            } else {
                "Room to write."
            };
            view! { <p class="paper-line">{words}</p> }.into_any()
        }
    };
    let rubric = (!paper.rubric.is_empty()).then(|| {
        let lines = paper
            .rubric
            .into_iter()
            .map(|(title, points)| view! { <li>{title}" "<span class="muted num">"("{points.to_string()}")"</span></li> })
            .collect_view();
        view! { <div class="small"><p class="muted">"What counts"</p><ul>{lines}</ul></div> }
    });
    view! {
        <article class="paper">
            <p class="small muted row row-between"><span>{format!("Question {}", paper.position)}</span><span class="num">{points}</span></p>
            <p class="prompt">{prompt}</p>
            {answer}
            {rubric}
        </article>
    }
}

//! One question and the paper to answer it on.

use crate::file::model::Attachment;
use crate::file::widgets::AttachFile;
use crate::ids::SubmissionId;
use crate::points::Points;
use crate::question::model::{AnswerValue, MAX_ANSWER_CHARS, Paper, QuestionPaper};
use crate::submission::autosave::Autosave;
use crate::submission::form::field;
use crate::ui::*;
use leptos::prelude::*;

/// What attaching a file needs to know.
#[derive(Clone, Debug)]
pub struct Attach {
    pub submission: SubmissionId,
    /// The file in the answer so far.
    pub attachment: Option<Attachment>,
}

/// The question with its field. Whatever is typed goes into `value` and to the journal.
#[component]
pub fn AnswerField(
    /// Place among the form's fields, from 0.
    place: usize,
    question: QuestionPaper,
    value: RwSignal<AnswerValue>,
    saving: Autosave,
    /// Only of a question that takes a file.
    attach: Option<Attach>,
) -> impl IntoView {
    let id = question.id;
    let number = question.position;
    let set = move |new: AnswerValue| {
        value.set(new.clone());
        saving.note(id, new);
    };
    let problem = Signal::derive(move || saving.problems.with(|problems| problems.get(&id).cloned()));
    let text = Signal::derive(move || value.with(|value| value.text().to_owned()));
    let chosen = Signal::derive(move || match value.get() {
        AnswerValue::Choice(chosen) => chosen.iter().map(u16::to_string).collect(),
        _ => Vec::new(),
    });
    let on_text = move |text: String| {
        let new = value.with_untracked(|old| match old {
            AnswerValue::File { file, .. } => AnswerValue::File {
                file: *file,
                text: text.clone(),
            },
            _ => AnswerValue::Text(text.clone()),
        });
        set(new);
    };
    let on_one = move |option: String| set(AnswerValue::Choice(option.parse().into_iter().collect()));
    let on_many = move |(option, on): (String, bool)| {
        let Ok(option) = option.parse::<u16>() else { return };
        let mut now = match value.get_untracked() {
            AnswerValue::Choice(chosen) => chosen,
            _ => Vec::new(),
        };
        now.retain(|other| *other != option);
        if on {
            now.push(option);
            now.sort_unstable();
        }
        set(AnswerValue::Choice(now));
    };
    let on_file = Callback::new(move |file: Option<Attachment>| {
        let text = value.with_untracked(|old| old.text().to_owned());
        set(match file {
            Some(file) => AnswerValue::File { file: file.id, text },
            None => AnswerValue::Text(text),
        });
    });
    let options = |texts: &[String]| -> Vec<Choice> {
        texts
            .iter()
            .enumerate()
            .map(|(place, text)| Choice::new(place.to_string(), text.clone()))
            .collect()
    };
    let one = move |texts: &[String]| {
        let value =
            Signal::derive(move || chosen.with(|chosen: &Vec<String>| chosen.first().cloned().unwrap_or_default()));
        view! {
            <RadioGroup name=field(place, "choice") + "[]" legend=format!("Choose one answer to question {number}") options=options(texts) value error=problem on_change=on_one/>
        }
        .into_any()
    };
    let control = match &question.paper {
        Paper::ShortAnswer { .. } => {
            view! {
                <TextArea name=field(place, "text") label=format!("Your answer to question {number}") value=text error=problem rows=7 serif=true maxlength=MAX_ANSWER_CHARS as u32 on_input=on_text/>
            }
            .into_any()
        }
        Paper::Numeric { unit } if unit.is_empty() => {
            view! { <TextField name=field(place, "text") label=format!("Your answer to question {number}") value=text error=problem hint="A number, such as 9.81" autocomplete="off" on_input=on_text/> }.into_any()
        }
        Paper::Numeric { unit } => {
            view! {
                <TextField name=field(place, "text") label=format!("Your answer to question {number}") value=text error=problem hint="A number, such as 9.81" autocomplete="off" suffix=unit.clone() on_input=on_text/>
            }
            .into_any()
        }
        Paper::SingleChoice { options } => one(options),
        Paper::TrueFalse => one(&["True".to_owned(), "False".to_owned()]),
        Paper::MultipleChoice { options: texts } => {
            view! {
                <CheckboxGroup name=field(place, "choice") + "[]" legend=format!("Choose all right answers to question {number}") options=options(texts) values=chosen error=problem on_change=on_many/>
            }
            .into_any()
        }
    };
    view! {
        <section class="answer" id=format!("question-{number}") aria-labelledby=format!("question-{number}-title")>
            <header class="answer-head">
                <h2 id=format!("question-{number}-title")>{format!("Question {number}")}</h2>
                <span class="muted small num">{points(question.points)}</span>
            </header>
            <p class="prompt">{question.prompt}</p>
            <Criteria rubric=question.rubric/>
            <input type="hidden" name=field(place, "question") value=id.to_string()/>
            {control}
            {attach.map(|Attach { submission, attachment }| view! { <AttachFile submission question=id attachment on_change=on_file/> })}
        </section>
    }
}

/// What counts, as far as it is told before grading.
#[component]
fn Criteria(rubric: Vec<(String, Points)>) -> impl IntoView {
    (!rubric.is_empty()).then(|| {
        let lines = rubric
            .into_iter()
            .map(|(title, worth)| view! { <li>{title}" "<span class="muted num">"("{points(worth)}")"</span></li> })
            .collect_view();
        view! {
            <details class="criteria small">
                <summary>"What counts"</summary>
                <ul>{lines}</ul>
            </details>
        }
    })
}

/// `1 point`, `2.5 points`
pub fn points(worth: Points) -> String {
    if worth == Points(100) {
        "1 point".into()
    } else {
        format!("{worth} points")
    }
}

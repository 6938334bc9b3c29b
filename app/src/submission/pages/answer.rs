//! The answer page: the questions, paper to write on, and the state of saving at the edge.

use super::review::Review;
use super::{id_in_path, trail};
use crate::assignment::model::Phase;
use crate::file::model::Attachment;
use crate::file::widgets::AttachedFile;
use crate::ids::{AssignmentId, QuestionId};
use crate::question::model::{AnswerValue, Paper, QuestionPaper};
use crate::shell::{FormError, loaded};
use crate::submission::api::{SaveAnswers, SubmitAnswers, open_sheet};
use crate::submission::autosave::Autosave;
use crate::submission::model::Sheet;
use crate::submission::widgets::{AnswerField, Attach, LeftBehind, OfflineStrip, SaveLine};
use crate::submission::words;
use crate::ui::*;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::wasm_bindgen::JsCast;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};
use std::collections::HashMap;

#[component]
pub fn AnswerPage() -> impl IntoView {
    let id = id_in_path::<AssignmentId>("assignment", "The assignment");
    let query = use_query_map();
    let step = Memo::new(move |_| query.with(|query| query.get("step")).unwrap_or_default());
    // The step is part of the key: reviewing reads anew what is saved.
    let sheet = Resource::new_blocking(
        move || (id(), step.get() == "review"),
        |(id, _)| async move { open_sheet(id?).await },
    );
    let submit = ServerAction::<SubmitAnswers>::new();
    view! {
        {loaded(sheet, move |sheet| {
            let open = matches!(sheet.terms.phase, Phase::Open | Phase::Late);
            if sheet.submitted.is_some() || !open {
                view! { <Finished sheet/> }.into_any()
            } else if step.get_untracked() == "review" {
                view! { <Review sheet submit/> }.into_any()
            } else {
                view! { <Desk sheet just_saved=step.get_untracked() == "saved"/> }.into_any()
            }
        })}
    }
}

#[component]
fn Desk(sheet: Sheet, just_saved: bool) -> impl IntoView {
    let saving = Autosave::new(&sheet);
    let values: Vec<(QuestionId, RwSignal<AnswerValue>)> = sheet
        .questions
        .iter()
        .map(|question| (question.id, RwSignal::new(starting(&sheet, question))))
        .collect();
    let (fields, given, now) = (values.clone(), sheet.answers.clone(), sheet.terms.now.at);
    Effect::new(move |_| {
        let mut left = saving.begin(&given, now);
        for (question, value) in &fields {
            if let Some(kept) = left.remove(question) {
                value.set(kept);
            }
        }
    });
    let progress = {
        let values = values.clone();
        move || {
            let answered = values
                .iter()
                .filter(|(_, value)| value.with(|value| !value.is_empty()))
                .count();
            words::progress(answered as u32, values.len() as u32)
        }
    };
    let review = format!("/assignments/{}/answer?step=review", sheet.place.assignment);
    let navigate = use_navigate();
    // With script everything is in the journal's hands already; the form is for browsers without.
    let leaving = RwSignal::new(false);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        leaving.set(true);
        let (navigate, review) = (navigate.clone(), review.clone());
        saving.settle(move || navigate(&review, Default::default()));
    };
    let failed = ServerAction::<SaveAnswers>::new();
    let error = Signal::derive(move || failed.value().get().and_then(Result::err));
    let place = sheet.place.clone();
    let submission = sheet.submission;
    let pressing = words::pressing(&sheet.terms);
    let saved = just_saved.then_some(sheet.saved).flatten();
    let mut attached: HashMap<QuestionId, Attachment> = sheet
        .questions
        .iter()
        .filter_map(|question| Some((question.id, sheet.attachment(question.id)?.clone())))
        .collect();
    let fields = sheet
        .questions
        .into_iter()
        .zip(values)
        .enumerate()
        .map(|(place, (question, (id, value)))| {
            let attach = attaches(&question).then(|| Attach {
                submission,
                attachment: attached.remove(&id),
            });
            view! { <AnswerField place question value saving attach/> }
        })
        .collect_view();
    view! {
        <Title text=place.title.clone()/>
        <PageHeader title=place.title.clone() trail=Signal::stored(trail(&place, "Answer")) lead=words::due(&sheet.terms)/>
        <div class="save-edge">
            <SaveLine saving/>
            <span class="small muted num needs-script">{progress}</span>
        </div>
        <div class="stack desk">
            <OfflineStrip saving/>
            {pressing.map(|words| view! { <Notice tone=Tone::Late icon=Glyph::Clock>{words}</Notice> })}
            {saved.map(|at| view! { <Notice tone=Tone::Right icon=Glyph::Check>{format!("Your answers are saved ({}).", at.clock())}</Notice> })}
            <FormError error/>
            <form method="post" action=SaveAnswers::url() class="stack stack-loose" id="answers" on:submit=on_submit on:keydown=keep_enter>
                <input type="hidden" name="submission" value=submission.to_string()/>
                {fields}
                <FormActions>
                    <Button variant=Variant::Primary icon=Glyph::ArrowRight name="next" value="review" busy=leaving>"Review and submit"</Button>
                    <span class="without-script"><Button name="next" value="stay">"Save answers"</Button></span>
                </FormActions>
            </form>
        </div>
    }
}

/// Enter in a field of one line is not a wish to hand in.
fn keep_enter(event: KeyboardEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<leptos::web_sys::HtmlInputElement>().ok());
    if event.key() == "Enter" && target.is_some_and(|input| input.type_() != "file") {
        event.prevent_default();
    }
}

fn attaches(question: &QuestionPaper) -> bool {
    matches!(question.paper, Paper::ShortAnswer { allow_file: true })
}

/// What a field shows before anything else is known.
fn starting(sheet: &Sheet, question: &QuestionPaper) -> AnswerValue {
    sheet.given(question.id).map_or_else(
        || match question.paper {
            Paper::ShortAnswer { .. } | Paper::Numeric { .. } => AnswerValue::Text(String::new()),
            _ => AnswerValue::Choice(Vec::new()),
        },
        |given| given.value.clone(),
    )
}

/// After the submission or the end: one's own answers, to read.
#[component]
fn Finished(sheet: Sheet) -> impl IntoView {
    let place = sheet.place.clone();
    let submission = sheet.submission;
    let note = match sheet.submitted {
        Some(at) => view! {
            <Notice tone=Tone::Right icon=Glyph::Check title="Submitted">
                {format!("on {} ({}). ", at.date_time(), at.zone())} <a href=format!("/submissions/{submission}/receipt")>"Your receipt"</a>
            </Notice>
        }
        .into_any(),
        None => view! {
            <Notice tone=Tone::Late icon=Glyph::Lock title="Closed">"This assignment takes no more answers, and yours were not submitted. What was saved is below."</Notice>
        }
        .into_any(),
    };
    let answers = sheet.questions.iter().map(|question| view! { <Written question=question.clone() value=starting(&sheet, question) file=sheet.attachment(question.id).cloned()/> }).collect_view();
    view! {
        <Title text=place.title.clone()/>
        <PageHeader title=place.title.clone() trail=Signal::stored(trail(&place, "Your answers"))/>
        <div class="stack desk">{note} <LeftBehind submission/> {answers}</div>
    }
}

/// A question and what was written, to read.
#[component]
fn Written(question: QuestionPaper, value: AnswerValue, file: Option<Attachment>) -> impl IntoView {
    let number = question.position;
    let words = written(&question.paper, &value);
    let body = match words {
        None if file.is_some() => ().into_any(),
        None => view! { <p class="muted">"Not answered"</p> }.into_any(),
        Some(text) => view! { <StudentVoice text label=format!("Your answer to question {number}")/> }.into_any(),
    };
    let file = file.map(|attachment| view! { <AttachedFile attachment/> });
    view! {
        <section class="answer">
            <header class="answer-head"><h2>{format!("Question {number}")}</h2></header>
            <p class="prompt">{question.prompt}</p>
            {body} {file}
        </section>
    }
}

/// An answer as text to read; none when there is nothing to read.
fn written(paper: &Paper, value: &AnswerValue) -> Option<String> {
    let options: Vec<String> = match paper {
        Paper::SingleChoice { options } | Paper::MultipleChoice { options } => options.clone(),
        Paper::TrueFalse => vec!["True".into(), "False".into()],
        Paper::ShortAnswer { .. } | Paper::Numeric { .. } => Vec::new(),
    };
    match (value, paper) {
        (AnswerValue::Choice(chosen), _) if !chosen.is_empty() => Some(
            chosen
                .iter()
                .filter_map(|place| options.get(usize::from(*place)).cloned())
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        (AnswerValue::Text(text) | AnswerValue::File { text, .. }, Paper::Numeric { unit })
            if !text.trim().is_empty() =>
        {
            Some(format!("{text} {unit}"))
        }
        (AnswerValue::Text(text) | AnswerValue::File { text, .. }, _) if !text.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}

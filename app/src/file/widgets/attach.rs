//! Attaching a file while answering: choose or drop, watch it go, see what was read.

use super::AttachedFile;
use crate::file::model::{Attachment, FileKind, FileState, size_text};
use crate::ids::{QuestionId, SubmissionId};
use crate::ui::*;
use leptos::prelude::*;

/// How far the upload is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser sends files"))]
pub(super) enum Step {
    Idle,
    Sending { sent: f64, total: f64 },
    Checking,
    Removing,
    Failed(String),
}

/// Attaches one file to the answer of `question`. `on_change` hears of a file that is ready and of its removal; the page then
/// changes its answer. Without script it is a button of the surrounding form, which leads to a page of its own after saving:
/// `next=attach-<question>`.
#[component]
pub fn AttachFile(
    submission: SubmissionId,
    question: QuestionId,
    /// What is attached already.
    attachment: Option<Attachment>,
    on_change: Callback<Option<Attachment>>,
) -> impl IntoView {
    let attached = RwSignal::new(attachment);
    let step = RwSignal::new(Step::Idle);
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let work = Work::new(submission, question, attached, step, on_change);

    let taken = Memo::new(move |_| attached.with(|file| file.as_ref().is_some_and(Attachment::is_ready)));
    let error = Signal::derive(move || match step.get() {
        Step::Failed(words) => Some(words),
        _ => attached
            .get()
            .filter(|file| file.state == FileState::Rejected)
            .and_then(|file| file.problem.map(|why| format!("{}: {why}", file.name))),
    });
    let busy = Memo::new(move |_| matches!(step.get(), Step::Sending { .. } | Step::Checking | Step::Removing));
    let send = Callback::new(move |files: Vec<PickedFile>| work.send(files));
    let drop_name = format!("file-{question}");

    view! {
        <div class="stack stack-tight">
            {move || attached.get().filter(Attachment::is_ready).map(|attachment| view! { <AttachedFile attachment /> })}
            <Show when=move || busy.get()>
                <Under step work />
            </Show>
            <Show when=move || scripted.get() && taken.get() && !busy.get()>
                <div class="row">
                    <Button size=Size::Small icon=Glyph::Trash on_click=move |_| work.remove()>"Remove the file"</Button>
                    {move || error.get().map(|words| view! { <Notice tone=Tone::Wrong urgent=true>{words}</Notice> })}
                </div>
            </Show>
            <Show when=move || scripted.get() && !taken.get() && !busy.get()>
                <FileDrop
                    name=drop_name.clone()
                    label="Attach a file"
                    hint="PDF, DOCX, TXT or Markdown. Its text is read and graded like a written answer."
                    accept=FileKind::ACCEPT
                    error
                    on_files=send
                />
                <Show when=move || work.can_retry()>
                    <div class="row">
                        <Button size=Size::Small on_click=move |_| work.retry()>"Try the same file again"</Button>
                    </div>
                </Show>
            </Show>
            <Show when=move || !scripted.get()>
                <div class="row">
                    <Button size=Size::Small icon=Glyph::Upload name="next" value=format!("attach-{question}")>
                        {move || if taken.get() { "Save and change the file" } else { "Save and attach a file" }}
                    </Button>
                </div>
            </Show>
        </div>
    }
}

/// What is under way.
#[component]
fn Under(step: RwSignal<Step>, work: Work) -> impl IntoView {
    let value = Signal::derive(move || match step.get() {
        Step::Sending { sent, total } if total > 0.0 => sent / total,
        _ => 1.0,
    });
    let note = Signal::derive(move || match step.get() {
        Step::Sending { sent, total } => format!("{} of {}", size_text(sent as i64), size_text(total as i64)),
        Step::Checking => "Reading the text…".into(),
        Step::Removing => "Removing…".into(),
        _ => String::new(),
    });
    let sending = Memo::new(move |_| matches!(step.get(), Step::Sending { .. }));
    // Said once for each step; the figures change too often to be read out.
    let said = Memo::new(move |_| match step.get() {
        Step::Sending { .. } => "Sending the file",
        Step::Checking => "Reading the text",
        Step::Removing => "Removing the file",
        _ => "",
    });
    view! {
        <p class="visually-hidden" role="status">{said}</p>
        <div>
            {move || {
                if sending.get() {
                    view! { <Progress label="Sending the file" value=value note=note /> }.into_any()
                } else {
                    view! { <Progress label="One moment" note=note /> }.into_any()
                }
            }}
        </div>
        <Show when=move || sending.get()>
            <div class="row">
                <Button size=Size::Small on_click=move |_| work.cancel()>"Cancel"</Button>
            </div>
        </Show>
    }
}

#[cfg(feature = "hydrate")]
use super::send::Work;

/// On the server nothing is ever under way.
#[cfg(not(feature = "hydrate"))]
#[derive(Clone, Copy)]
struct Work;

#[cfg(not(feature = "hydrate"))]
impl Work {
    fn new(
        _: SubmissionId,
        _: QuestionId,
        _: RwSignal<Option<Attachment>>,
        _: RwSignal<Step>,
        _: Callback<Option<Attachment>>,
    ) -> Work {
        Work
    }
    fn send(self, _: Vec<PickedFile>) {}
    fn retry(self) {}
    fn can_retry(self) -> bool {
        false
    }
    fn cancel(self) {}
    fn remove(self) {}
}

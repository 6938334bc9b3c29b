//! `/questions/:question/edit`: the question's words, points and key, and beside it what students see of it.

use super::unsaved::{KeepUnsaved, Whose};
use crate::assignment::pages::{failure, id_in_path, in_query, load, successes};
use crate::assignment::text::counted;
use crate::error::AppError;
use crate::ids::QuestionId;
use crate::question::api::{RemoveQuestion, UpdateQuestion, question_for_edit};
use crate::question::content::MAX_PROMPT;
use crate::question::form::QuestionForm;
use crate::question::view::QuestionEditor;
use crate::question::widgets::{Draft, KeyEditor, PaperPreview, ReferenceEditor, RubricEditor, write};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn EditQuestionPage() -> impl IntoView {
    let id = id_in_path::<QuestionId>("question", "The question");
    let update = ServerAction::<UpdateQuestion>::new();
    let remove = ServerAction::<RemoveQuestion>::new();
    let saved = successes(update);
    let removed = successes(remove);
    forget_what_is_saved(id, update.pending(), saved);
    forget_what_is_saved(id, remove.pending(), removed);
    let editor = Resource::new_blocking(move || (id.get(), saved.get()), |(id, _)| load(id, question_for_edit));
    view! { {loaded(editor, move |editor| view! { <Sheet editor update remove/> })} }
}

/// What is saved or removed needs no draft; what was typed while it was under way does.
fn forget_what_is_saved(id: Memo<Result<QuestionId, AppError>>, pending: Memo<bool>, done: Memo<u32>) {
    let sent = StoredValue::new(None);
    Effect::new(move |_| {
        if pending.get() {
            let whose = id.get_untracked().ok().and_then(Whose::own);
            sent.set_value(whose.map(|whose| (whose, whose.kept())));
        }
    });
    Effect::new(move |_| {
        if done.get() > 0
            && let Some((whose, form)) = sent.get_value()
            && whose.kept() == form
        {
            whose.forget();
        }
    });
}

#[component]
fn Sheet(
    editor: QuestionEditor,
    update: ServerAction<UpdateQuestion>,
    remove: ServerAction<RemoveQuestion>,
) -> impl IntoView {
    let position = editor.question.position;
    let back = format!("/assignments/{}/edit", editor.assignment);
    let title = format!("Question {position}");
    let trail = vec![
        Crumb::new("Courses", "/courses"),
        Crumb::new(editor.course.code.clone(), format!("/courses/{}", editor.course.id)),
        Crumb::new(editor.assignment_title.clone(), format!("{back}#questions")),
        Crumb::here(title.clone()),
    ];
    let kind = editor.question.key.kind().label();
    let lead = format!("{position} of {} in {}", editor.of, editor.assignment_title);
    let paper = editor.question.paper();
    view! {
        <Title text=format!("{title} · {}", editor.assignment_title)/>
        <PageHeader title lead trail=Signal::stored(trail) badge=move || view! { <Badge icon=Glyph::Pen>{kind}</Badge> }/>
        <Done error=failure(update)/>
        <div class="split">
            <div class="stack">
                <Effects editor=editor.clone()/>
                <Form editor=editor.clone() update/>
            </div>
            <aside class="stack" aria-label="Preview">
                <Panel title="What students see" note="As saved"><PaperPreview paper/></Panel>
                <Removing editor remove/>
            </aside>
        </div>
    }
}

#[component]
fn Done(error: Signal<Option<AppError>>) -> impl IntoView {
    let done = in_query("done");
    move || {
        if error.with(Option::is_some) {
            return None; // the newer news
        }
        let words = match done.get()?.parse::<u64>().unwrap_or(0) {
            0 => "The question is saved.".to_owned(),
            n => format!(
                "The question is saved. {} graded again now.",
                counted(n, "answer is", "answers are")
            ),
        };
        Some(view! { <div class="page-news"><Notice tone=Tone::Right icon=Glyph::Check>{words}</Notice></div> })
    }
}

/// What a change will do to those who have already begun, or why there can be none.
#[component]
fn Effects(editor: QuestionEditor) -> impl IntoView {
    if editor.course.archived {
        return view! { <Notice icon=Glyph::Lock>"The course is archived: restore it to change anything."</Notice> }
            .into_any();
    }
    if !editor.may_edit {
        return view! { <Notice icon=Glyph::Lock>"You see everything here; teachers of the course can change it."</Notice> }.into_any();
    }
    if editor.grades_published {
        return view! { <Notice icon=Glyph::Lock title="Grades are published,">"so questions are fixed. Take the grades back first."</Notice> }.into_any();
    }
    if editor.submitted > 0 {
        let answers = counted(editor.submitted.into(), "answer", "answers");
        let words = format!(
            "{answers} to this question handed in. Changing points, key, references or rubric grades them again; what a person decided stays."
        );
        return view! { <Notice tone=Tone::Machine title="Graded again">{words}</Notice> }.into_any();
    }
    if editor.started > 0 {
        let have = if editor.started == 1 {
            "student has"
        } else {
            "students have"
        };
        let words = format!("{} {have} begun to answer and will see your change.", editor.started);
        return view! { <Notice tone=Tone::Review>{words}</Notice> }.into_any();
    }
    ().into_any()
}

#[component]
fn Form(editor: QuestionEditor, update: ServerAction<UpdateQuestion>) -> impl IntoView {
    let error = failure(update);
    let stored = QuestionForm::from(&editor.question);
    let (seen, form) = editor.typed.clone().unwrap_or_else(|| (editor.seen, stored.clone()));
    let draft = Draft::new(form, error);
    let kind = editor.question.key.kind();
    let open = editor.open();
    let unsaved = open.then(|| view! { <KeepUnsaved editor=editor.clone() draft stored/> });
    let short = kind.is_free_text().then(|| {
        view! {
            {editor.question.warning().map(|warning| view! { <Notice tone=Tone::Review icon=Glyph::Spark>{warning}</Notice> })}
            <ReferenceEditor draft/>
            <RubricEditor draft/>
        }
    });
    let label = if kind == crate::question::model::QuestionKind::TrueFalse {
        "Statement"
    } else {
        "Question"
    };
    view! {
        {unsaved}
        <FormError error/>
        <ActionForm action=update>
            <input type="hidden" name="question" value=editor.question.id.to_string()/>
            <input type="hidden" name="seen" value=seen.0.to_string()/>
            <fieldset class="plain stack" disabled=!open>
                <TextArea name="form[prompt]" id="f-prompt" label=label required=true rows=4 maxlength=MAX_PROMPT as u32
                    value=draft.prompt on_input=write(draft.prompt) error=draft.wrong("prompt")/>
                <div class="short-field">
                    <TextField name="form[points]" id="f-points" label="Points" required=true suffix="points" hint="Up to two decimals, such as 2 or 2.5." autocomplete="off"
                        value=draft.points on_input=write(draft.points) error=draft.wrong("points")/>
                </div>
                <KeyEditor draft kind started={editor.started > 0}/>
                {short}
                <FormActions>
                    <Button variant=Variant::Primary busy=update.pending() name="then" value="back">"Save"</Button>
                    <Button name="then" value="stay" disabled=update.pending()>"Save and stay here"</Button>
                    <LinkButton href=format!("/assignments/{}/edit#questions", editor.assignment) variant=Variant::Quiet>"Cancel"</LinkButton>
                </FormActions>
            </fieldset>
        </ActionForm>
    }
}

/// Removing, while students see nothing yet.
#[component]
fn Removing(editor: QuestionEditor, remove: ServerAction<RemoveQuestion>) -> impl IntoView {
    let possible = editor.open() && !editor.published && editor.started == 0;
    possible.then(|| {
        view! {
            <FormError error=failure(remove)/>
            <Confirm label="Remove question…" variant=Variant::Quiet icon=Glyph::Trash>
                <p>{format!("This removes question {} with its key for good. The questions behind it move up.", editor.question.position)}</p>
                <ActionForm action=remove>
                    <input type="hidden" name="question" value=editor.question.id.to_string()/>
                    <Button variant=Variant::Danger icon=Glyph::Trash busy=remove.pending()>"Remove question"</Button>
                </ActionForm>
            </Confirm>
        }
    })
}

//! `/assignments/:assignment/edit`: questions, text and dates, publishing.

use super::{failure, id_in_path, in_query, load, successes};
use crate::assignment::api::{
    DeleteAssignment, PublishAssignment, UnpublishAssignment, UpdateAssignment, assignment_for_staff,
};
use crate::assignment::content::AssignmentForm;
use crate::assignment::view::StaffAssignment;
use crate::assignment::widgets::{AssignmentFields, Deleting, PhaseBadge, Publishing, QuestionList};
use crate::ids::{AssignmentId, QuestionId};
use crate::question::api::{AddQuestion, MoveQuestion};
use crate::question::widgets::PaperPreview;
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page's actions, and what was typed but not saved: kept outside of what is drawn anew after each change.
#[derive(Clone, Copy)]
struct Desk {
    update: ServerAction<UpdateAssignment>,
    publish: ServerAction<PublishAssignment>,
    unpublish: ServerAction<UnpublishAssignment>,
    delete: ServerAction<DeleteAssignment>,
    add: ServerAction<AddQuestion>,
    moving: ServerAction<MoveQuestion>,
    /// Of which assignment, the version that was on screen when typing began, and the form since.
    draft: StoredValue<Option<(AssignmentId, i32, AssignmentForm)>>,
    /// The question that moved last, and which way: its button gets the focus back.
    moved: StoredValue<Option<(QuestionId, String)>>,
}

#[component]
pub fn EditAssignmentPage() -> impl IntoView {
    let desk = Desk {
        update: ServerAction::new(),
        publish: ServerAction::new(),
        unpublish: ServerAction::new(),
        delete: ServerAction::new(),
        add: ServerAction::new(),
        moving: ServerAction::new(),
        draft: StoredValue::new(None),
        moved: StoredValue::new(None),
    };
    Effect::new(move |_| {
        if let Some(input) = desk.moving.input().get() {
            desk.moved.set_value(Some((input.question, input.direction)));
        }
    });
    let id = id_in_path::<AssignmentId>("assignment", "The assignment");
    let (saved, published, unpublished, moved) = (
        successes(desk.update),
        successes(desk.publish),
        successes(desk.unpublish),
        successes(desk.moving),
    );
    let changes = move || (id.get(), saved.get(), published.get(), unpublished.get(), moved.get());
    let assignment = Resource::new_blocking(changes, |(id, ..)| load(id, assignment_for_staff));
    Effect::new(move |_| {
        // What was typed is saved now; the next drawing begins from the database.
        if saved.get() > 0 {
            desk.draft.set_value(None);
        }
    });
    Effect::new(move |before: Option<u32>| {
        // Publishing makes a version of its own; what is still being typed goes on from that one.
        let now = published.get() + unpublished.get();
        if before.is_some_and(|before| now > before) {
            desk.draft.update_value(|draft| {
                if let Some((_, version, _)) = draft {
                    *version += 1;
                }
            });
        }
        now
    });
    view! { {loaded(assignment, move |assignment| view! { <Sheet assignment desk/> })} }
}

#[component]
fn Sheet(assignment: StaffAssignment, desk: Desk) -> impl IntoView {
    let title = assignment.title.clone();
    let trail = vec![
        Crumb::new("Courses", "/courses"),
        Crumb::new(
            assignment.course.code.clone(),
            format!("/courses/{}", assignment.course.id),
        ),
        Crumb::new(title.clone(), format!("/assignments/{}", assignment.id)),
        Crumb::here("Edit"),
    ];
    let phase = assignment.phase;
    let overview = format!("/assignments/{}", assignment.id);
    let note = format!(
        "{} · {} points",
        crate::assignment::text::counted(assignment.questions.len() as u64, "question", "questions"),
        assignment.total()
    );
    let look_only = (!assignment.may_edit).then(|| view! { <LookOnly archived=assignment.course.archived/> });
    let whole = StoredValue::new(assignment);
    view! {
        <Title text=format!("Edit {title}")/>
        <PageHeader
            title=title
            trail=Signal::stored(trail)
            badge=move || view! { <PhaseBadge phase/> }
            actions=move || view! { <LinkButton href=overview icon=Glyph::Eye>"Overview"</LinkButton> }
        />
        <Done desk/>
        {look_only}
        <div class="split">
            <div class="stack">
                <Panel title="Questions" note=note id="questions" flush=true>
                    <FormError error=failure(desk.add)/>
                    <FormError error=failure(desk.moving)/>
                    <QuestionList assignment=whole.get_value() add=desk.add moving=desk.moving moved=desk.moved/>
                </Panel>
                <Panel title="Text and dates" id="details"><Details assignment=whole.get_value() desk/></Panel>
                <Preview assignment=whole.get_value()/>
            </div>
            <div class="stack">
                <Panel title="Publish" id="publish">
                    <div class="stack stack-tight"><Publishing assignment=whole.get_value() publish=desk.publish unpublish=desk.unpublish/></div>
                </Panel>
                <Deleting assignment=whole.get_value() delete=desk.delete/>
            </div>
        </div>
    }
}

/// What has just been done, said once more after the page came back.
#[component]
fn Done(desk: Desk) -> impl IntoView {
    let (done, requeued) = (in_query("done"), in_query("requeued"));
    let failures = [
        failure(desk.update),
        failure(desk.publish),
        failure(desk.unpublish),
        failure(desk.delete),
        failure(desk.add),
        failure(desk.moving),
    ];
    move || {
        if failures.iter().any(|failure| failure.with(Option::is_some)) {
            return None; // the newer news
        }
        let words = match done.get().as_deref()? {
            "created" => "The draft is there. Now add its questions.".to_owned(),
            "saved" => "Text and dates are saved.".into(),
            "published" => "Published. Students see the assignment now.".into(),
            "unpublished" => "It is a draft again. Students no longer see it.".into(),
            "removed" => "The question is removed.".into(),
            "question" => match requeued.get().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) {
                0 => "The question is saved.".into(),
                n => format!(
                    "The question is saved. {} graded again now.",
                    crate::assignment::text::counted(n, "answer is", "answers are")
                ),
            },
            _ => return None,
        };
        Some(view! { <div class="page-news"><Notice tone=Tone::Right icon=Glyph::Check>{words}</Notice></div> })
    }
}

#[component]
fn LookOnly(archived: bool) -> impl IntoView {
    let words = if archived {
        "The course is archived: restore it to change anything."
    } else {
        "You see everything here; teachers of the course can change it."
    };
    view! { <div class="page-news"><Notice icon=Glyph::Lock>{words}</Notice></div> }
}

/// The form of title, instructions and dates.
#[component]
fn Details(assignment: StaffAssignment, desk: Desk) -> impl IntoView {
    let (id, loaded) = (assignment.id, assignment.form());
    let kept = desk
        .draft
        .get_value()
        .filter(|(of, ..)| *of == id)
        .map(|(_, version, form)| (version, form));
    let (version, form) = kept
        .or(assignment.typed.clone())
        .unwrap_or_else(|| (assignment.version, loaded.clone()));
    let typed = RwSignal::new(form);
    // What differs from the database survives being drawn again, with the version it began from.
    Effect::new(move |_| {
        let form = typed.get();
        desk.draft.set_value((form != loaded).then_some((id, version, form)));
    });
    let error = failure(desk.update);
    let fixed = assignment.grades_published.is_some();
    view! {
        <FormError error/>
        {fixed.then(|| view! { <Notice icon=Glyph::Lock>"Grades are published, so dates and deduction are fixed. The text can still be changed."</Notice> })}
        <ActionForm action=desk.update>
            <input type="hidden" name="assignment" value=assignment.id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            <fieldset class="plain stack" disabled=!assignment.may_edit>
                <AssignmentFields typed error time_zone=assignment.course.time_zone.clone() fixed/>
                <FormActions><Button busy=desk.update.pending()>"Save text and dates"</Button></FormActions>
            </fieldset>
        </ActionForm>
    }
}

/// The whole assignment as a student will see it.
#[component]
fn Preview(assignment: StaffAssignment) -> impl IntoView {
    let papers: Vec<_> = assignment.questions.iter().map(|question| question.paper()).collect();
    (!papers.is_empty()).then(|| {
        let instructions = assignment.instructions.clone();
        view! {
            <details class="preview">
                <summary class="button button-quiet"><Icon glyph=Glyph::Eye/><span class="button-label">"See it as students do"</span></summary>
                <div class="preview-sheet stack stack-loose">
                    {(!instructions.is_empty()).then(|| view! { <p class="prompt">{instructions}</p> })}
                    {papers.into_iter().map(|paper| view! { <PaperPreview paper/> }).collect_view()}
                </div>
            </details>
        }
    })
}

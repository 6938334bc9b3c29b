//! Publishing an assignment, taking it back, deleting it: each says in numbers what will happen.

use crate::assignment::api::{DeleteAssignment, PublishAssignment, UnpublishAssignment};
use crate::assignment::pages::failure;
use crate::assignment::text::counted;
use crate::assignment::view::StaffAssignment;
use crate::shell::FormError;
use crate::ui::*;
use leptos::prelude::*;

/// What students see now, and the button that changes it.
#[component]
pub fn Publishing(
    assignment: StaffAssignment,
    publish: ServerAction<PublishAssignment>,
    unpublish: ServerAction<UnpublishAssignment>,
) -> impl IntoView {
    let (id, version) = (assignment.id.to_string(), assignment.version.to_string());
    let may_edit = assignment.may_edit;
    match assignment.published {
        None => view! {
            <p><strong>{assignment.publish_words()}"."</strong></p>
            <p class="small muted">{when(&assignment)}</p>
            <Open assignment=assignment.clone()/>
            <FormError error=failure(publish)/>
            {may_edit.then(|| view! {
                <ActionForm action=publish>
                    <input type="hidden" name="assignment" value=id/>
                    <input type="hidden" name="version" value=version/>
                    <Button variant=Variant::Primary icon=Glyph::Send busy=publish.pending() disabled=assignment.questions.is_empty() full=true>
                        {format!("Publish to {}", counted(assignment.course.students.into(), "student", "students"))}
                    </Button>
                </ActionForm>
            })}
        }
        .into_any(),
        Some(since) => view! {
            <p>"Published "<Time at=since.rfc3339() text=since.relative(assignment.now) full=since.date_time()/>". "{when(&assignment)}</p>
            {match assignment.started {
                0 => view! {
                    <p class="small muted">"Nobody has begun to answer. Until then you can make it a draft again, to add, move or remove questions."</p>
                    <FormError error=failure(unpublish)/>
                    {may_edit.then(|| view! {
                        <ActionForm action=unpublish>
                            <input type="hidden" name="assignment" value=id/>
                            <input type="hidden" name="version" value=version/>
                            <Button icon=Glyph::Undo busy=unpublish.pending() full=true>"Make it a draft again"</Button>
                        </ActionForm>
                    })}
                }
                .into_any(),
                started => {
                    let have = if started == 1 { "has" } else { "have" };
                    let students = counted(started.into(), "student", "students");
                    view! {
                        <p class="small muted">
                            {format!("{students} {have} begun, so the number and the order of questions are fixed. Words, points and keys can still be changed.")}
                        </p>
                    }
                    .into_any()
                }
            }}
        }
        .into_any(),
    }
}

/// Until when answers are taken.
fn when(assignment: &StaffAssignment) -> String {
    let zone = &assignment.course.time_zone;
    match (assignment.due, assignment.closes) {
        (Some(due), Some(closes)) if closes.at > due.at => {
            let percent = assignment.late_percent_per_day;
            format!(
                "Due {}, late answers with {percent} % less a day until {} ({zone}).",
                due.date_time(),
                closes.date_time()
            )
        }
        (Some(due), _) => format!("Due {} ({zone}); nothing is taken afterwards.", due.date_time()),
        (None, Some(closes)) => format!("Closes {} ({zone}).", closes.date_time()),
        (None, None) => "There is no deadline: answers are taken until you set one.".into(),
    }
}

/// What is still missing, and what is worth knowing.
#[component]
fn Open(assignment: StaffAssignment) -> impl IntoView {
    let line = |position: i32, words: String| view! { <li>{format!("Question {position}: {words}")}</li> };
    let of = |words: fn(&crate::question::model::Question) -> Option<String>| {
        assignment
            .questions
            .iter()
            .filter_map(|question| words(question).map(|text| (question.position, text)))
            .collect::<Vec<_>>()
    };
    let unfinished = of(|question| question.unfinished());
    let warnings = of(|question| question.warning().map(str::to_owned));
    view! {
        {(!unfinished.is_empty()).then(|| view! {
            <Notice tone=Tone::Late title="To finish first"><ul>{unfinished.into_iter().map(|(n, text)| line(n, text)).collect_view()}</ul></Notice>
        })}
        {(!warnings.is_empty()).then(|| view! {
            <Notice tone=Tone::Review title="Good to know"><ul>{warnings.into_iter().map(|(n, text)| line(n, text)).collect_view()}</ul></Notice>
        })}
    }
}

/// Deleting, while nobody has begun to answer.
#[component]
pub fn Deleting(assignment: StaffAssignment, delete: ServerAction<DeleteAssignment>) -> impl IntoView {
    let questions = counted(assignment.questions.len() as u64, "question", "questions");
    (assignment.may_edit && assignment.started == 0).then(|| {
        view! {
            <FormError error=failure(delete)/>
            <Confirm label="Delete assignment…" variant=Variant::Quiet icon=Glyph::Trash>
                <p>{format!("This removes “{}” and its {questions} for good. Nobody has begun to answer, so no answers are lost.", assignment.title)}</p>
                <ActionForm action=delete>
                    <input type="hidden" name="assignment" value=assignment.id.to_string()/>
                    <input type="hidden" name="version" value=assignment.version.to_string()/>
                    <Button variant=Variant::Danger icon=Glyph::Trash busy=delete.pending()>{format!("Delete with {questions}")}</Button>
                </ActionForm>
            </Confirm>
        }
    })
}

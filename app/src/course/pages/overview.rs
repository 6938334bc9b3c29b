//! `/courses/:course`: the assignments of a course and what one has to do with them.

use super::course_param;
use crate::course::api::course_overview;
use crate::course::model::Role;
use crate::course::shape::{AssignmentLine, Overview, Standing};
use crate::course::widgets::{CourseHead, PhaseBadge, Place, When};
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn CoursePage() -> impl IntoView {
    let course = course_param();
    let overview = Resource::new_blocking(move || course.get(), course_overview);
    view! { {loaded(overview, |overview| view! { <Shown overview/> })} }
}

#[component]
fn Shown(overview: Overview) -> impl IntoView {
    let Overview {
        course,
        assignments,
        teachers,
        students,
        staff,
        ..
    } = overview;
    let is_staff = course.role.is_staff();
    let may_change = course.role == Role::Teacher && course.archived_at.is_none();
    let new = format!("/courses/{}/assignments/new", course.id);
    let people = format!("/courses/{}/people", course.id);
    let (description, title) = (course.description.clone(), format!("{} {}", course.code, course.title));
    let href = new.clone();
    view! {
        <Title text=title/>
        <CourseHead
            course
            place=Place::Assignments
            actions=move || {
                may_change.then(|| view! { <LinkButton href variant=Variant::Primary icon=Glyph::Plus>"New assignment"</LinkButton> })
            }
        />
        <div class="split">
            <div class="stack">
                {match (assignments.is_empty(), may_change, is_staff) {
                    (true, true, _) => view! {
                        <Empty title="No assignments yet" icon=Glyph::Pen action=move || view! { <LinkButton href=new icon=Glyph::Plus>"New assignment"</LinkButton> }>
                            "Set questions, give a due date, publish."
                        </Empty>
                    }.into_any(),
                    (true, false, _) => view! { <Empty title="No assignments yet" icon=Glyph::Pen>"They appear here as soon as they are published."</Empty> }.into_any(),
                    (false, _, true) => for_staff(assignments).into_any(),
                    (false, _, false) => for_students(assignments).into_any(),
                }}
            </div>
            <aside class="stack">
                {(!description.is_empty()).then(|| view! { <Panel title="About"><div class="prose">{paragraphs(&description)}</div></Panel> })}
                <Panel title="People">
                    <Facts>
                        <Fact label=if teachers.len() == 1 { "Teacher" } else { "Teachers" }>{teachers.join(", ")}</Fact>
                        {is_staff
                            .then(|| view! {
                                <Fact label="Students"><a href=people>{students}</a></Fact>
                                <Fact label="Staff">{staff}</Fact>
                            })}
                    </Facts>
                </Panel>
            </aside>
        </div>
    }
}

/// Blank lines part paragraphs.
fn paragraphs(text: &str) -> Vec<impl IntoView + use<>> {
    text.split("\n\n")
        .map(|part| view! { <p>{part.to_owned()}</p> })
        .collect()
}

fn for_staff(assignments: Vec<AssignmentLine>) -> impl IntoView {
    let columns = vec![
        Column::text("Assignment"),
        Column::text("State"),
        Column::text("Due"),
        Column::number("Questions"),
        Column::number("Submitted"),
        Column::number("To review"),
    ];
    let rows = assignments
        .into_iter()
        .map(|line| {
            let (submitted, waiting) = match line.standing {
                Standing::Class { submitted, waiting } => (submitted, waiting),
                _ => (0, 0),
            };
            let review = match waiting {
                0 => view! { <span class="muted">"0"</span> }.into_any(),
                waiting => view! { <a href=format!("/assignments/{}/review", line.id)>{waiting}</a> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a href=format!("/assignments/{}", line.id)>{line.title}</a></th>
                    <td><PhaseBadge phase=line.phase/></td>
                    <td><When at=line.due/></td>
                    <td class="num">{line.questions}</td>
                    <td class="num">{submitted}</td>
                    <td class="num">{review}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <Panel flush=true><Table caption="Assignments" caption_hidden=true columns>{rows}</Table></Panel> }
}

fn for_students(assignments: Vec<AssignmentLine>) -> impl IntoView {
    let columns = vec![
        Column::text("Assignment"),
        Column::text("State"),
        Column::text("Due"),
        Column::text("Your answers"),
    ];
    let rows = assignments
        .into_iter()
        .map(|line| {
            let (tone, glyph, word) = match line.standing {
                Standing::Submitted => (Tone::Right, Glyph::Check, "Submitted"),
                Standing::Started => (Tone::Late, Glyph::Pen, "Not submitted yet"),
                _ => (Tone::Neutral, Glyph::Dot, "Not started"),
            };
            view! {
                <tr>
                    <th scope="row"><a href=format!("/assignments/{}", line.id)>{line.title}</a></th>
                    <td><PhaseBadge phase=line.phase/></td>
                    <td><When at=line.due/></td>
                    <td><Badge tone icon=glyph>{word}</Badge></td>
                </tr>
            }
        })
        .collect_view();
    view! { <Panel flush=true><Table caption="Assignments" caption_hidden=true columns>{rows}</Table></Panel> }
}

//! `/courses`: the courses one takes part in, or all of them for an administrator.

use super::query_param;
use crate::course::api::my_courses;
use crate::course::model::Role;
use crate::course::shape::{CourseCard, CourseList};
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn CoursesPage() -> impl IntoView {
    let archived = query_param("archived");
    let after = query_param("after");
    let list = Resource::new_blocking(
        move || (!archived.get().is_empty(), after.get()),
        |(archived, after)| async move {
            my_courses(archived, after.parse().ok())
                .await
                .map(|list| (list, archived, !after.is_empty()))
        },
    );
    view! {
        <Title text="Courses"/>
        {loaded(list, |(list, archived, later)| view! { <Shown list archived later/> })}
    }
}

#[component]
fn Shown(list: CourseList, archived: bool, later: bool) -> impl IntoView {
    let CourseList {
        courses,
        may_create,
        everywhere,
        next,
    } = list;
    let tabs = vec![
        Tab::new("In use", "/courses").current(!archived),
        Tab::new("Archived", "/courses?archived=1").current(archived),
    ];
    let next = next.map(|id| format!("/courses?after={id}{}", if archived { "&archived=1" } else { "" }));
    let prev = later.then(|| if archived { "/courses?archived=1" } else { "/courses" }.to_owned());
    let new = move || view! { <LinkButton href="/courses/new" variant=Variant::Primary icon=Glyph::Plus>"New course"</LinkButton> };
    view! {
        <PageHeader
            title="Courses"
            lead=if everywhere { "All courses of the institution." } else { "" }
            actions=move || may_create.then(new)
        />
        <Tabs label="Courses" items=tabs/>
        <div class="stack stack-loose">
        {if courses.is_empty() {
            view! { <Nothing may_create archived/> }.into_any()
        } else {
            groups(courses, everywhere).into_any()
        }}
        <Pager label="Courses" prev next/>
        </div>
    }
}

#[component]
fn Nothing(may_create: bool, archived: bool) -> impl IntoView {
    match (archived, may_create) {
        (true, _) => view! { <Empty title="No archived courses" icon=Glyph::Book>"A course that is over can be archived in its settings."</Empty> }.into_any(),
        (false, true) => view! {
            <Empty title="No courses yet" icon=Glyph::Book action=|| view! { <LinkButton href="/courses/new" icon=Glyph::Plus>"New course"</LinkButton> }>
                "Create a course, add your students, and give them an assignment."
            </Empty>
        }
        .into_any(),
        (false, false) => view! {
            <Empty title="No courses yet" icon=Glyph::Book>"Your teacher adds you with the e-mail address of your account. The course then appears here."</Empty>
        }
        .into_any(),
    }
}

/// What one teaches comes before what one attends, and that before the rest.
fn groups(courses: Vec<CourseCard>, everywhere: bool) -> impl IntoView {
    let (staff, others): (Vec<_>, Vec<_>) = courses
        .into_iter()
        .partition(|course| course.role.is_some_and(Role::is_staff));
    let (attended, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|course| course.role.is_some());
    let others = if everywhere && staff.is_empty() && attended.is_empty() {
        "All courses"
    } else {
        "Other courses"
    };
    [("You teach", staff), ("You attend", attended), (others, rest)]
        .into_iter()
        .filter(|(_, courses)| !courses.is_empty())
        .map(|(title, courses)| {
            let cards = courses.into_iter().map(card).collect_view();
            view! {
                <section class="stack" aria-label=title>
                    <h2>{title}</h2>
                    <div class="grid-3">{cards}</div>
                </section>
            }
        })
        .collect_view()
}

fn card(course: CourseCard) -> impl IntoView {
    let counts = match course.role {
        Some(Role::Student) => many(course.assignments, "assignment"),
        _ => format!(
            "{} · {}",
            many(course.students, "student"),
            many(course.assignments, "assignment")
        ),
    };
    let badge = match course.role {
        Some(Role::Teacher) => Some((Glyph::PersonCheck, "Teacher")),
        Some(Role::Assistant) => Some((Glyph::Person, "Assistant")),
        _ => None,
    };
    let note = if course.term.is_empty() {
        course.code
    } else {
        format!("{} · {}", course.code, course.term)
    };
    view! {
        <Card href=format!("/courses/{}", course.id) title=course.title note>
            <div class="row-between">
                <span class="muted small">{counts}</span>
                {badge.map(|(glyph, word)| view! { <Badge icon=glyph>{word}</Badge> })}
            </div>
        </Card>
    }
}

fn many(number: u32, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

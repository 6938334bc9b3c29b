//! The head of every page of a course: what it is called, where in it one is.

use crate::course::shape::Course;
use crate::ui::{Badge, Crumb, Glyph, Notice, PageHeader, Tab, Tabs, Tone};
use leptos::children::ViewFnOnce;
use leptos::prelude::*;

/// A place within a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Assignments,
    People,
    Gradebook,
    Settings,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Assignments => "Assignments",
            Place::People => "People",
            Place::Gradebook => "Gradebook",
            Place::Settings => "Settings",
        }
    }

    fn href(self, course: &Course) -> String {
        let id = course.id;
        match self {
            Place::Assignments => format!("/courses/{id}"),
            Place::People => format!("/courses/{id}/people"),
            Place::Gradebook => format!("/courses/{id}/gradebook"),
            Place::Settings => format!("/courses/{id}/edit"),
        }
    }
}

/// Title, way here and, for staff, the course's places.
#[component]
pub fn CourseHead(
    course: Course,
    place: Place,
    /// A page below the place, last in the way here.
    #[prop(optional, into)]
    below: Option<String>,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
) -> impl IntoView {
    let name = format!("{} {}", course.code, course.title);
    let mut trail = vec![Crumb::new("Courses", "/courses")];
    match (place, &below) {
        (Place::Assignments, None) => trail.push(Crumb::here(course.code.clone())),
        (_, None) => trail.extend([
            Crumb::new(course.code.clone(), Place::Assignments.href(&course)),
            Crumb::here(place.name()),
        ]),
        (_, Some(below)) => trail.extend([
            Crumb::new(course.code.clone(), Place::Assignments.href(&course)),
            Crumb::new(place.name(), place.href(&course)),
            Crumb::here(below.clone()),
        ]),
    }
    let teaches = course.role == crate::course::model::Role::Teacher;
    let places = [Place::Assignments, Place::People, Place::Gradebook, Place::Settings];
    let tabs: Vec<Tab> = places
        .into_iter()
        .filter(|place| teaches || *place != Place::Settings)
        .map(|each| Tab::new(each.name(), each.href(&course)).current(each == place))
        .collect();
    let archived = course.archived_at;
    let lead = course.term.clone();
    view! {
        <PageHeader
            title=name
            lead
            trail
            badge=move || archived.map(|_| view! { <Badge tone=Tone::Neutral icon=Glyph::Inbox>"Archived"</Badge> })
            actions=move || actions.map(|actions| actions.run())
        />
        {course.role.is_staff().then(|| view! { <Tabs label="Course" items=tabs/> })}
        {archived
            .map(|at| {
                view! {
                    <Notice tone=Tone::Neutral icon=Glyph::Lock title="This course is archived.">
                        {format!("Since {} it can be read, but not changed.", at.date())}
                    </Notice>
                }
            })}
    }
}

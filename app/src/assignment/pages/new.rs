//! `/courses/:course/assignments/new`: title, instructions and dates; questions come next.

use super::{failure, id_in_path, load};
use crate::assignment::api::{CreateAssignment, assignment_place};
use crate::assignment::content::AssignmentForm;
use crate::assignment::view::CoursePlace;
use crate::assignment::widgets::AssignmentFields;
use crate::ids::CourseId;
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NewAssignmentPage() -> impl IntoView {
    let course = id_in_path::<CourseId>("course", "The course");
    let place = Resource::new_blocking(move || course.get(), |course| load(course, assignment_place));
    let create = ServerAction::<CreateAssignment>::new();
    // Kept here, so that nothing typed is lost when the page is drawn again.
    let typed = RwSignal::new(AssignmentForm::default());
    view! {
        <Title text="New assignment"/>
        {loaded(place, move |place| view! { <Blank place create typed/> })}
    }
}

#[component]
fn Blank(place: CoursePlace, create: ServerAction<CreateAssignment>, typed: RwSignal<AssignmentForm>) -> impl IntoView {
    let error = failure(create);
    if let Some(refused) = place.typed.clone() {
        typed.set(refused);
    }
    let trail = vec![
        Crumb::new("Courses", "/courses"),
        Crumb::new(place.code.clone(), format!("/courses/{}", place.id)),
        Crumb::here("New assignment"),
    ];
    let busy = create.pending();
    view! {
        <PageHeader
            title="New assignment"
            lead="It begins as a draft: students see nothing until you publish it. Questions come in the next step."
            trail=Signal::stored(trail)
        />
        <div class="measure stack">
            {place.archived.then(|| view! {
                <Notice tone=Tone::Review icon=Glyph::Lock title="This course is archived.">"Restore the course before you add anything to it."</Notice>
            })}
            <FormError error/>
            <ActionForm action=create>
                <input type="hidden" name="course" value=place.id.to_string()/>
                <div class="stack">
                    <AssignmentFields typed error time_zone=place.time_zone.clone() fixed=false/>
                    <FormActions>
                        <Button variant=Variant::Primary busy disabled=place.archived>"Create draft"</Button>
                        <LinkButton href=format!("/courses/{}", place.id) variant=Variant::Quiet>"Cancel"</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </div>
    }
}

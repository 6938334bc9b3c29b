//! `/courses/new`: make a course.

use crate::course::api::CreateCourse;
use crate::course::widgets::{CourseFields, failure, wrong};
use crate::shell::{FormError, signed_in};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NewCoursePage() -> impl IntoView {
    let create = ServerAction::<CreateCourse>::new();
    let failed = failure(create);
    let is_admin = signed_in().is_some_and(|person| person.is_admin);
    view! {
        <Title text="New course"/>
        <PageHeader title="New course" trail=vec![Crumb::new("Courses", "/courses"), Crumb::here("New course")]/>
        <div class="measure">
            <FormError error=failed/>
            <ActionForm action=create>
                <div class="stack">
                    <CourseFields failure=failed/>
                    {is_admin
                        .then(|| {
                            view! {
                                <Fieldset legend="Teacher" hint="Leave empty to teach the course yourself. Somebody without an account gets one.">
                                    <TextField name="teacher_email" label="Teacher’s e-mail" kind=InputKind::Email autocomplete="off" error=wrong(failed, "teacher_email")/>
                                    <TextField name="teacher_name" label="Teacher’s name" hint="Needed only for a new account." autocomplete="off" error=wrong(failed, "teacher_name")/>
                                </Fieldset>
                            }
                        })}
                    <FormActions>
                        <Button variant=Variant::Primary busy=create.pending()>"Create course"</Button>
                        <LinkButton href="/courses">"Cancel"</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </div>
    }
}

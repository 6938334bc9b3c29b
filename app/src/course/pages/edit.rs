//! `/courses/:course/edit`: what the course is called; archive and restore.

use super::course_param;
use crate::course::api::{ArchiveCourse, RestoreCourse, UpdateCourse, course_settings};
use crate::course::shape::Overview;
use crate::course::widgets::{CourseFields, CourseHead, Place, failure};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn EditCoursePage() -> impl IntoView {
    let course = course_param();
    let overview = Resource::new_blocking(move || course.get(), course_settings);
    let update = ServerAction::<UpdateCourse>::new();
    let archive = ServerAction::<ArchiveCourse>::new();
    let restore = ServerAction::<RestoreCourse>::new();
    view! {
        <Title text="Course settings"/>
        {loaded(overview, move |overview| view! { <Settings overview update archive restore/> })}
    }
}

#[component]
fn Settings(
    overview: Overview,
    update: ServerAction<UpdateCourse>,
    archive: ServerAction<ArchiveCourse>,
    restore: ServerAction<RestoreCourse>,
) -> impl IntoView {
    let Overview {
        course,
        students,
        assignments,
        ..
    } = overview;
    let id = course.id.to_string();
    let failed = failure(update);
    let archived = course.archived_at.is_some();
    let (code, title, term, description) = (
        course.code.clone(),
        course.title.clone(),
        course.term.clone(),
        course.description.clone(),
    );
    let effect = format!(
        "{} students keep reading the course and its {} assignments, but nothing can be changed or handed in to a new one. You can restore it at any time.",
        students,
        assignments.len()
    );
    let (for_update, for_archive, for_restore) = (id.clone(), id.clone(), id);
    view! {
        <CourseHead course=course place=Place::Settings/>
        {if archived {
            view! {
                <FormError error=failure(restore)/>
                <ActionForm action=restore>
                    <input type="hidden" name="course" value=for_restore/>
                    <Button variant=Variant::Primary icon=Glyph::Undo busy=restore.pending()>"Restore course"</Button>
                </ActionForm>
            }
                .into_any()
        } else {
            view! {
                <div class="measure stack stack-loose">
                    <div>
                        <FormError error=failed/>
                        <ActionForm action=update>
                            <input type="hidden" name="course" value=for_update/>
                            <div class="stack">
                                <CourseFields failure=failed code title term description/>
                                <FormActions><Button variant=Variant::Primary busy=update.pending()>"Save"</Button></FormActions>
                            </div>
                        </ActionForm>
                    </div>
                    <Panel title="Archive" note="For courses that are over.">
                        <FormError error=failure(archive)/>
                        <Confirm label="Archive course…" variant=Variant::Danger icon=Glyph::Inbox>
                            <p>{effect}</p>
                            <ActionForm action=archive>
                                <input type="hidden" name="course" value=for_archive/>
                                <Button variant=Variant::Danger busy=archive.pending()>"Archive course"</Button>
                            </ActionForm>
                        </Confirm>
                    </Panel>
                </div>
            }
                .into_any()
        }}
    }
}

//! Publishing with its consequences in numbers, before it happens.

use crate::error::AppError;
use crate::grade::api::{PublishGrades, UnpublishGrades};
use crate::grade::model::Publishing;
use crate::ids::AssignmentId;
use crate::shell::FormError;
use crate::ui::{Badge, Button, Checkbox, Confirm, Glyph, Tone, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Publish or take back. The numbers follow the live picture.
#[component]
pub fn Publish(
    assignment: AssignmentId,
    publishing: Memo<Publishing>,
    publish: ServerAction<PublishGrades>,
    unpublish: ServerAction<UnpublishGrades>,
) -> impl IntoView {
    let published = Memo::new(move |_| publishing.with(|numbers| numbers.published_at));
    let error = Signal::derive(move || {
        let failed = |value: Option<Result<(), AppError>>| value.and_then(Result::err);
        failed(publish.value().get()).or_else(|| failed(unpublish.value().get()))
    });
    view! {
        <div class="stack stack-tight">
            <FormError error/>
            {move || match published.get() {
                Some(at) => {
                    view! {
                        <div class="row row-between">
                            <p>
                                <Badge tone=Tone::Right>"Published"</Badge>
                                {format!(" {} students can see their grades since {}.", publishing.with(|n| n.students), at.date_time())}
                            </p>
                            <Confirm label="Hide the grades again…" icon=Glyph::Lock>
                                <p>{format!("{} students will no longer see their grades. Nothing is lost.", publishing.with(|n| n.students))}</p>
                                <ActionForm action=unpublish>
                                    <input type="hidden" name="assignment" value=assignment.to_string()/>
                                    <Button variant=Variant::Danger busy=unpublish.pending()>"Hide the grades"</Button>
                                </ActionForm>
                            </Confirm>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <Unpublished assignment publishing publish/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Unpublished(
    assignment: AssignmentId,
    publishing: Memo<Publishing>,
    publish: ServerAction<PublishGrades>,
) -> impl IntoView {
    let students = publishing.with_untracked(|numbers| numbers.students);
    let one = if students == 1 { "student" } else { "students" };
    let unsettled = Memo::new(move |_| publishing.with(Publishing::unsettled));
    let open = Memo::new(move |_| unsettled.with(Option::is_some));
    if students == 0 {
        return view! { <p class="muted">"There is nothing to publish before somebody has submitted."</p> }.into_any();
    }
    view! {
        <p class="muted">
            {move || match unsettled.get() {
                Some(words) => format!("{words}."),
                None => publishing.with(|n| format!("All {} answers are settled, {} of them by you and your colleagues.", n.answers, n.reviewed)),
            }}
        </p>
        <Confirm label=format!("Publish grades for {students} {one}…") icon=Glyph::Send>
            <p>{format!("{students} {one} will see their points, the feedback and your comments at once. You can hide them again.")}</p>
            <ActionForm action=publish>
                <div class="stack stack-tight">
                    <input type="hidden" name="assignment" value=assignment.to_string()/>
                    // The box stays as it is while the numbers below it move.
                    <Show when=move || open.get()>
                        <Checkbox name="even" value="yes" label="Publish even so" required=true/>
                        <p class="small">
                            {move || unsettled.get().map(|words| format!("{words}. "))}
                            "The machine's suggestion counts for what was not reviewed. What is not graded yet counts nothing until it is."
                        </p>
                    </Show>
                    <Button variant=Variant::Primary busy=publish.pending()>{format!("Publish grades for {students} {one}")}</Button>
                </div>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

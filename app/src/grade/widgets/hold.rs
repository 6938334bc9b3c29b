//! Grading that waits for the teacher's start, and the button that starts it.

use crate::grade::api::StartGrading;
use crate::grade::model::Progress;
use crate::ids::AssignmentId;
use crate::shell::FormError;
use crate::ui::{Button, Glyph, Notice, Tone, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Nothing, unless answers are held back.
#[component]
pub fn Hold(assignment: AssignmentId, progress: RwSignal<Progress>) -> impl IntoView {
    let start = ServerAction::<StartGrading>::new();
    let held = Memo::new(move |_| progress.with(|p| p.total(|row| row.held)));
    let error = Signal::derive(move || start.value().get().and_then(Result::err));
    view! {
        <FormError error/>
        <Show when=move || held.get() != 0>
            <Notice tone=Tone::Machine icon=Glyph::Play title="Ready to grade">
                <ActionForm action=start attr:class="row">
                    <input type="hidden" name="assignment" value=assignment.to_string()/>
                    <span>{move || held.get()} " answers wait for your start. The machine suggests grades for all of them; nothing reaches students before you publish."</span>
                    <Button variant=Variant::Primary busy=start.pending()>"Start grading"</Button>
                </ActionForm>
            </Notice>
        </Show>
    }
}

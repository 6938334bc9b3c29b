//! The fields of an assignment, for new ones and changed ones alike.

use crate::assignment::content::{AssignmentForm, MAX_INSTRUCTIONS, MAX_TITLE};
use crate::error::AppError;
use crate::ui::*;
use leptos::prelude::*;

/// Inputs named `form[…]`. `typed` begins with what they show and follows what is typed.
#[component]
pub fn AssignmentFields(
    typed: RwSignal<AssignmentForm>,
    #[prop(into)] error: Signal<Option<AppError>>,
    time_zone: String,
    /// Whether dates and late rule can no longer change.
    fixed: bool,
) -> impl IntoView {
    let wrong = move |field: &'static str| {
        Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.for_field(field))))
    };
    let shown =
        move |read: fn(&AssignmentForm) -> &String| Signal::derive(move || typed.with(|form| read(form).clone()));
    let write = move |write: fn(&mut AssignmentForm) -> &mut String| {
        Callback::new(move |text: String| {
            if typed.with_untracked(|form| *write(&mut form.clone()) != text) {
                typed.update(|form| *write(form) = text);
            }
        })
    };
    let zone = format!("Time zone: {time_zone}.");
    let closes = "Leave empty to close at the due date. A later time takes late answers with the deduction below.";
    view! {
        <TextField name="form[title]" id="f-title" label="Title" required=true maxlength=MAX_TITLE as u32
            value=shown(|form| &form.title) on_input=write(|form| &mut form.title) error=wrong("title")/>
        <TextArea name="form[instructions]" id="f-instructions" label="Instructions" maxlength=MAX_INSTRUCTIONS as u32
            hint="What students read before they begin: what may be used, how long an answer should be."
            value=shown(|form| &form.instructions) on_input=write(|form| &mut form.instructions) error=wrong("instructions")/>
        <Fieldset legend="Dates" hint=zone>
            <div class="fields">
                <TextField name="form[due]" id="f-due" label="Due" kind=InputKind::DateTime readonly=fixed hint="Leave empty for no deadline."
                    value=shown(|form| &form.due) on_input=write(|form| &mut form.due) error=wrong("due")/>
                <TextField name="form[closes]" id="f-closes" label="Closes" kind=InputKind::DateTime readonly=fixed hint=closes
                    value=shown(|form| &form.closes) on_input=write(|form| &mut form.closes) error=wrong("closes")/>
            </div>
            <TextField name="form[late_percent]" id="f-late_percent" label="Late deduction" kind=InputKind::Number min="0" max="100" step="1"
                suffix="percent for each day begun" readonly=fixed
                value=shown(|form| &form.late_percent) on_input=write(|form| &mut form.late_percent) error=wrong("late_percent")/>
        </Fieldset>
        <Checkbox name="form[show_distribution]" id="f-show_distribution" label="Show students how the class did"
            hint="With their own result they see the distribution of points, without names."
            checked=Signal::derive(move || typed.with(|form| !form.show_distribution.is_empty()))
            on_change=move |on: bool| typed.update(|form| form.show_distribution = if on { "on".into() } else { String::new() })/>
    }
}

//! The editor of what is particular to a kind of question.

use super::options::OptionEditor;
use super::state::{Draft, write};
use crate::question::model::QuestionKind;
use crate::ui::*;
use leptos::prelude::*;

/// The key: options, true or false, a number. Short answers have references and a rubric instead.
#[component]
pub fn KeyEditor(draft: Draft, kind: QuestionKind, started: bool) -> impl IntoView {
    match kind {
        QuestionKind::SingleChoice => view! { <OptionEditor draft single=true fixed=started/> }.into_any(),
        QuestionKind::MultipleChoice => view! { <OptionEditor draft single=false fixed=started/> }.into_any(),
        QuestionKind::TrueFalse => view! {
            <RadioGroup name="form[correct]" legend="The statement is" required=true error=draft.wrong("correct") value=draft.correct
                options=vec![Choice::new("true", "true"), Choice::new("false", "false")] inline=true
                on_change=move |chosen: String| draft.correct.set(chosen)/>
        }
        .into_any(),
        QuestionKind::Numeric => view! {
            <Fieldset legend="Answer">
                <div class="fields">
                    <TextField name="form[value]" id="f-value" label="Right number" required=true hint="As 3.14, 3,14 or -2e-3." autocomplete="off"
                        value=draft.value on_input=write(draft.value) error=draft.wrong("value")/>
                    <TextField name="form[tolerance]" id="f-tolerance" label="Tolerance" hint="The largest distance that still counts as right." autocomplete="off"
                        value=draft.tolerance on_input=write(draft.tolerance) error=draft.wrong("tolerance")/>
                    <TextField name="form[unit]" id="f-unit" label="Unit" hint="Shown behind the field; students may write it or not." maxlength=40 autocomplete="off"
                        value=draft.unit on_input=write(draft.unit) error=draft.wrong("unit")/>
                </div>
            </Fieldset>
        }
        .into_any(),
        QuestionKind::ShortAnswer => view! {
            <Checkbox name="form[allow_file]" id="f-allow_file" label="Students may attach a file" hint="Text, Markdown, PDF or Word; its text is graded like a typed answer."
                checked=draft.allow_file on_change=move |on: bool| draft.allow_file.set(on)/>
        }
        .into_any(),
    }
}

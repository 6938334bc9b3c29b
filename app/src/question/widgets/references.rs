//! Reference answers: each worth full points by itself.

use super::rows::{AddRow, GroupError, RemoveRow, each};
use super::state::{Draft, Row, Text, write};
use crate::question::content::{MAX_REFERENCE, MAX_REFERENCES};
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn ReferenceEditor(draft: Draft) -> impl IntoView {
    view! {
        <Fieldset legend="Reference answers" hint="Write answers that deserve full points, in different words. The machine compares each student's answer with all of them. Students never see them. Rows left empty are left out.">
            <GroupError id="f-references" error=draft.wrong("references")/>
            {each(draft.references, move |number, row| view! { <OneReference draft number row/> })}
            <AddRow rows=draft.references make=move |()| RwSignal::new(String::new()) most=MAX_REFERENCES
                first_field=move |number: usize| format!("f-references-{number}")>"Add reference answer"</AddRow>
        </Fieldset>
    }
}

#[component]
fn OneReference(draft: Draft, number: usize, row: Row<Text>) -> impl IntoView {
    let Row {
        content: text,
        spare,
        gone,
    } = row;
    let remove = move |()| {
        text.set(String::new());
        gone.set(true);
    };
    view! {
        <div class="edit-row edit-row-tall" class:spare-row=move || spare.get() hidden=move || gone.get()>
            <TextArea name=format!("form[references][{number}]") id=format!("f-references-{number}") label=format!("Reference answer {}", number + 1)
                rows=3 maxlength=MAX_REFERENCE as u32 value=text on_input=write(text) error=draft.wrong(format!("references-{number}"))/>
            <RemoveRow label=format!("Remove reference answer {}", number + 1) on_click=remove/>
        </div>
    }
}

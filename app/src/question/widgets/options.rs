//! The options of a choice question and which of them are right.

use super::rows::{AddRow, GroupError, RemoveRow, each};
use super::state::{Draft, OptionRow, Row, option_row, write};
use crate::question::content::MAX_OPTIONS;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn OptionEditor(
    draft: Draft,
    /// One right option, or any number.
    single: bool,
    /// Whether students have begun: then options stay in their places.
    fixed: bool,
) -> impl IntoView {
    let hint = match (single, fixed) {
        (_, true) => {
            "Students have begun to answer: options stay in their places. Correct words and marks, or add options at the end."
        }
        (true, false) => "Mark the right one. Rows left empty are left out.",
        (false, false) => {
            "Mark every right one. Right choices earn their share, wrong ones cost as much; never less than 0. Rows left empty are left out."
        }
    };
    view! {
        <Fieldset legend="Options" hint=hint>
            <GroupError id="f-options" error=draft.wrong("options")/>
            {each(draft.options, move |number, row| view! { <OneOption draft single fixed number row/> })}
            <AddRow rows=draft.options make=move |()| option_row(String::new(), false) most=MAX_OPTIONS
                first_field=move |number: usize| format!("f-options-{number}-text")>"Add option"</AddRow>
        </Fieldset>
    }
}

#[component]
fn OneOption(draft: Draft, single: bool, fixed: bool, number: usize, row: Row<OptionRow>) -> impl IntoView {
    let OptionRow { text, correct } = row.content;
    let (spare, gone) = (row.spare, row.gone);
    let mark_id = format!("f-options-{number}-correct");
    let own = number.to_string();
    let mark = if single {
        let (value, checked) = (own.clone(), own.clone());
        let is_right = move || draft.correct.with(|now| *now == checked);
        let first = draft.correct.with_untracked(|now| *now == own);
        view! {
            <input id=mark_id.clone() type="radio" name="form[correct]" value=value.clone() checked=first prop:checked=is_right
                on:change=move |_| draft.correct.set(value.clone())/>
        }
        .into_any()
    } else {
        view! {
            <input id=mark_id.clone() type="checkbox" name=format!("form[options][{number}][correct]") value="on"
                checked=correct.get_untracked() prop:checked=move || correct.get()
                on:change=move |event| correct.set(event_target_checked(&event))/>
        }
        .into_any()
    };
    let remove = move |()| {
        text.set(String::new());
        correct.set(false);
        if draft.correct.with_untracked(|now| *now == own) {
            draft.correct.set(String::new());
        }
        gone.set(true);
    };
    view! {
        <div class="edit-row" class:spare-row=move || spare.get() hidden=move || gone.get()>
            <TextField name=format!("form[options][{number}][text]") id=format!("f-options-{number}-text") label=format!("Option {}", number + 1)
                value=text on_input=write(text) error=draft.wrong(format!("options-{number}-text")) autocomplete="off"/>
            <div class="tick">{mark}<label for=mark_id>"Right"<span class="visually-hidden">{format!(": option {}", number + 1)}</span></label></div>
            {(!fixed).then(|| view! { <RemoveRow label=format!("Remove option {}", number + 1) on_click=remove/> })}
        </div>
    }
}

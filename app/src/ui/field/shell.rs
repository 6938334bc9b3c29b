//! The frame around a control: label, hint, error.

use crate::ui::{Glyph, Icon, words};
use leptos::prelude::*;

/// A label, a hint and an error around your own control, which must carry `id`,
/// `aria-describedby="<id>-hint <id>-error"`, and `aria-invalid` when wrong.
#[component]
pub fn FieldShell(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    /// Keeps the label for screen readers alone.
    #[prop(optional)]
    label_hidden: bool,
    children: Children,
) -> impl IntoView {
    let hint_id = [&id, "-hint"].concat();
    let error_id = [&id, "-error"].concat();
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <label class="field-label" class:visually-hidden=label_hidden for=id>
                {label}
                {required.then(|| view! { <span class="field-required">" "{words().required}</span> })}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {children()}
            <FieldMessage id=error_id error/>
        </div>
    }
}

/// The place where an error is said; always there, so that screen readers hear it arrive.
#[component]
pub(super) fn FieldMessage(id: String, error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <p class="field-error" id=id aria-live="polite">
            {move || error.get().map(|message| view! { <Icon glyph=Glyph::Warning/><span>{message}</span> })}
        </p>
    }
}

/// Fields that belong together, under one legend.
#[component]
pub fn Fieldset(
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="fieldset">
            <legend>{legend}</legend>
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
            <div class="stack">{children()}</div>
        </fieldset>
    }
}

/// The row of buttons that ends a form; the primary one first.
#[component]
pub fn FormActions(children: Children) -> impl IntoView {
    view! { <div class="form-actions">{children()}</div> }
}

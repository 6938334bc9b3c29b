//! What is wrong with a form, all in one place, each line leading to its field.

use super::FieldError;
use crate::ui::{Glyph, Icon, words};
use leptos::{html, prelude::*};

/// Nothing while there are no errors. When errors arrive it takes the focus, so that nobody wonders why nothing happened.
#[component]
pub fn ErrorSummary(#[prop(into)] errors: Signal<Vec<FieldError>>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<usize>| {
        let now = errors.with(Vec::len);
        if now > 0
            && before == Some(0)
            && let Some(summary) = node.get_untracked()
        {
            let _ = summary.focus();
        }
        now
    });
    let title = move || match errors.with(Vec::len) {
        1 => words().error_summary_one,
        _ => words().error_summary_many,
    };
    view! {
        <div class="error-summary tone-wrong" role="alert" tabindex="-1" node_ref=node hidden=move || errors.with(Vec::is_empty)>
            <p class="error-summary-title"><Icon glyph=Glyph::Warning/><strong>{title}</strong></p>
            <ul>
                {move || {
                    errors
                        .get()
                        .into_iter()
                        .map(|FieldError { field, message }| match field.as_str() {
                            "" => view! { <li>{message}</li> }.into_any(),
                            name => view! { <li><a href=["#f-", name].concat() rel="external">{message}</a></li> }.into_any(),
                        })
                        .collect_view()
                }}
            </ul>
        </div>
    }
}

//! A choice from a list.

use super::{Choice, FieldShell, field_id, follow::follow};
use leptos::{html, prelude::*};

/// A drop-down of the browser's own. For up to about five options prefer a `RadioGroup`.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] label_hidden: bool,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(id, &name);
    let described = [&id, "-hint ", &id, "-error"].concat();
    let node = NodeRef::<html::Select>::new();
    follow(
        value,
        move || node.get_untracked().map(|list| list.value()),
        move |wanted| {
            if let Some(list) = node.get_untracked() {
                list.set_value(wanted);
            }
        },
        on_change,
    );
    view! {
        <FieldShell id=id.clone() label nostrip:hint=hint error required label_hidden>
            <div class="select">
                <select
                    node_ref=node
                    class="control"
                    id=id
                    name=name
                    required=required
                    disabled=move || disabled.get()
                    aria-describedby=described
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    on:change=move |event| {
                        if let Some(report) = on_change {
                            report.try_run(event_target_value(&event));
                        }
                    }
                >
                    {move || {
                        let now = value.get_untracked();
                        options
                            .get()
                            .into_iter()
                            .map(|choice| {
                                let selected = choice.value == now;
                                view! {
                                    <option value=choice.value selected=selected disabled=choice.disabled>
                                        {choice.label}
                                    </option>
                                }
                            })
                            .collect_view()
                    }}
                </select>
                <svg class="icon select-arrow" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M7 10l5 5 5-5"></path></svg>
            </div>
        </FieldShell>
    }
}

//! Fields one types into.

use super::{FieldShell, InputKind, field_id, follow::follow};
use leptos::{ev::FocusEvent, html, prelude::*};

/// One line of text, a number, a date.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: InputKind,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] autocomplete: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    /// For numbers; `any` lets every fraction through.
    #[prop(optional, into)]
    step: Option<String>,
    #[prop(optional)] maxlength: Option<u32>,
    /// A unit said after the control, such as "points".
    #[prop(optional, into)]
    suffix: Option<String>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] label_hidden: bool,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
    /// After the reader is done with it.
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(id, &name);
    let described = [&id, "-hint ", &id, "-error"].concat();
    let node = NodeRef::<html::Input>::new();
    follow(
        value,
        move || node.get_untracked().map(|input| input.value()),
        move |text| {
            if let Some(input) = node.get_untracked() {
                input.set_value(text);
            }
        },
        on_input,
    );
    let first = value.get_untracked();
    view! {
        <FieldShell id=id.clone() label nostrip:hint=hint error required label_hidden>
            <div class="control-row">
                <input
                    node_ref=node
                    class="control"
                    class:control-code=kind == InputKind::Code
                    class:control-short=matches!(kind, InputKind::Number | InputKind::Date | InputKind::DateTime)
                    id=id
                    name=name
                    type=kind.as_str()
                    value=first
                    required=required
                    autocomplete=autocomplete
                    placeholder=placeholder
                    min=min
                    max=max
                    step=step
                    maxlength=maxlength.map(|most| most.to_string())
                    autofocus=autofocus
                    readonly=readonly
                    spellcheck=kind.spellcheck()
                    disabled=move || disabled.get()
                    aria-describedby=described
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    on:input=move |event| {
                        if let Some(report) = on_input {
                            report.try_run(event_target_value(&event));
                        }
                    }
                    on:change=move |event| {
                        if let Some(report) = on_change {
                            report.try_run(event_target_value(&event));
                        }
                    }
                />
                {suffix.map(|suffix| view! { <span class="control-suffix">{suffix}</span> })}
            </div>
        </FieldShell>
    }
}

/// Paper to write on. `serif` sets it as a student's own words; it grows with the text where the browser can.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(default = 6)] rows: u32,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] serif: bool,
    #[prop(optional)] code: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] label_hidden: bool,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
    #[prop(optional, into)] on_blur: Option<Callback<FocusEvent>>,
) -> impl IntoView {
    let id = field_id(id, &name);
    let described = [&id, "-hint ", &id, "-error"].concat();
    let node = NodeRef::<html::Textarea>::new();
    follow(
        value,
        move || node.get_untracked().map(|area| area.value()),
        move |text| {
            if let Some(area) = node.get_untracked() {
                area.set_value(text);
            }
        },
        on_input,
    );
    let first = value.with_untracked(|text| as_content(text));
    view! {
        <FieldShell id=id.clone() label nostrip:hint=hint error required label_hidden>
            <textarea
                node_ref=node
                class="control"
                class:control-serif=serif
                class:control-low={rows < 5}
                class:control-tall={rows > 9}
                class:control-code=code
                id=id
                name=name
                rows=rows.to_string()
                required=required
                maxlength=maxlength.map(|most| most.to_string())
                placeholder=placeholder
                autofocus=autofocus
                readonly=readonly
                spellcheck=code.then_some("false")
                disabled=move || disabled.get()
                aria-describedby=described
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                inner_html=first
                on:input=move |event| {
                    if let Some(report) = on_input {
                        report.try_run(event_target_value(&event));
                    }
                }
                on:blur=move |event| {
                    if let Some(report) = on_blur {
                        report.try_run(event);
                    }
                }
            ></textarea>
        </FieldShell>
    }
}

/// Text as the inside of a `<textarea>`. Leptos leaves that element's children unescaped, so it is done here;
/// and the parser eats a first line break, so that one is doubled.
fn as_content(text: &str) -> String {
    let mut content = String::with_capacity(text.len() + 8);
    if text.starts_with('\n') {
        content.push('\n');
    }
    for letter in text.chars() {
        match letter {
            '&' => content.push_str("&amp;"),
            '<' => content.push_str("&lt;"),
            '>' => content.push_str("&gt;"),
            other => content.push(other),
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::as_content;

    #[test]
    fn markup_in_an_answer_stays_text() {
        assert_eq!(as_content("</textarea><script>"), "&lt;/textarea&gt;&lt;script&gt;");
        assert_eq!(as_content("a & b"), "a &amp; b");
    }

    #[test]
    fn a_first_empty_line_survives() {
        assert_eq!(as_content("\nx"), "\n\nx");
    }
}

//! Keys of the keyboard: shown beside what they do, and all of them behind `?`.

use super::{script::dismiss_lightly, words};
use leptos::{ev, html, prelude::*};

/// One chord, such as `Ctrl K`: its keys parted by spaces.
#[component]
pub fn KeyHint(#[prop(into)] keys: String) -> impl IntoView {
    let caps = keys
        .split(' ')
        .map(|key| view! { <kbd>{key.to_owned()}</kbd> })
        .collect_view();
    view! { <span class="keys">{caps}</span> }
}

/// The keys of this page. `?` opens and closes it; without script it unfolds.
#[component]
pub fn KeyHelp(
    #[prop(into)] id: String,
    /// Chord and what it does.
    #[prop(into)]
    keys: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    dismiss_lightly(node);
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.key() == "?"
                && !writes(&event)
                && let Some(details) = node.get_untracked()
            {
                details.set_open(!details.open());
            }
        });
        on_cleanup(move || listener.remove());
    });
    let rows = keys
        .into_iter()
        .map(|(chord, meaning)| view! { <div class="fact"><dt><KeyHint keys=chord/></dt><dd>{meaning}</dd></div> })
        .collect_view();
    view! {
        <details class="key-help no-print" id=id node_ref=node>
            <summary class="button button-quiet button-small">{words().keys}" "<kbd>"?"</kbd></summary>
            <dl class="key-help-list">{rows}</dl>
        </details>
    }
}

/// Whether the key went into something one writes in; then it is a letter and not a command.
pub fn writes(event: &ev::KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return true;
    }
    let element: leptos::web_sys::HtmlElement = event_target(event);
    let name = element.tag_name();
    let text_input = name.eq_ignore_ascii_case("input")
        && !matches!(
            element.get_attribute("type").as_deref(),
            Some("radio" | "checkbox" | "button" | "submit")
        );
    text_input
        || name.eq_ignore_ascii_case("textarea")
        || name.eq_ignore_ascii_case("select")
        || element.is_content_editable()
}

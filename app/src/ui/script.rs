//! The little the components ask of the browser. On the server each of these does nothing.

use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// Closes an open `<details>` menu on Escape, on a click beside it, and after a link in it was followed.
/// A click and not the loss of focus decides: not every browser gives a pressed button the focus.
pub fn dismiss_lightly(node: NodeRef<html::Details>) {
    let open = move || node.get_untracked().filter(|details| details.open());
    Effect::new(move |_| {
        let clicks = window_event_listener(ev::click, move |event| {
            let Some(details) = open() else { return };
            let target: web_sys::Element = event_target(&event);
            let followed = target.closest("a").ok().flatten().is_some();
            if followed || !details.contains(Some(&target)) {
                details.set_open(false);
            }
        });
        let keys = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape"
                && let Some(details) = open()
            {
                details.set_open(false);
                // Who is somewhere else stays there: the next key is meant for it.
                let inside = details.contains(document().active_element().as_deref());
                if inside && let Ok(Some(summary)) = details.query_selector("summary") {
                    let summary: web_sys::HtmlElement = summary.unchecked_into();
                    let _ = summary.focus();
                }
            }
        });
        on_cleanup(move || {
            clicks.remove();
            keys.remove();
        });
    });
}

/// Whether the reader asked for less movement. The server says yes: it draws no movement.
#[cfg(feature = "hydrate")]
pub fn reduced_motion() -> bool {
    window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_none_or(|query| query.matches())
}

#[cfg(not(feature = "hydrate"))]
pub fn reduced_motion() -> bool {
    true
}

/// The theme now in force: `light`, `dark`, or empty for the system's.
pub fn theme() -> String {
    document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"))
        .unwrap_or_default()
}

/// Puts a theme in force at once and keeps it for a year in the cookie `theme`, which the shell reads.
#[cfg(feature = "hydrate")]
pub fn set_theme(theme: &str) {
    let document = document();
    if let Some(root) = document.document_element() {
        let _ = match theme {
            "" => root.remove_attribute("data-theme"),
            _ => root.set_attribute("data-theme", theme),
        };
    }
    let age = if theme.is_empty() { "0" } else { "31536000" };
    let cookie = ["theme=", theme, "; path=/; samesite=lax; max-age=", age].concat();
    // `document.cookie` is a plain property; reflection spares a web-sys feature
    let _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
}

#[cfg(not(feature = "hydrate"))]
pub fn set_theme(_theme: &str) {}

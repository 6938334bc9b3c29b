//! The little the components ask of the browser. On the server each of these does nothing.

/// Whether the reader asked for less movement. The server says yes: it draws no movement.
#[cfg(feature = "hydrate")]
pub fn reduced_motion() -> bool {
    leptos::prelude::window()
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
    leptos::prelude::document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"))
        .unwrap_or_default()
}

/// Puts a theme in force at once and keeps it for a year in the cookie `theme`, which the shell reads.
#[cfg(feature = "hydrate")]
pub fn set_theme(theme: &str) {
    let document = leptos::prelude::document();
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

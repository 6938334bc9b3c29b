//! Eye and caret when another answer comes up.

use leptos::prelude::*;

/// Brings the top of the answer into the window, and lets the next digit replace the points in a focused field.
#[cfg(feature = "hydrate")]
pub fn arrive(points: &str) {
    use wasm_bindgen::JsCast;

    let field = document()
        .active_element()
        .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
        .filter(|field| field.name() == "points");
    if let Some(field) = field {
        // Before the next key, and so before the field follows by itself.
        field.set_value(points);
        field.select();
    }
    // After this frame the page shows the answer.
    request_animation_frame(|| {
        let document = document();
        if let Ok(Some(paper)) = document.query_selector(".desk-paper") {
            let top = paper.get_bounding_client_rect().top();
            let height = window().inner_height().ok().and_then(|height| height.as_f64());
            // At once and without a movement: what one read before is gone anyway.
            if !(0.0..height.unwrap_or(f64::MAX)).contains(&top) {
                paper.scroll_into_view();
            }
        }
    });
}

#[cfg(not(feature = "hydrate"))]
pub fn arrive(_points: &str) {}

/// Notes when what was just put on the page can be seen; until then nothing was.
#[cfg(feature = "hydrate")]
pub fn note_sight(since: RwSignal<f64>) {
    since.set(f64::INFINITY);
    request_animation_frame(move || {
        since.try_set(now());
    });
}

#[cfg(not(feature = "hydrate"))]
pub fn note_sight(_since: RwSignal<f64>) {}

/// Milliseconds, to tell how long ago something was.
#[cfg(feature = "hydrate")]
pub fn now() -> f64 {
    js_sys::Date::now()
}

#[cfg(not(feature = "hydrate"))]
pub fn now() -> f64 {
    0.0
}

//! What the keys of the desk do.

use super::desk::Desk;
use super::typing;
use crate::ui::writes;
use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

impl Desk {
    /// Listens to the keys of the page.
    pub fn listen(self) {
        Effect::new(move |_| {
            let listener = window_event_listener(keydown, move |event| self.key(&event));
            on_cleanup(move || listener.remove());
        });
    }

    fn key(self, event: &KeyboardEvent) {
        let key = event.key();
        if key == "Enter" && event.repeat() && !is(event, &["textarea"]) {
            // A key that is held down decides one answer, wherever it is pressed.
            return event.prevent_default();
        }
        if key == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.repeat() {
            event.prevent_default();
            return self.save();
        }
        if key == "Escape" && writes(event) {
            return blur(event);
        }
        let Some((_, most)) = self.on_top().filter(|_| !writes(event)) else {
            // On the last page back is the only way.
            if matches!(key.as_str(), "k" | "K") && !writes(event) {
                self.back();
            } else if matches!(key.as_str(), "u" | "U") && !writes(event) {
                self.undo();
            }
            return;
        };
        match key.as_str() {
            // There Enter already means something.
            "Enter" if is(event, &["button", "a", "summary"]) => return,
            "Enter" => self.save(),
            "a" | "A" if !event.repeat() => self.accept(),
            "j" | "J" => self.next(),
            "k" | "K" => self.back(),
            "u" | "U" if !event.repeat() => self.undo(),
            "c" | "C" => self.focus_comment(),
            "+" | "=" => self.type_over(|text| typing::step(text, true, most)),
            "-" | "−" => self.type_over(|text| typing::step(text, false, most)),
            "." | "," | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
                let (digit, fresh) = (key.chars().next().unwrap_or('0'), self.fresh.get_untracked());
                self.type_over(|text| typing::press(text, fresh, digit, most));
                self.fresh.set(false);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn type_over(self, change: impl FnOnce(&str) -> String) {
        let text = self.points.with_untracked(|text| change(text));
        self.give(text);
    }

    fn focus_comment(self) {
        let Some(holder) = self.comment_field.get_untracked() else {
            return;
        };
        if let Ok(Some(field)) = holder.query_selector("textarea") {
            let _ = field.unchecked_into::<leptos::web_sys::HtmlElement>().focus();
        }
    }
}

/// Whether the key was pressed in one of these elements.
fn is(event: &KeyboardEvent, names: &[&str]) -> bool {
    let element: leptos::web_sys::HtmlElement = event_target(event);
    names.contains(&element.tag_name().to_ascii_lowercase().as_str())
}

fn blur(event: &KeyboardEvent) {
    let element: leptos::web_sys::HtmlElement = event_target(event);
    let _ = element.blur();
}

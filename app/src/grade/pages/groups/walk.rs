//! Where the focus goes on the page of groups.

use super::Actions;
use crate::grade::model::Group;
use crate::ui::writes;
use leptos::ev::keydown;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// After a group was settled its form is gone: the next one takes the focus, so that one can go on from the keyboard.
pub fn go_on(actions: Actions, groups: Memo<Vec<Group>>) {
    Effect::new(move |_| {
        let groups = groups.get();
        let sent = actions.sent.get_value();
        let settled = |group: &Group| Some(group.group) == sent && group.open == 0;
        let Some(place) = groups.iter().position(settled) else {
            return;
        };
        actions.sent.set_value(None);
        let (before, after) = groups.split_at(place);
        let open = after.iter().chain(before).find(|group| group.open > 0);
        let id = open.map_or_else(
            || format!("g-{}", groups[place].group),
            |group| format!("points-{}", group.group),
        );
        focus(&id);
    });
}

/// Points that were not taken are asked for again.
pub fn come_back(actions: Actions) {
    Effect::new(move |_| {
        let failed = actions.decide.value().with(|value| matches!(value, Some(Err(_))));
        let sent = actions.sent.get_value().filter(|_| failed);
        if let Some(group) = sent.filter(|group| actions.wrong_points(*group).is_some()) {
            focus(&format!("points-{group}"));
        }
    });
}

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let _ = element.unchecked_into::<leptos::web_sys::HtmlElement>().focus();
    }
}

/// J and K go from one group's field to the next.
pub fn walk_with_keys(groups: Memo<Vec<Group>>) {
    Effect::new(move |_| {
        let listener = window_event_listener(keydown, move |event| {
            let forward = match event.key().as_str() {
                "j" | "J" => true,
                "k" | "K" => false,
                _ => return,
            };
            // In the points field these letters mean nothing else; in a comment they are words.
            let target: leptos::web_sys::HtmlElement = event_target(&event);
            let from = target.id();
            let commands = event.ctrl_key() || event.meta_key() || event.alt_key();
            if commands || (writes(&event) && !from.starts_with("points-")) {
                return;
            }
            event.prevent_default();
            let fields: Vec<String> = groups.with_untracked(|groups| {
                let open = groups.iter().filter(|group| group.open > 0);
                open.map(|group| format!("points-{}", group.group)).collect()
            });
            go(forward, &from, &fields);
        });
        on_cleanup(move || listener.remove());
    });
}

fn go(forward: bool, from: &str, fields: &[String]) {
    let here = fields.iter().position(|id| id == from);
    let next = match here {
        None => 0,
        Some(place) if forward => (place + 1).min(fields.len().saturating_sub(1)),
        Some(place) => place.saturating_sub(1),
    };
    if let Some(id) = fields.get(next) {
        focus(id);
    }
}

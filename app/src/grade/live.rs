//! The live connection of the cockpit: progress events into a signal, at most once per animation frame.
//!
//! The browser's `EventSource` reconnects by itself and says where it was; when a proxy has ended it for good, it is opened
//! anew after a few seconds. The page never stands still without saying so.

/// How the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// What the server drew; nothing arrives by itself yet.
    Snapshot,
    Live,
    Reconnecting,
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Link;
    use crate::grade::model::Progress;
    use crate::ids::AssignmentId;
    use leptos::prelude::*;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;
    use web_sys::{Event, EventSource, MessageEvent};

    const TRY_AGAIN: Duration = Duration::from_secs(4);

    /// Closes when dropped, with the page that holds it.
    struct Stream {
        source: EventSource,
        _listeners: [Closure<dyn FnMut(Event)>; 3],
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            for name in ["progress", "open", "error"] {
                for listener in &self._listeners {
                    let _ = self
                        .source
                        .remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
                }
            }
            self.source.close();
        }
    }

    #[derive(Clone, Copy)]
    struct Watcher {
        assignment: AssignmentId,
        progress: RwSignal<Progress>,
        link: RwSignal<Link>,
        held: StoredValue<Option<Stream>, LocalStorage>,
    }

    /// Keeps `progress` up to date until the owner of the calling scope goes away.
    pub fn watch(assignment: AssignmentId, progress: RwSignal<Progress>, link: RwSignal<Link>) {
        Watcher {
            assignment,
            progress,
            link,
            held: StoredValue::new_local(None),
        }
        .open();
    }

    impl Watcher {
        fn open(self) {
            let Ok(source) = EventSource::new(&format!("/assignments/{}/progress", self.assignment)) else {
                return;
            };
            // Only the newest picture counts: what arrives within a frame replaces what arrived before in it.
            let newest: Rc<RefCell<Option<String>>> = Rc::default();
            let on_progress = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let Some(text) = event
                    .dyn_into::<MessageEvent>()
                    .ok()
                    .and_then(|event| event.data().as_string())
                else {
                    return;
                };
                if newest.borrow_mut().replace(text).is_none() {
                    let newest = newest.clone();
                    request_animation_frame(move || self.show(newest.borrow_mut().take()));
                }
            });
            let on_open = Closure::<dyn FnMut(Event)>::new(move |_| {
                self.link.try_set(Link::Live);
            });
            let on_error = {
                let source = source.clone();
                Closure::<dyn FnMut(Event)>::new(move |_| {
                    self.link.try_set(Link::Reconnecting);
                    if source.ready_state() == EventSource::CLOSED {
                        set_timeout(move || self.open(), TRY_AGAIN);
                    }
                })
            };
            let listeners = [on_progress, on_open, on_error];
            for (name, listener) in ["progress", "open", "error"].into_iter().zip(&listeners) {
                let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            }
            // When the page has gone meanwhile, the stream comes back here and is closed by its drop.
            drop(self.held.try_update_value(|held| {
                held.replace(Stream {
                    source,
                    _listeners: listeners,
                })
            }));
        }

        fn show(self, text: Option<String>) {
            if let Some(progress) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                self.link.try_set(Link::Live);
                self.progress.try_set(progress);
            }
        }
    }
}

#[cfg(feature = "hydrate")]
pub use browser::watch;

/// The server draws what is; nothing arrives there.
#[cfg(not(feature = "hydrate"))]
pub fn watch(
    _assignment: crate::ids::AssignmentId,
    _progress: leptos::prelude::RwSignal<crate::grade::model::Progress>,
    _link: leptos::prelude::RwSignal<Link>,
) {
}

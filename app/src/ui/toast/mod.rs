//! Short news at the edge of the page, read out politely and gone by itself; never the only place where something is said.

use super::{Glyph, Icon, Tone, words};
use leptos::prelude::*;
use std::{cell::Cell, time::Duration};

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    undo: Option<Callback<()>>,
    /// News about the same thing takes the place of older news.
    about: Option<&'static str>,
}

thread_local! {
    /// The area on the page. The browser has one thread; on the server nothing is ever put here.
    static AREA: Cell<Option<RwSignal<Vec<Toast>>>> = const { Cell::new(None) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// Shows `text` for a while. May be called from anywhere in the browser: handlers, futures, effects.
pub fn toast(tone: Tone, text: impl Into<String>) {
    show(tone, text.into(), None, None);
}

/// As `toast`, in the place of what was said about the same thing before.
pub fn toast_about(about: &'static str, tone: Tone, text: impl Into<String>) {
    show(tone, text.into(), None, Some(about));
}

/// As `toast`, with an Undo button, and long enough to reach it.
pub fn toast_undo(text: impl Into<String>, undo: Callback<()>) {
    show(Tone::Neutral, text.into(), Some(undo), None);
}

fn show(tone: Tone, text: String, undo: Option<Callback<()>>, about: Option<&'static str>) {
    let Some(area) = AREA.get() else { return };
    let id = NEXT.replace(NEXT.get().wrapping_add(1));
    let stay = Duration::from_secs(if undo.is_some() { 12 } else { 6 });
    let _ = area.try_update(|toasts| {
        toasts.retain(|toast| about.is_none() || toast.about != about);
        toasts.push(Toast {
            id,
            tone,
            text,
            undo,
            about,
        });
        // three are as many as one can read
        if toasts.len() > 3 {
            toasts.remove(0);
        }
    });
    set_timeout(move || forget(area, id), stay);
}

fn forget(area: RwSignal<Vec<Toast>>, id: u32) {
    let _ = area.try_update(|toasts| toasts.retain(|toast| toast.id != id));
}

/// Where toasts appear. `Frame` and `QuietFrame` bring it along.
#[component]
pub fn ToastArea() -> impl IntoView {
    let area = RwSignal::new(Vec::<Toast>::new());
    Effect::new(move |_| AREA.set(Some(area)));
    view! {
        <div class="toasts no-print" role="status" aria-live="polite">
            <For
                each=move || area.get()
                key=|toast| toast.id
                children=move |toast| {
                    let Toast { id, tone, text, undo, .. } = toast;
                    view! {
                        <div class=["toast ", tone.class()].concat()>
                            <Icon glyph=if tone == Tone::Neutral { Glyph::Check } else { tone.glyph() }/>
                            <span>{text}</span>
                            {undo
                                .map(|undo| {
                                    view! {
                                        <button type="button" class="toast-action" on:click=move |_| { undo.run(()); forget(area, id); }>
                                            {words().undo}
                                        </button>
                                    }
                                })}
                            <button type="button" class="toast-close" aria-label=words().dismiss on:click=move |_| forget(area, id)>
                                <Icon glyph=Glyph::Cross/>
                            </button>
                        </div>
                    }
                }
            />
        </div>
    }
}

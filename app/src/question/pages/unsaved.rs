//! What was typed into the form of a question and is not saved: it waits on this device, and is put back when the form is opened again.

use crate::drafts::{self, Shelf};
use crate::ids::{QuestionId, UserId};
use crate::question::form::QuestionForm;
use crate::question::view::QuestionEditor;
use crate::question::widgets::{Draft, focus_soon};
use crate::shell::signed_in;
use crate::time::{Moment, Timestamp};
use crate::ui::{Button, Glyph, Notice, Size, Tone};
use leptos::ev;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const SHELF: Shelf = Shelf::of_device("question");

/// Of whom, and of which question.
#[derive(Clone, Copy)]
pub struct Whose(UserId, QuestionId);

impl Whose {
    /// None while nobody is signed in; then there is nothing to keep either.
    pub fn own(question: QuestionId) -> Option<Whose> {
        Some(Whose(signed_in()?.id, question))
    }

    fn id(self) -> String {
        format!("{}/{}", self.0, self.1)
    }

    /// What was typed and is not saved.
    pub fn kept(self) -> Option<QuestionForm> {
        SHELF.kept::<Unsaved>(self.id()).map(|kept| kept.form)
    }

    /// It is saved, or no longer wanted.
    pub fn forget(self) {
        SHELF.forget(self.id());
    }
}

#[derive(Serialize, Deserialize)]
struct Unsaved {
    form: QuestionForm,
    /// When it was typed, by the device's clock.
    at: Timestamp,
    /// What it was typed over.
    seen: Timestamp,
}

/// What stands in the form instead of what is stored.
#[derive(Clone, Copy)]
struct PutBack {
    typed: Moment,
    /// Whether the question was saved by somebody meanwhile.
    stale: bool,
}

/// Keeps what is typed into the form, and says when it has put something back.
#[component]
pub fn KeepUnsaved(
    editor: QuestionEditor,
    draft: Draft,
    /// What is stored, as the form would show it.
    stored: QuestionForm,
) -> impl IntoView {
    let put_back = RwSignal::new(None::<PutBack>);
    let whose = Whose::own(editor.question.id);
    let (kind, seen, zone) = (editor.question.key.kind(), editor.seen, editor.changed);
    let stored = StoredValue::new(stored);
    // What was refused without script is newer than what is kept here.
    let came_back = editor.typed.is_some();
    // Rows that are put back live as long as the form.
    let owner = Owner::current();
    Effect::new(move |begun: Option<()>| {
        let now = draft.form();
        let Some(whose) = whose else { return };
        let kept = SHELF.kept::<Unsaved>(whose.id());
        if begun.is_none() && !came_back {
            let Some(Unsaved { form, at, seen: over }) = kept else {
                return;
            };
            if stored.with_value(|stored| form.says_the_same(stored, kind)) {
                return whose.forget();
            }
            put_back.set(Some(PutBack {
                typed: Moment { at, ..zone },
                stale: over != seen,
            }));
            return match &owner {
                Some(owner) => owner.with(|| draft.fill(form)),
                None => draft.fill(form),
            };
        }
        if kept.is_some_and(|kept| kept.form == now) {
            return;
        }
        if stored.with_value(|stored| now.says_the_same(stored, kind)) {
            whose.forget();
        } else {
            let unsaved = Unsaved {
                form: now,
                at: crate::device::now(),
                seen,
            };
            SHELF.keep(whose.id(), &unsaved, true);
        }
    });
    // Where the device keeps nothing, leaving asks first.
    Effect::new(move |_| {
        let leaving = window_event_listener(ev::beforeunload, move |event| {
            if drafts::any_dear() {
                event.prevent_default();
            }
        });
        on_cleanup(move || leaving.remove());
    });
    let discard = move |_| {
        draft.fill(stored.get_value());
        if let Some(whose) = whose {
            whose.forget();
        }
        put_back.set(None);
        focus_soon("#f-prompt".into());
    };
    move || {
        put_back.get().map(|PutBack { typed, stale }| {
            let title = format!("Unsaved text from {} was put back.", typed.date_time());
            view! {
                <Notice tone=Tone::Review icon=Glyph::Pen title>
                    {stale.then(|| view! { <p>"The question was saved anew meanwhile: compare with what students see before you save over it."</p> })}
                    <div class="row"><Button size=Size::Small on_click=discard>"Discard"</Button></div>
                </Notice>
            }
        })
    }
}

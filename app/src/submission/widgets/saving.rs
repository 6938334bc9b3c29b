//! How saving stands, as quiet text; and the strip that calms whoever is offline.

use crate::error::ErrorKind;
use crate::submission::autosave::Autosave;
use crate::submission::queue::SaveState;
use crate::ui::*;
use leptos::prelude::*;

/// "Saved 14:02:11", "Saving…", "3 changes waiting".
#[component]
pub fn SaveLine(saving: Autosave) -> impl IntoView {
    let state = saving.state;
    let icon = move || {
        let glyph = state.with(|state| match state {
            SaveState::Saved(_) => Glyph::Check,
            SaveState::Saving => Glyph::Refresh,
            SaveState::Waiting(..) => Glyph::Clock,
            SaveState::Refused(..) => Glyph::Warning,
        });
        view! { <Icon glyph/> }
    };
    view! {
        <p class="save-line needs-script" role="status" aria-live="polite" class:save-line-refused=move || state.with(|state| matches!(state, SaveState::Refused(..)))>
            {icon} <span class="num">{move || state.with(SaveState::words)}</span>
        </p>
    }
}

/// Stands above the answers while they cannot be sent, and says what happens to them meanwhile.
#[component]
pub fn OfflineStrip(saving: Autosave) -> impl IntoView {
    move || {
        if !saving.online.get() {
            return view! {
                <Notice tone=Tone::Late icon=Glyph::Offline title="You are offline.">"Everything you type is kept on this device and sent as soon as you are connected again."</Notice>
            }
            .into_any();
        }
        match saving.state.get() {
            SaveState::Refused(count, error) => {
                let kept = if count == 1 { "1 change is kept on this device." } else { "Your changes are kept on this device." };
                view! { <Notice tone=Tone::Wrong icon=Glyph::Warning title="Not saved." urgent=true>{error.message}" "{kept}</Notice> }.into_any()
            }
            SaveState::Waiting(_, Some(error)) if error.kind == ErrorKind::SignIn => {
                view! {
                    <Notice tone=Tone::Review icon=Glyph::Key title="You are signed out.">
                        "Everything you type is kept on this device. " <a href="/sign-in" target="_blank" rel="external noopener">"Sign in in a new tab"</a>
                        " and it is saved here by itself."
                    </Notice>
                }
                .into_any()
            }
            SaveState::Waiting(_, Some(_)) => {
                view! {
                    <Notice tone=Tone::Late icon=Glyph::Clock title="The server does not answer right now.">
                        "Everything you type is kept on this device and sent as soon as it does."
                    </Notice>
                }
                .into_any()
            }
            _ => ().into_any(),
        }
    }
}

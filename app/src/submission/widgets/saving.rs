//! How saving stands, as quiet text; and the strip that calms whoever is offline.

use crate::error::ErrorKind;
use crate::ids::SubmissionId;
use crate::submission::autosave::Autosave;
use crate::submission::model::Change;
use crate::submission::queue::SaveState;
use crate::ui::*;
use leptos::prelude::*;

/// "Saved 14:02:11", "Saving…", "3 changes waiting". Quiet to screen readers too: trouble speaks up in the strip.
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
        <p class="save-line needs-script" class:save-line-refused=move || state.with(|state| matches!(state, SaveState::Refused(..)))>
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

/// Words that came too late: still on this device, to be read, copied or removed.
#[component]
pub fn LeftBehind(submission: SubmissionId) -> impl IntoView {
    let left = RwSignal::new(Vec::<Change>::new());
    Effect::new(move |_| left.set(Autosave::left_behind(submission)));
    let clear = move |_| {
        Autosave::clear(submission);
        left.set(Vec::new());
    };
    let texts = move || {
        let changes = left.get();
        changes
            .into_iter()
            .map(|change| change.value.text().to_owned())
            .filter(|text| !text.trim().is_empty())
            .collect::<Vec<_>>()
    };
    view! {
        <Show when=move || !left.with(Vec::is_empty)>
            <Notice tone=Tone::Late icon=Glyph::Offline title="Changes on this device came too late">
                <p>"They are not part of your submission. Nobody but you can see them."</p>
                {move || texts().into_iter().map(|text| view! { <StudentVoice text/> }).collect_view()}
                <Button size=Size::Small icon=Glyph::Trash on_click=clear>"Remove them from this device"</Button>
            </Notice>
        </Show>
    }
}

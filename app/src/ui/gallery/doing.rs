//! Buttons, dialogs, menus, keys.

use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Doing() -> impl IntoView {
    let open = RwSignal::new(false);
    let presses = RwSignal::new(0u64);
    view! {
        <Panel title="Buttons" id="buttons" note="One primary action a screen.">
            <div class="stack">
                <div class="row">
                    <Button variant=Variant::Primary icon=Glyph::Check on_click=move |_| presses.update(|n| *n += 1)>"Submit answers"</Button>
                    <Button icon=Glyph::Pen on_click=move |_| presses.update(|n| *n += 1)>"Edit"</Button>
                    <Button variant=Variant::Quiet on_click=move |_| ()>"Not now"</Button>
                    <Button variant=Variant::Danger icon=Glyph::Trash on_click=move |_| ()>"Delete 3 drafts"</Button>
                    <LinkButton href="#fields" icon=Glyph::ArrowRight>"Go to fields"</LinkButton>
                    <span class="muted small">"Pressed "<Count value=presses/>" times"</span>
                </div>
                <div class="row">
                    <Button variant=Variant::Primary busy=true on_click=move |_| ()>"Publishing"</Button>
                    <Button busy=true on_click=move |_| ()>"Saving"</Button>
                    <Button disabled=true on_click=move |_| ()>"Unavailable"</Button>
                    <Button size=Size::Small on_click=move |_| ()>"Small"</Button>
                    <Button size=Size::Large variant=Variant::Primary on_click=move |_| ()>"Large"</Button>
                </div>
                <div class="row">
                    <Button icon=Glyph::Send on_click=move |_| open.set(true)>"Open a dialog"</Button>
                    <Button on_click=move |_| toast(Tone::Right, "Draft saved")>"Show a toast"</Button>
                    <Button on_click=move |_| {
                        toast_undo("12 grades published", Callback::new(move |()| toast(Tone::Neutral, "Taken back")))
                    }>"Show one with undo"</Button>
                    <Menu label="More" icon=Glyph::More>
                        <a href="#fields">"Duplicate"</a>
                        <a href="#fields">"Export"</a>
                        <button type="button">"Archive"</button>
                    </Menu>
                    <KeyHelp id="gallery-keys" keys=vec![("J", "Next answer"), ("K", "Previous answer"), ("Ctrl Enter", "Save and go on")]/>
                </div>
                <Confirm label="Delete draft…" icon=Glyph::Trash>
                    <p>"This removes the draft and its 12 questions. Submitted answers are kept."</p>
                    <Button variant=Variant::Danger on_click=move |_| ()>"Delete the draft"</Button>
                </Confirm>
            </div>
        </Panel>
        <Dialog
            id="publish"
            title="Publish grades for 58 students"
            open=open
            footer=move || {
                view! {
                    <Button on_click=move |_| open.set(false)>"Not yet"</Button>
                    <Button variant=Variant::Primary on_click=move |_| open.set(false)>"Publish 58 grades"</Button>
                }
            }
        >
            <p>"Everyone sees score and feedback at once. You can take it back within ten minutes."</p>
        </Dialog>
    }
}

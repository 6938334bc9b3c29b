//! The three voices side by side, badges, code and quotes.

use crate::ui::*;
use leptos::prelude::*;

const ANSWER: &str = "Plants are green because chlorophyll absorbs red and blue light and reflects the green part of it. The absorbed light drives the splitting of water, which gives oxygen.\n\nI think the same happens in algae, although some of them carry further pigments and so look brown or red.";

#[component]
pub fn Voices() -> impl IntoView {
    view! {
        <div class="split">
            <Panel title="Voices" id="voices">
                <div class="stack">
                    <StudentVoice
                        label="Answer 17 of 58"
                        text=ANSWER
                        marks=vec![Mark::new(25, 63, "names the absorbed colours"), Mark::new(129, 147, "water is split")]
                    />
                    <MachineVoice label="3 of 5" detail="81 % sure">
                        "Two of the three criteria are met. The role of carbon dioxide is not mentioned."
                    </MachineVoice>
                    <TeacherVoice label="4 of 5" by="Dr Okafor, today at 14:02">
                        "Good reasoning about algae. Say what becomes of the carbon dioxide."
                    </TeacherVoice>
                </div>
            </Panel>
            <div class="stack">
                <Panel title="Badges" id="badges">
                    <div class="row">
                        <Badge>"Draft"</Badge>
                        <Badge tone=Tone::Accent>"Open"</Badge>
                        <Badge tone=Tone::Machine>"Suggested"</Badge>
                        <Badge tone=Tone::Human>"Decided"</Badge>
                        <Badge tone=Tone::Review>"Needs review"</Badge>
                        <Badge tone=Tone::Right>"Correct"</Badge>
                        <Badge tone=Tone::Wrong>"Incorrect"</Badge>
                        <Badge tone=Tone::Late>"2 days late"</Badge>
                        <Badge icon=Glyph::Lock>"Closed"</Badge>
                    </div>
                </Panel>
                <Panel title="Facts" id="facts">
                    <Facts>
                        <Fact label="Due"><Time at="2026-12-01T22:59:00Z" text="in 7 days" full="Tuesday 1 December 2026, 23:59 (Europe/Berlin)"/></Fact>
                        <Fact label="Attempts">"2 of 3"</Fact>
                        <Fact label="Fingerprint"><code>"9f2c41d07be65a88e3"</code></Fact>
                    </Facts>
                </Panel>
                <Quote cite="Rubric, criterion 2">"Explains what becomes of the absorbed energy."</Quote>
                <CodeBlock label="mean.py" text="def mean(xs):\n    return sum(xs) / len(xs)   # a long remark that makes the line run past the edge of its box\n"/>
                <p class="row small muted">"Next answer " <KeyHint keys="J"/> " save " <KeyHint keys="Ctrl Enter"/></p>
            </div>
        </div>
    }
}

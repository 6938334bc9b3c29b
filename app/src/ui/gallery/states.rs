//! Empty, loading, failed; strips.

use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn States() -> impl IntoView {
    view! {
        <div class="stack stack-tight" id="notices">
            <Notice tone=Tone::Late icon=Glyph::Offline title="You are offline.">"Everything you type is kept here and sent when you are back."</Notice>
            <Notice tone=Tone::Review icon=Glyph::Gear title="Maintenance at 22:00.">"Saving goes on; grading pauses for ten minutes."</Notice>
            <Notice tone=Tone::Accent title="Demonstration.">"All people here are made up."</Notice>
            <Notice tone=Tone::Wrong title="Not saved.">"Two fields need your attention."</Notice>
            <Notice tone=Tone::Right title="Saved.">"Students see the new date."</Notice>
        </div>
        <div class="grid-2" id="states">
            <Panel>
                <Empty title="No answers yet" action=|| view! { <LinkButton href="#states" icon=Glyph::Copy>"Copy the link for students"</LinkButton> }>
                    "They appear here as students submit. The assignment opens tomorrow at 9:00."
                </Empty>
            </Panel>
            <Panel>
                <ErrorState
                    title="The list could not be loaded"
                    safe="Nothing was changed and no answer is lost."
                    todo="Try again in a minute."
                    retry="/gallery"
                    incident="7K2-QF9"
                />
            </Panel>
            <Panel title="Loading rows" level=3><Skeleton count=4/></Panel>
            <Panel title="Loading text" level=3><Skeleton shape=SkeletonShape::Text count=6/></Panel>
            <Panel title="Loading tiles" level=3><Skeleton shape=SkeletonShape::Tiles count=3/></Panel>
            <Panel title="Loading a chart" level=3><Skeleton shape=SkeletonShape::Chart count=11/></Panel>
        </div>
    }
}

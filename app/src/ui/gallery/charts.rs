//! Charts and figures that move when asked to.

use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Charts() -> impl IntoView {
    // each press grades a few more answers, so that one can watch the figures move
    let round = RwSignal::new(0u32);
    let bins = move || {
        let more = round.get();
        [
            (1, 2, 3),
            (2, 3, 2),
            (3, 4, 4),
            (6, 5, 3),
            (11, 6, 2),
            (19, 7, 2),
            (26, 5, 1),
            (22, 3, 0),
            (13, 2, 0),
            (8, 1, 0),
            (5, 0, 0),
        ]
        .into_iter()
        .enumerate()
        .map(|(points, (sure, likely, unsure))| {
            let more = more * ((points as u32 * 7) % 5);
            Bin::new(points.to_string(), vec![sure + more, likely + more / 2, unsure])
        })
        .collect::<Vec<_>>()
    };
    let graded = move || bins().iter().map(|bin| u64::from(bin.total())).sum::<u64>();
    let parts = move || {
        let more = f64::from(round.get());
        vec![
            Part::new("accepted", 131.0 + more * 9.0, Tone::Machine),
            Part::new("decided", 24.0 + more, Tone::Human),
            Part::new("to review", 17.0, Tone::Review),
            Part::new("waiting", (60.0 - more * 10.0).max(0.0), Tone::Neutral),
        ]
    };
    let rows = move || {
        let more = f64::from(round.get());
        vec![
            BarRow::new("1 Photosynthesis", (40.0 + more).min(58.0), 58.0)
                .note("40 of 58")
                .tone(Tone::Machine),
            BarRow::new("2 Explain in your own words how a cell keeps its water", 58.0, 58.0)
                .note("58 of 58")
                .tone(Tone::Right),
            BarRow::new("3 Essay", 12.0, 58.0)
                .note("12 of 58")
                .tone(Tone::Review)
                .href("#charts"),
        ]
    };
    let pace = move || {
        (0..40u32)
            .map(|n| f64::from(20 + n / 2 + [0, 3, 5, 4, 6, 9, 7, 4, 1, 2][((n + round.get()) % 10) as usize]))
            .collect::<Vec<_>>()
    };
    let bands = vec![
        Band::new("sure", Tone::Machine),
        Band::new("likely", Tone::Accent),
        Band::new("unsure", Tone::Review),
    ];
    view! {
        <Panel
            title="Charts"
            id="charts"
            actions=move || view! { <Button size=Size::Small icon=Glyph::Play on_click=move |_| round.update(|n| *n += 1)>"Grade some more"</Button> }
        >
            <div class="stack">
                <div class="tiles">
                    <Stat label="Graded" value=Signal::derive(graded) unit="answers" note="of 232"/>
                    <Stat label="To review" value=17 tone=Tone::Review href="#charts" note="about 12 minutes"/>
                    <Stat label="Failed" value=0 note="all parts healthy"/>
                    <Stat label="Handled since Monday" value=1_284_093 unit="answers"/>
                </div>
                <Strip title="Progress" parts=Signal::derive(parts) unit="answers"/>
                <div class="grid-2">
                    <Histogram title="Scores" x="points" y="answers" bands=bands bins=Signal::derive(bins)/>
                    <div class="stack">
                        <BarRows title="Questions" unit="graded answers" rows=Signal::derive(rows)/>
                        <Sparkline title="Answers a second" unit="/s" points=Signal::derive(pace) tone=Tone::Machine/>
                    </div>
                </div>
                <Donut title="Who decided" parts=Signal::derive(parts) centre="69 %"/>
            </div>
        </Panel>
    }
}

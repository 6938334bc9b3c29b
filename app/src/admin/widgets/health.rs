//! Every part of the system with a word on how it is.

use crate::admin::model::{Health, Part};
use crate::ui::{Badge, Column, Glyph, Panel, Table, Tone};
use leptos::prelude::*;

#[component]
pub fn HealthPanel(health: Health) -> impl IntoView {
    let tone = if health.is_well() { Tone::Neutral } else { Tone::Wrong };
    let note = match (health.is_ready(), health.is_well()) {
        (true, true) => "Everything answers.",
        (true, false) => "People can work; something needs a look.",
        (false, _) => "People cannot work.",
    };
    let rows = health.parts.into_iter().map(part).collect_view();
    let columns = vec![
        Column::text("Part"),
        Column::text("State"),
        Column::number("Answered in"),
        Column::text("Says"),
    ];
    view! {
        <Panel title="Health" note id="health" tone flush=true>
            <Table caption="Health of every part" caption_hidden=true columns>{rows}</Table>
        </Panel>
    }
}

fn part(part: Part) -> impl IntoView {
    let (tone, glyph, word) = if part.ok {
        (Tone::Right, Glyph::Check, "Well")
    } else {
        (Tone::Wrong, Glyph::Warning, "In trouble")
    };
    let title = match part.name.as_str() {
        "database" => "Database".to_owned(),
        "cache" => "Cache".to_owned(),
        "storage" => "Storage".to_owned(),
        "grader" => "Grader".to_owned(),
        "queue" => "Queue".to_owned(),
        "mail" => "Mail".to_owned(),
        _ => part.name,
    };
    view! {
        <tr>
            <th scope="row">{title}</th>
            <td><Badge tone icon=glyph>{word}</Badge></td>
            <td class="num">{format!("{:.1} ms", part.latency_ms)}</td>
            <td>{part.note}</td>
        </tr>
    }
}

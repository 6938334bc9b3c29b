//! Tables, tabs, cards, meters, icons.

use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Showing() -> impl IntoView {
    let columns = vec![
        Column::sorted("Student", "#tables", Sort::Ascending),
        Column::text("State"),
        Column::number("Points"),
        Column::number("Late"),
        Column::unseen("Actions"),
    ];
    let people = [
        ("Ada Lovelace", Tone::Human, "Decided", "18.5", "–"),
        (
            "Maximiliane Wolkenstein-Trostburg von und zu Hohenfels",
            Tone::Review,
            "Needs review",
            "9",
            "–",
        ),
        ("Nguyễn Thị Minh Khai", Tone::Machine, "Suggested", "14", "1 day"),
        ("José Ñúñez Çelik", Tone::Late, "Late", "–", "3 days"),
    ];
    let rows = people
        .into_iter()
        .map(|(name, tone, state, points, late)| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td><Badge tone=tone>{state}</Badge></td>
                    <td class="num">{points}</td>
                    <td class="num">{late}</td>
                    <td class="num"><a href="#tables">"Open"</a></td>
                </tr>
            }
        })
        .collect_view();
    let icons = Glyph::ALL
        .into_iter()
        .map(|(glyph, name)| view! { <li><Icon glyph/>{name}</li> })
        .collect_view();
    view! {
        <section id="tables">
            <Tabs
                label="Course"
                items=vec![Tab::new("Students", "#tables").count(58).current(true), Tab::new("Assignments", "#tables").count(4), Tab::new("Grades", "#tables"), Tab::new("Settings", "#tables")]
            />
            <Panel flush=true>
                <Table caption="Students" columns=columns caption_hidden=true>{rows}</Table>
                <Pager label="Pages of students" prev=None next=Some("#tables".to_owned()) note="1–4 of 58"/>
            </Panel>
        </section>
        <div class="grid-3">
            <Card href="#tables" title="Biology 101" note="Autumn 2026 · 58 students">"Assignment 2 is due in 7 days."</Card>
            <Panel title="Under way" level=3>
                <div class="stack">
                    <Progress label="Uploading report.pdf" value=Signal::stored(0.62) note="31 of 50 MB"/>
                    <Progress label="Reading the text"/>
                    <Meter label="Storage" value=0.83 note="83 of 100 GB" tone=Tone::Late/>
                </div>
            </Panel>
            <Panel title="Toned panel" level=3 tone=Tone::Review><p>"Seventeen answers wait for you."</p></Panel>
        </div>
        <Panel title="Icons" id="icons"><ul class="gallery-icons">{icons}</ul></Panel>
    }
}

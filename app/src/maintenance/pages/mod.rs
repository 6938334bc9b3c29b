//! `/admin/maintenance`: plan, begin and end a read-only time.

use crate::account::pages::came_back;
use crate::admin::widgets::{AdminHead, Place};
use crate::maintenance::api::{EndMaintenance, PlanMaintenance, read_maintenance};
use crate::maintenance::model::{Listed, Overview};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn MaintenancePage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| read_maintenance());
    let error = came_back::<EndMaintenance>();
    view! {
        <AdminHead place=Place::Maintenance/>
        <div class="stack">
            <FormError error/>
            {loaded(data, |data| view! { <Shown data/> })}
        </div>
    }
}

#[component]
fn Shown(data: Overview) -> impl IntoView {
    let Overview {
        windows,
        read_only,
        people,
        mail,
        now,
    } = data;
    let open = windows
        .iter()
        .find(|window| matches!(window.state.as_str(), "active" | "planned"))
        .cloned();
    let top = match open {
        Some(window) => view! { <Current window read_only/> }.into_any(),
        None => view! { <Plan people mail now=format!("{} ({})", now.date_time(), now.zone())/> }.into_any(),
    };
    let past: Vec<Listed> = windows
        .into_iter()
        .filter(|window| !matches!(window.state.as_str(), "active" | "planned"))
        .collect();
    let columns = vec![
        Column::text("From"),
        Column::text("Ended"),
        Column::text("Message"),
        Column::text("By"),
        Column::text("State"),
    ];
    let list = (!past.is_empty()).then(|| {
        view! {
            <Panel title="Before" flush=true>
                <Table caption="Maintenance so far" caption_hidden=true columns>{past.into_iter().map(row).collect_view()}</Table>
            </Panel>
        }
    });
    view! { <div class="stack">{top}{list}</div> }
}

#[component]
fn Current(window: Listed, read_only: bool) -> impl IntoView {
    let (title, word, tone) = if read_only {
        ("The system is read-only", "End maintenance", Tone::Review)
    } else {
        ("Maintenance is planned", "Call it off", Tone::Neutral)
    };
    let until = window.planned_until.map_or_else(
        || "open".to_owned(),
        |until| format!("{} ({})", until.date_time(), until.zone()),
    );
    view! {
        <Panel title tone>
            <div class="stack">
                <Facts>
                    <Fact label="From">{format!("{} ({})", window.from.date_time(), window.from.zone())}</Fact>
                    <Fact label="Until about">{until}</Fact>
                    <Fact label="Message">{window.message}</Fact>
                    <Fact label="By">{window.by}</Fact>
                </Facts>
                <p class="muted">"People can read everything, and what they type into answers is saved. Deadlines in this time move by its length."</p>
                <form method="post" action=EndMaintenance::url()>
                    <Button variant=Variant::Primary icon=Glyph::Play>{word}</Button>
                </form>
            </div>
        </Panel>
    }
}

#[component]
fn Plan(people: u64, mail: bool, now: String) -> impl IntoView {
    let error = came_back::<PlanMaintenance>();
    let message = move |field: &'static str| {
        Signal::derive(move || error.get().and_then(|error| error.for_field(field)).unwrap_or_default())
    };
    let how = if mail { "in the app and by mail" } else { "in the app" };
    view! {
        <Panel title="Pause changes" note="Reading and typing go on; submitting, grading and all other changes wait until you end it.">
            <div class="stack">
                <FormError error/>
                <form method="post" action=PlanMaintenance::url() class="stack measure">
                    <TextField name="message" label="What people are told" maxlength=500 error=message("message") hint="For example: We are moving to a faster machine."/>
                    <div class="fields">
                        <TextField name="from" label="From" kind=InputKind::DateTime error=message("from") hint=format!("Empty: at once. Now it is {now}.")/>
                        <TextField name="until" label="Until about" kind=InputKind::DateTime error=message("until") hint="Empty: open. It ends when you end it."/>
                    </div>
                    <Checkbox name="tell" label=format!("Tell {people} people now, {how}") hint="A banner is on every page from three days before." checked=true/>
                    <FormActions><Button variant=Variant::Primary icon=Glyph::Pause>"Pause changes"</Button></FormActions>
                </form>
            </div>
        </Panel>
    }
}

fn row(window: Listed) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{window.from.date_time()}</th>
            <td>{window.ended.map(|at| at.date_time())}</td>
            <td>{window.message}</td>
            <td>{window.by}</td>
            <td>{window.state}</td>
        </tr>
    }
}

//! The newest backups, and making one now.

use crate::admin::api::RunJob;
use crate::admin::model::Backup;
use crate::file::model::size_text;
use crate::ui::*;
use leptos::prelude::*;

/// The job that makes, proves and prunes them.
const JOB: &str = "back-up";

#[component]
pub fn BackupsPanel(
    backups: Vec<Backup>,
    /// Whether backups are made by the clock here, so that one can be asked for.
    scheduled: bool,
    run: ServerAction<RunJob>,
) -> impl IntoView {
    let none = backups.is_empty();
    let rows = backups.into_iter().map(|backup| view! { <Row backup/> }).collect_view();
    let columns = vec![
        Column::text("Made"),
        Column::text("State"),
        Column::text("Proven by restoring it"),
        Column::number("Files"),
        Column::number("Size"),
        Column::number("Took"),
    ];
    view! {
        <Panel
            title="Backups"
            note="Encrypted; each is restored to a scratch place and compared, so that it is known to come back."
            id="backups"
            flush=!none
            actions=move || {
                scheduled
                    .then(|| {
                        view! {
                            <ActionForm action=run>
                                <input type="hidden" name="job" value=JOB/>
                                <Button icon=Glyph::Refresh busy=run.pending()>"Back up now"</Button>
                            </ActionForm>
                        }
                    })
            }
        >
            {if none {
                view! { <p class="muted">"There is no backup yet."</p> }.into_any()
            } else {
                view! { <Table caption="The newest backups" caption_hidden=true columns>{rows}</Table> }.into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(backup: Backup) -> impl IntoView {
    let whole = backup.state == "complete";
    let state = match (&*backup.state, backup.proven.is_some()) {
        ("complete", true) => view! { <Badge tone=Tone::Right>"Proven"</Badge> }.into_any(),
        ("complete", false) => view! { <Badge tone=Tone::Review>"Not proven"</Badge> }.into_any(),
        ("failed", _) => view! { <Badge tone=Tone::Wrong>"Failed"</Badge> }.into_any(),
        _ => view! { <Badge tone=Tone::Machine>"Being made"</Badge> }.into_any(),
    };
    let proven = match (backup.proven, backup.problem) {
        (_, Some(problem)) => problem,
        (Some(at), None) => at.date_time(),
        (None, None) => String::new(),
    };
    let numbers = whole.then(|| {
        let seconds = format!("{:.1} s", backup.milliseconds as f64 / 1000.0);
        (backup.files.to_string(), size_text(backup.size), seconds)
    });
    let (files, size, took) = numbers.unwrap_or_default();
    view! {
        <tr>
            <th scope="row">{backup.asked.date_time()}</th>
            <td>{state}</td>
            <td>{proven}</td>
            <td class="num">{files}</td>
            <td class="num">{size}</td>
            <td class="num">{took}</td>
        </tr>
    }
}

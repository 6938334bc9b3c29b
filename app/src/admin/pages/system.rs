//! `/admin/system`: health, the queue with what failed in it, backups, what runs by the clock, and the models that graded here.

use crate::admin::api::{RetryWork, RunJob, look_at_system};
use crate::admin::model::{FailedWork, Job, Model, Queue, System};
use crate::admin::widgets::{AdminHead, BackupsPanel, HealthPanel, Place};
use crate::course::widgets::{done, failure};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn SystemPage() -> impl IntoView {
    let retry = ServerAction::<RetryWork>::new();
    let run = ServerAction::<RunJob>::new();
    let (retried, started) = (done(retry), done(run));
    let picture = Resource::new_blocking(move || (retried.get(), started.get()), |_| look_at_system());
    view! {
        <AdminHead place=Place::System/>
        <FormError error=failure(retry)/>
        <FormError error=failure(run)/>
        {loaded(
            picture,
            move |System { health, queue, failed, models, jobs, backups, .. }| {
                let scheduled = jobs.iter().any(|job| job.name == "back-up");
                view! {
                    <div class="stack">
                    <HealthPanel health/>
                    <QueuePanel queue/>
                    <FailedPanel failed retry/>
                    <BackupsPanel backups scheduled run/>
                    <JobsPanel jobs run/>
                    <ModelsPanel models/>
                    </div>
                }
            },
        )}
    }
}

#[component]
fn QueuePanel(queue: Queue) -> impl IntoView {
    let parts = vec![
        Part::new("graded", queue.done as f64, Tone::Right),
        Part::new("being graded", queue.claimed as f64, Tone::Machine),
        Part::new("waiting", queue.queued as f64, Tone::Neutral),
        Part::new("for a teacher to start", queue.held as f64, Tone::Review),
        Part::new("failed", queue.failed as f64, Tone::Wrong),
    ];
    let empty = queue.done + queue.claimed + queue.queued + queue.held + queue.failed == 0;
    view! {
        <Panel title="Queue" id="queue">
            {if empty {
                view! { <p class="muted">"Nothing has been submitted for grading yet."</p> }.into_any()
            } else {
                view! { <Strip title="Grading work" parts unit="answers"/> }.into_any()
            }}
            {queue.oldest.map(|at| view! { <p class="small">{format!("The oldest answer waits since {}.", at.date_time())}</p> })}
        </Panel>
    }
}

#[component]
fn FailedPanel(failed: Vec<FailedWork>, retry: ServerAction<RetryWork>) -> impl IntoView {
    if failed.is_empty() {
        return view! { <Panel title="Failed work" id="failed"><p class="muted">"None."</p></Panel> }.into_any();
    }
    let columns = vec![
        Column::text("Assignment"),
        Column::text("What went wrong"),
        Column::number("Tries"),
        Column::text("Submitted"),
        Column::unseen("Retry"),
    ];
    let rows = failed
        .into_iter()
        .map(|work| {
            view! {
                <tr>
                    <th scope="row">{format!("{} · {}", work.course, work.assignment)}</th>
                    <td>{work.problem}</td>
                    <td class="num">{work.attempts}</td>
                    <td>{work.since.date_time()}</td>
                    <td>
                        <ActionForm action=retry>
                            <input type="hidden" name="work" value=work.id.to_string()/>
                            <Button size=Size::Small icon=Glyph::Refresh busy=retry.pending()>"Retry"</Button>
                        </ActionForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel
            title="Failed work"
            note="These answers have no suggestion yet; teachers can still grade them by hand."
            id="failed"
            tone=Tone::Wrong
            actions=move || {
                view! {
                    <ActionForm action=retry>
                        <Button icon=Glyph::Refresh busy=retry.pending()>"Retry all"</Button>
                    </ActionForm>
                }
            }
        >
            <Table caption="Answers without a suggestion" caption_hidden=true columns>{rows}</Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn ModelsPanel(models: Vec<Model>) -> impl IntoView {
    if models.is_empty() {
        return view! { <Panel title="Grading models" id="models"><p class="muted">"No model has graded here yet."</p></Panel> }.into_any();
    }
    let rows = models
        .into_iter()
        .map(|model| {
            view! {
                <tr>
                    <th scope="row"><code>{model.name}</code></th>
                    <td>{model.kind}</td>
                    <td>{model.since.date_time()}</td>
                    <td>{model.active.then(|| view! { <Badge tone=Tone::Machine>"In use"</Badge> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Grading models" note="Every grade names the model that suggested it." id="models" flush=true>
            <Table caption="Models and when they were first used" caption_hidden=true columns=vec![Column::text("Name and hash"), Column::text("Kind"), Column::text("First used"), Column::text("State")]>
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn JobsPanel(jobs: Vec<Job>, run: ServerAction<RunJob>) -> impl IntoView {
    if jobs.is_empty() {
        return view! { <Panel title="Scheduled jobs" id="jobs"><p class="muted">"No process has registered its jobs yet."</p></Panel> }.into_any();
    }
    let rows = jobs
        .into_iter()
        .map(|job| {
            let state = match (job.running, job.last.is_some(), job.ok) {
                (true, ..) => view! { <Badge tone=Tone::Machine>"Running"</Badge> }.into_any(),
                (_, false, _) => view! { <Badge tone=Tone::Neutral>"Not yet run"</Badge> }.into_any(),
                (_, _, true) => view! { <Badge tone=Tone::Right>"Done"</Badge> }.into_any(),
                (_, _, false) => view! { <Badge tone=Tone::Wrong>"Failed"</Badge> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><code>{job.name.clone()}</code></th>
                    <td>{job.cadence}</td>
                    <td>{state}</td>
                    <td>{job.last.map(|at| at.date_time())}</td>
                    <td>{job.detail}</td>
                    <td>{job.next.date_time()}</td>
                    <td>
                        <ActionForm action=run>
                            <input type="hidden" name="job" value=job.name/>
                            <Button size=Size::Small busy=run.pending()>"Run now"</Button>
                        </ActionForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Job"),
        Column::text("When"),
        Column::text("State"),
        Column::text("Last run"),
        Column::text("Result"),
        Column::text("Next"),
        Column::unseen("Run"),
    ];
    view! {
        <Panel title="Scheduled jobs" note="Each run happens in one process, whichever is alive." id="jobs" flush=true>
            <Table caption="Jobs and their last runs" caption_hidden=true columns>{rows}</Table>
        </Panel>
    }
    .into_any()
}

//! `/admin`: the control room. Green is silent, trouble is loud, every number leads to its cause.

use crate::admin::api::look_at_system;
use crate::admin::model::System;
use crate::admin::widgets::{AdminHead, HealthPanel, Place};
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn AdminPage() -> impl IntoView {
    let picture = Resource::new_blocking(|| (), |()| look_at_system());
    keep_fresh(picture);
    view! {
        <AdminHead place=Place::Overview/>
        {loaded(picture, |system| view! { <Shown system/> })}
    }
}

/// Looks again every ten seconds while the page is open.
fn keep_fresh(picture: Resource<crate::error::AppResult<System>>) {
    Effect::new(move |_| {
        let again = move || picture.refetch();
        if let Ok(timer) = set_interval_with_handle(again, std::time::Duration::from_secs(10)) {
            on_cleanup(move || timer.clear());
        }
    });
}

#[component]
fn Shown(system: System) -> impl IntoView {
    let System {
        health,
        counts,
        queue,
        models,
        grader,
        version,
        ..
    } = system;
    let waits = queue
        .oldest
        .map(|at| format!("the oldest since {}", at.clock()))
        .unwrap_or_default();
    let failed_tone = if queue.failed > 0 { Tone::Wrong } else { Tone::Neutral };
    let failed_note = if queue.failed > 0 { "see why, and try again" } else { "" };
    let model = models.into_iter().find(|model| model.active && model.kind == "model");
    view! {
        <div class="stack">
        <HealthPanel health/>
        <Panel title="Grading">
            <div class="stack">
            <div class="tiles">
                <Stat label="Waiting" value=queue.queued note=waits href="/admin/system#queue"/>
                <Stat label="Being graded" value=queue.claimed href="/admin/system#queue"/>
                <Stat label="Failed" value=queue.failed tone=failed_tone note=failed_note href="/admin/system#failed"/>
                <Stat label="Graded" value=counts.grades note=format!("{} decided by people", counts.reviewed)/>
            </div>
            <Facts>
                <Fact label="Model in use">
                    {match model {
                        Some(model) => view! { <a href="/admin/system#models"><code>{model.name}</code></a> " since " {model.since.date()} }.into_any(),
                        None => view! { <span class="muted">"None has graded yet."</span> }.into_any(),
                    }}
                </Fact>
                <Fact label="Grader in this process">
                    {match (grader.runs_here, grader.healthy) {
                        (true, true) => format!("{} on {}, {} inside", grader.model, grader.device, grader.waiting),
                        (true, false) => format!("not grading: {}", grader.model),
                        (false, _) => "none; others grade".to_owned(),
                    }}
                </Fact>
            </Facts>
            </div>
        </Panel>
        <Panel title="What is here">
            <div class="tiles">
                <Stat label="Users" value=counts.users note="who can sign in" href="/admin/users"/>
                <Stat label="Courses" value=counts.courses note="in use" href="/courses"/>
                <Stat label="Assignments" value=counts.assignments/>
                <Stat label="Submissions" value=counts.submissions/>
                <Stat label="Answers" value=counts.answers/>
            </div>
        </Panel>
        <p class="muted small">{format!("Auto-Grader {version}")}</p>
        </div>
    }
}

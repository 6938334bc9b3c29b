//! `/admin/models`: what grades here, how well, and what could grade instead.

use super::api::{ActivateModel, RollBackModel, TryModel, read_registry};
use super::model::{Comparison, GradingModel, Measured, Registry, Trial, TrialState, Worker, without_precision};
use crate::admin::widgets::{AdminHead, Place};
use crate::error::{AppError, AppResult};
use crate::ids::ModelId;
use crate::shell::{FormError, changes, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub fn ModelsPage() -> impl IntoView {
    let query = use_query_map();
    let activate = ServerAction::<ActivateModel>::new();
    let back = ServerAction::<RollBackModel>::new();
    let attempt = ServerAction::<TryModel>::new();
    let (active, before, tried) = (changes(activate), changes(back), changes(attempt));
    let source = move || (active.get(), before.get(), tried.get());
    let registry = Resource::new_blocking(source, |_| read_registry());
    keep_fresh(registry);
    let error = Signal::derive(move || {
        let failed = |value: Option<Result<(), AppError>>| value.and_then(Result::err);
        let of = [activate.value().get(), back.value().get(), attempt.value().get()];
        of.into_iter().find_map(failed)
    });
    let hitch = move || {
        let words = match query.with(|query| query.get("hitch")).as_deref() {
            Some("known") => "This head is registered already. Nothing was changed.",
            Some("report") => {
                "The report does not belong to this head, or could not be read: the report.json that grading train wrote beside it is wanted, or none. Nothing was registered."
            }
            Some("head") => {
                "This head cannot be used: head.json as written by grading train for this version of the program is wanted, of at most 16 MB. Nothing was registered."
            }
            _ => return None,
        };
        Some(
            view! { <Notice tone=Tone::Wrong icon=Glyph::Warning title="The head was not registered"><p>{words}</p></Notice> },
        )
    };
    view! {
        <AdminHead place=Place::Models/>
        <FormError error/>
        {hitch}
        {loaded(
            registry,
            move |Registry { models, before, workers, trials }| {
                let here = |model: &GradingModel| (model.id, model.name.clone());
                let earlier = models.iter().find(|model| Some(model.id) == before).map(here);
                let now = models.iter().find(|model| model.active).map(here);
                let active = now.as_ref().map(|(_, name)| name.clone());
                view! {
                    <div class="stack">
                        <Models models activate attempt/>
                        {now.zip(earlier).map(|((active, _), (before, name))| view! { <Back active before name back/> })}
                        <Workers workers active/>
                        <Trials trials/>
                        <Register/>
                    </div>
                }
            },
        )}
    }
}

/// Looks again every two seconds while a worker switches or a trial is under way.
fn keep_fresh(registry: Resource<AppResult<Registry>>) {
    Effect::new(move |_| {
        let moving = matches!(registry.get(), Some(Ok(registry)) if registry.is_moving());
        let again = move || registry.refetch();
        if moving && let Ok(timer) = set_timeout_with_handle(again, std::time::Duration::from_secs(2)) {
            on_cleanup(move || timer.clear());
        }
    });
}

#[component]
fn Models(
    models: Vec<GradingModel>,
    activate: ServerAction<ActivateModel>,
    attempt: ServerAction<TryModel>,
) -> impl IntoView {
    if models.is_empty() {
        return view! { <Panel title="Models"><p class="muted">"No worker has started yet. The model built into the program appears here as soon as one does."</p></Panel> }.into_any();
    }
    let rows = models
        .into_iter()
        .map(|model| view! { <OneModel model activate attempt/> })
        .collect_view();
    view! {
        <Panel title="Models" note="Every grade names the model that suggested it. Activating another one changes by itself no suggestion that stands.">
            <div class="pairs">{rows}</div>
        </Panel>
    }
    .into_any()
}

#[component]
fn OneModel(
    model: GradingModel,
    activate: ServerAction<ActivateModel>,
    attempt: ServerAction<TryModel>,
) -> impl IntoView {
    let GradingModel {
        id,
        name,
        head_hash,
        active,
        registered_at,
        activated_at,
        suggestions,
        quality,
    } = model;
    let head = head_hash.map_or_else(
        || "Built into a program, and not kept".to_owned(),
        |hash| format!("SHA-256 {hash}"),
    );
    let rows = quality
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{row.name.clone()}</th>
                    <td class="num">{format!("{} / {}", row.answers, row.questions)}</td>
                    <td class="num">{format!("{:.3}", row.rmse)}</td>
                    <td class="num">{format!("{:.3}", row.qwk)}</td>
                    <td class="num">{format!("{:.1} %", row.agreement * 100.0)}</td>
                    <td class="num">{format!("{:.1} %", row.coverage * 100.0)}</td>
                    <td class="num">{format!("{:.1} %", row.accepted_agreement * 100.0)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Measured on"),
        Column::number("Answers / questions"),
        Column::number("RMSE"),
        Column::number("QWK"),
        Column::number("Same points"),
        Column::number("Accepted"),
        Column::number("Same points there"),
    ];
    let label = name.clone();
    view! {
        <article class="pair">
            <header class="desk-head">
                <h3 class="model-name"><code>{name.clone()}</code></h3>
                {active.then(|| view! { <Badge tone=Tone::Machine>"Active"</Badge> })}
            </header>
            <p class="small muted model-name">
                {format!("{head}. Registered {}.", registered_at.date_time())}
                {activated_at.map(|at| format!(" Last activated {}.", at.date_time()))}
                {format!(" {suggestions} suggestions that stand now are its own.")}
            </p>
            {if quality.is_empty() {
                view! { <p class="small muted">"No report was registered with it, so what it measured in training is not known here."</p> }.into_any()
            } else {
                view! { <Table caption=format!("Quality of {label}") caption_hidden=true columns>{rows}</Table> }.into_any()
            }}
            {(!active)
                .then(|| {
                    view! {
                        <div class="row">
                            <ActionForm action=attempt attr:class="row">
                                <input type="hidden" name="model" value=id.to_string()/>
                                <TextField name="answers" id=format!("answers-{id}") label="Stored answers to try it on" kind=InputKind::Number value="300" min="1" max="2000" required=true/>
                                <Button icon=Glyph::Play busy=attempt.pending()>"Try it in the shadow"</Button>
                            </ActionForm>
                            <Confirm label="Activate…" variant=Variant::Secondary>
                                <p>"All workers switch to it within seconds, without a restart. New suggestions are made by it; those that stand stay until a decision or a new answer has those of their question made anew. You can go back."</p>
                                <ActionForm action=activate>
                                    <input type="hidden" name="model" value=id.to_string()/>
                                    <Button variant=Variant::Primary busy=activate.pending()>"Activate this model"</Button>
                                </ActionForm>
                            </Confirm>
                        </div>
                    }
                })}
        </article>
    }
}

#[component]
fn Back(active: ModelId, before: ModelId, name: String, back: ServerAction<RollBackModel>) -> impl IntoView {
    view! {
        <Panel title="Going back">
            <div class="row row-between">
                <p class="model-name">"Before, " <code>{name}</code> " was active."</p>
                <Confirm label="Roll back…" icon=Glyph::Undo>
                    <p>"All workers switch back within seconds. Suggestions of the other model stay until a decision or a new answer has those of their question made anew."</p>
                    // What is shown here goes along, so that a page somebody else has overtaken does not lead forward again.
                    <ActionForm action=back>
                        <input type="hidden" name="active" value=active.to_string()/>
                        <input type="hidden" name="before" value=before.to_string()/>
                        <Button variant=Variant::Primary busy=back.pending()>"Roll back"</Button>
                    </ActionForm>
                </Confirm>
            </div>
        </Panel>
    }
}

#[component]
fn Workers(workers: Vec<Worker>, active: Option<String>) -> impl IntoView {
    if workers.is_empty() {
        return view! { <Panel title="Workers" tone=Tone::Late><p>"No worker has been heard of in the last minute: nothing is graded now."</p></Panel> }.into_any();
    }
    let rows = workers
        .into_iter()
        .map(|worker| {
            let same = active.as_deref().map(without_precision) == Some(without_precision(&worker.model));
            let (tone, word) = match &worker.problem {
                Some(_) => (Tone::Wrong, "Cannot switch"),
                None if same => (Tone::Right, "Active model"),
                None => (Tone::Late, "Switching"),
            };
            let problem = worker
                .problem
                .map(|why| view! { <p class="field-error model-name">{why}</p> });
            view! {
                <tr>
                    <th scope="row"><code>{worker.name}</code></th>
                    <td class="model-name"><code>{worker.model}</code></td>
                    <td><Badge tone>{word}</Badge>{problem}</td>
                    <td>{worker.device}</td>
                    <td>{worker.seen_at.date_time()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Workers" flush=true>
            <Table caption="Workers and their models" caption_hidden=true columns=vec![Column::text("Worker"), Column::text("Grades with"), Column::text("State"), Column::text("Device"), Column::text("Last heard of")]>{rows}</Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Trials(trials: Vec<Trial>) -> impl IntoView {
    if trials.is_empty() {
        return view! { <Panel title="Trials in the shadow" id="trials"><p class="muted">"None yet. A trial grades stored answers with a candidate and with the active model, and compares both with what teachers decided. No grade changes by it."</p></Panel> }.into_any();
    }
    let rows = trials
        .into_iter()
        .map(|trial| {
            let tone = match trial.state {
                TrialState::Done => Tone::Right,
                TrialState::Failed => Tone::Wrong,
                _ => Tone::Neutral,
            };
            view! {
                <article class="pair">
                    <header class="desk-head">
                        <h3 class="model-name"><code>{trial.model_name.clone()}</code></h3>
                        <span class="row"><span class="small muted">{trial.asked_at.date_time()}</span><Badge tone>{trial.state.words()}</Badge></span>
                    </header>
                    {trial.problem.clone().map(|problem| view! { <p>{problem}</p> })}
                    {trial.result.clone().map(|result| view! { <Compared result name=format!("{}, {}", trial.model_name, trial.asked_at.date_time())/> })}
                </article>
            }
        })
        .collect_view();
    view! {
        <Panel title="Trials in the shadow" id="trials" note="Both models graded the same stored answers without examples from teachers.">
            <div class="pairs">{rows}</div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Compared(result: Comparison, name: String) -> impl IntoView {
    let Comparison {
        active,
        answers,
        other_points,
        other_decision,
        apart,
        decided,
        of_active,
        of_candidate,
        examples,
    } = result;
    let row = move |name: &'static str, measured: Measured| {
        let agreed = if decided == 0 {
            "–".to_owned()
        } else {
            format!(
                "{} of {decided} ({:.1} %)",
                measured.agreed,
                f64::from(measured.agreed) / f64::from(decided) * 100.0
            )
        };
        let rmse = measured
            .rmse
            .map_or_else(|| "–".to_owned(), |rmse| format!("{rmse:.3}"));
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="num">{agreed}</td>
                <td class="num">{rmse}</td>
                <td class="num">{format!("{} of {answers}", measured.accepted)}</td>
            </tr>
        }
    };
    let changed = examples
        .into_iter()
        .map(|each| {
            let href = format!("/assignments/{}/review?grade={}", each.assignment, each.grade);
            let human = each.human.map(|points| format!(", the teacher gave {points}")).unwrap_or_default();
            view! { <li><a href=href>{crate::grade::model::label(each.grade)}</a>{format!(": {} instead of {} of {}{human}", each.candidate, each.active, each.of)}</li> }
        })
        .collect_view();
    let columns = vec![
        Column::text("Model"),
        Column::number("Teacher's points"),
        Column::number("RMSE"),
        Column::number("Would accept"),
    ];
    view! {
        <p>{format!("{other_points} of {answers} answers would get other points, {other_decision} would change between accepted and review; both models are {apart:.3} of the points apart (root mean square).")}</p>
        <Table caption=format!("{name} and the active model beside the teachers") caption_hidden=true columns>
            {row("This model", of_candidate)} {row("Active then", of_active)}
        </Table>
        <p class="small muted model-name">"Compared with " <code>{active}</code></p>
        {(other_points > 0).then(|| view! { <details class="earlier"><summary>"The widest differences"</summary><ul class="reference-list small">{changed}</ul></details> })}
    }
}

/// Without script, too: a plain form with a file.
#[component]
fn Register() -> impl IntoView {
    view! {
        <Panel title="Register a head" note="head.json and report.json, as written by auto-grader grading train. It is checked, kept under its checksum, and not active before you say so.">
            <form method="post" action="/admin/models/register" enctype="multipart/form-data" class="stack stack-tight">
                <FieldShell id="f-head" label="Head (head.json)" required=true>
                    <input type="file" id="f-head" name="head" accept=".json,application/json" required/>
                </FieldShell>
                <FieldShell id="f-report" label="Report of its training (report.json)">
                    <input type="file" id="f-report" name="report" accept=".json,application/json"/>
                </FieldShell>
                <div class="row"><Button icon=Glyph::Plus>"Register"</Button></div>
            </form>
        </Panel>
    }
}

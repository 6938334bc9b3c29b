//! Ticks and dots.

use super::{Choice, field_id, shell::FieldMessage};
use crate::ui::words;
use leptos::prelude::*;

/// One thing to agree to. Sends `value` when ticked, nothing when not.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] checked: Signal<bool>,
    #[prop(default = "on".into(), into)] value: String,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    let id = field_id(id, &name);
    let error_id = [&id, "-error"].concat();
    let choice = Choice {
        value,
        label,
        hint,
        disabled: false,
    };
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <Tick kind="checkbox" name id choice checked required disabled on_tick=Callback::new(move |(_, on)| {
                if let Some(report) = on_change {
                    report.try_run(on);
                }
            })/>
            <FieldMessage id=error_id error/>
        </div>
    }
}

/// One of a few. All options are seen at once.
#[component]
pub fn RadioGroup(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(into)] options: Vec<Choice>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    /// Side by side instead of one below the other.
    #[prop(optional)]
    inline: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let ticks = options
        .into_iter()
        .enumerate()
        .map(|(place, choice)| {
            let own = choice.value.clone();
            let checked = Signal::derive(move || value.with(|now| *now == own));
            let on_tick = Callback::new(move |(chosen, _): (String, bool)| {
                if let Some(report) = on_change {
                    report.try_run(chosen);
                }
            });
            view! { <Tick kind="radio" name=name.clone() id=nth_id(&name, place) choice checked required disabled on_tick/> }
        })
        .collect_view();
    view! { <Group name=name.clone() legend nostrip:hint=hint error required inline>{ticks}</Group> }
}

/// Any number of a few. Each ticked one sends its value under the same name.
#[component]
pub fn CheckboxGroup(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(into)] options: Vec<Choice>,
    #[prop(optional, into)] values: Signal<Vec<String>>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] inline: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// The option and whether it is ticked now.
    #[prop(optional, into)]
    on_change: Option<Callback<(String, bool)>>,
) -> impl IntoView {
    let ticks = options
        .into_iter()
        .enumerate()
        .map(|(place, choice)| {
            let own = choice.value.clone();
            let checked = Signal::derive(move || values.with(|now| now.contains(&own)));
            let on_tick = Callback::new(move |change| {
                if let Some(report) = on_change {
                    report.try_run(change);
                }
            });
            view! { <Tick kind="checkbox" name=name.clone() id=nth_id(&name, place) choice checked required=false disabled on_tick/> }
        })
        .collect_view();
    view! { <Group name=name.clone() legend nostrip:hint=hint error required=false inline>{ticks}</Group> }
}

/// The first option carries the group's own id, so that the error summary leads to it.
fn nth_id(name: &str, place: usize) -> String {
    match place {
        0 => ["f-", name].concat(),
        _ => ["f-", name, "-", &place.to_string()].concat(),
    }
}

#[component]
fn Group(
    name: String,
    legend: String,
    #[prop(optional)] hint: Option<String>,
    error: Signal<Option<String>>,
    required: bool,
    inline: bool,
    children: Children,
) -> impl IntoView {
    let error_id = ["f-", &name, "-error"].concat();
    view! {
        <fieldset class="field choices" class:choices-inline=inline class:field-wrong=move || error.with(Option::is_some) aria-describedby=error_id>
            <legend class="field-label">
                {legend} {required.then(|| view! { <span class="field-required">" "{words().required}</span> })}
            </legend>
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
            <div class="choices-list">{children()}</div>
            <FieldMessage id=error_id.clone() error/>
        </fieldset>
    }
}

#[component]
fn Tick(
    kind: &'static str,
    name: String,
    id: String,
    choice: Choice,
    checked: Signal<bool>,
    required: bool,
    disabled: Signal<bool>,
    on_tick: Callback<(String, bool)>,
) -> impl IntoView {
    let hint_id = [&id, "-hint"].concat();
    let error_id = ["f-", &name, "-error"].concat();
    let described = match choice.hint {
        Some(_) => [&hint_id, " ", &error_id].concat(),
        None => error_id,
    };
    let own = choice.value.clone();
    let never = choice.disabled;
    view! {
        <div class="tick">
            <input
                id=id.clone()
                type=kind
                name=name
                value=choice.value
                checked=checked.get_untracked()
                prop:checked=move || checked.get()
                required=required
                disabled=move || never || disabled.get()
                aria-describedby=described
                on:change=move |event| { on_tick.try_run((own.clone(), event_target_checked(&event))); }
            />
            <label for=id>{choice.label}</label>
            {choice.hint.map(|hint| view! { <p class="tick-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

//! `/notifications/settings`: what somebody wants to be told, how, and when not.

use crate::account::pages::came_back;
use crate::error::AppError;
use crate::mail::api::{SavePreferences, read_preferences};
use crate::mail::model::{Kind, Preferences, Wish};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn PreferencesPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| read_preferences());
    let saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let error = came_back::<SavePreferences>();
    view! {
        <Title text="What you are told"/>
        <PageHeader
            title="What you are told"
            trail=vec![Crumb::new("Notifications", "/notifications"), Crumb::here("What you are told")]
        />
        <div class="stack">
            {(saved).then(|| view! { <Notice tone=Tone::Right title="Saved."/> })}
            <FormError error/>
            {loaded(data, move |data| view! { <Form data error/> })}
        </div>
    }
}

#[component]
fn Form(data: Preferences, error: Signal<Option<AppError>>) -> impl IntoView {
    let Preferences {
        wishes,
        quiet_from,
        quiet_until,
        time_zone,
        institution_zone,
        time_zones,
        mail,
    } = data;
    let message = move |field: &'static str| {
        Signal::derive(move || error.get().and_then(|error| error.for_field(field)).unwrap_or_default())
    };
    let ticked = |pick: fn(&Wish) -> bool| -> Vec<String> {
        wishes
            .iter()
            .filter(|wish| pick(wish))
            .map(|wish| wish.kind.code().to_owned())
            .collect()
    };
    let choices = || -> Vec<Choice> {
        wishes
            .iter()
            .map(|wish| Choice::new(wish.kind.code(), wish.kind.title()).hint(wish.kind.explains()))
            .collect()
    };
    let mut zones = vec![Choice::new("", format!("As the institution: {institution_zone}"))];
    zones.extend(time_zones.into_iter().map(|zone| Choice::new(zone.clone(), zone)));
    let off = (!mail).then(|| {
        view! { <Notice tone=Tone::Neutral icon=Glyph::Info title="This installation sends no mail">"What you choose here counts as soon as it does."</Notice> }
    });
    let always: String = Kind::ALL
        .into_iter()
        .filter(|kind| !kind.is_optional() && *kind != Kind::Test)
        .map(|kind| kind.title().to_lowercase())
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        {off}
        <form method="post" action=SavePreferences::url() class="stack stack-loose measure">
            <CheckboxGroup name="mail[]" legend="By e-mail" options=choices() values=ticked(|wish| wish.mail)/>
            <CheckboxGroup name="app[]" legend="In the app" options=choices() values=ticked(|wish| wish.app)/>
            <p class="muted small">{format!("Always sent, because your account depends on it: {always}.")}</p>
            <Fieldset legend="Quiet hours" hint="Mail that can wait arrives when they end. Leave both empty for none.">
                <div class="fields">
                    <TextField name="quiet_from" label="From" value=quiet_from error=message("quiet_from") maxlength=5 hint="Such as 22:00"/>
                    <TextField name="quiet_until" label="Until" value=quiet_until error=message("quiet_until") maxlength=5 hint="Such as 07:00"/>
                </div>
                <Select name="time_zone" label="Time zone" options=zones value=time_zone error=message("time_zone")/>
            </Fieldset>
            <FormActions><Button variant=Variant::Primary icon=Glyph::Check>"Save"</Button></FormActions>
        </form>
    }
}

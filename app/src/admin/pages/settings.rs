//! `/admin/settings`: the institution.

use crate::admin::api::{SaveSettings, read_settings};
use crate::admin::model::SettingsPageData;
use crate::admin::widgets::{AdminHead, Place};
use crate::course::widgets::{done, failure, wrong};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let save = ServerAction::<SaveSettings>::new();
    let changes = done(save);
    let data = Resource::new_blocking(move || changes.get(), |_| read_settings());
    let saved = move || save.value().with(|value| matches!(value, Some(Ok(()))));
    view! {
        <AdminHead place=Place::Settings/>
        <div aria-live="polite">{move || saved().then(|| view! { <Notice tone=Tone::Right title="Saved."/> })}</div>
        <FormError error=failure(save)/>
        {loaded(data, move |data| view! { <Fields data save/> })}
    }
}

#[component]
fn Fields(data: SettingsPageData, save: ServerAction<SaveSettings>) -> impl IntoView {
    let SettingsPageData {
        institution,
        time_zones,
        local_time,
    } = data;
    let failed = failure(save);
    let zones: Vec<Choice> = time_zones
        .into_iter()
        .map(|zone| Choice::new(zone.clone(), zone))
        .collect();
    view! {
        <div class="measure">
            <ActionForm action=save>
                <div class="stack">
                    <TextField name="name" label="Name of the institution" value=institution.name required=true maxlength=120 error=wrong(failed, "name")/>
                    <Select
                        name="time_zone"
                        label="Time zone"
                        options=zones
                        value=institution.time_zone
                        hint=format!("Every time and deadline is shown in it. Now: {local_time}.")
                        error=wrong(failed, "time_zone")
                    />
                    <Checkbox
                        name="self_registration"
                        label="Anyone may register as a student"
                        hint="Without it, accounts are made by administrators and teachers alone."
                        checked=institution.self_registration
                    />
                    <Checkbox
                        name="verified_email"
                        label="Who registers must confirm the e-mail address"
                        hint="Before the first sign-in, by a link in a mail. Without mail it has no effect."
                        checked=institution.verified_email
                    />
                    <FormActions><Button variant=Variant::Primary icon=Glyph::Check busy=save.pending()>"Save"</Button></FormActions>
                </div>
            </ActionForm>
        </div>
    }
}

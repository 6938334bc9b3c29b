//! `/`: the first page.

use super::api::load_home;
use super::model::Home;
use super::widgets::{Due, Grades, Landing, Teaching};
use crate::shell::{loaded, signed_in};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn DashboardPage() -> impl IntoView {
    match signed_in() {
        None => view! { <Landing/> }.into_any(),
        Some(person) => {
            let home = Resource::new_blocking(|| (), |()| load_home());
            let is_admin = person.is_admin;
            view! {
                <Title text="Home"/>
                <PageHeader title=format!("Hello, {}", person.name)/>
                {loaded(home, move |home| view! { <Rooms home is_admin/> })}
            }
            .into_any()
        }
    }
}

#[component]
fn Rooms(home: Home, is_admin: bool) -> impl IntoView {
    let Home {
        attends,
        due,
        grades,
        teaches,
        teaching,
        now,
    } = home;
    let nowhere = (!attends && !teaches && !is_admin).then(|| {
        view! {
            <Empty title="You are not part of a course yet" icon=Glyph::Book>
                "Your teacher adds you with the e-mail address of your account. As soon as that happens, your assignments appear here."
            </Empty>
        }
    });
    let console = is_admin.then(|| {
        view! { <Card href="/admin" title="Administration" note="People, system health, audit log and settings"/> }
    });
    let start = (is_admin && !teaches)
        .then(|| view! { <Card href="/courses" title="Courses" note="Every course of the institution"/> });
    view! {
        <div class="stack stack-loose">
            {nowhere}
            {attends.then(|| view! { <Due due/> })}
            {attends.then(|| view! { <Grades grades now/> })}
            {teaches.then(|| view! { <Teaching teaching now/> })}
            <div class="grid-2">{console} {start}</div>
        </div>
    }
}

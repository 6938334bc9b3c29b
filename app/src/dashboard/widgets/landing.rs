//! The door: what a visitor sees.

use crate::shell::viewer;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn Landing() -> impl IntoView {
    let viewer = viewer();
    let register = viewer.self_registration.then(
        || view! { <LinkButton href="/register" size=Size::Large external=true>"Create an account"</LinkButton> },
    );
    let lead = "Write your answers; they are saved as you type. Your teacher sees them graded, looks where the machine is unsure, and you read why you got what you got.";
    view! {
        <Title text="Welcome"/>
        <div class="landing">
            <PageHeader title=viewer.institution lead=lead/>
            <p class="row">
                <LinkButton href="/sign-in" variant=Variant::Primary size=Size::Large external=true>"Sign in"</LinkButton>
                {register}
            </p>
            <p class="small muted">"Somebody gave you a receipt? " <a href="/receipts/verify">"Verify it"</a> "."</p>
        </div>
    }
}

//! The head of a page: where one is, what it is called, what one can do here.

use super::{Breadcrumb, Crumb};
use leptos::{children::ViewFnOnce, prelude::*};

/// The page's only `<h1>`, with its way here above and its actions beside.
#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    /// A sentence below the title.
    #[prop(optional, into)]
    lead: Signal<String>,
    #[prop(optional, into)] trail: Option<Signal<Vec<Crumb>>>,
    #[prop(optional, into)] badge: Option<ViewFnOnce>,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
) -> impl IntoView {
    view! {
        <header class="page-head">
            {trail.map(|items| view! { <Breadcrumb items/> })}
            <div class="page-head-row">
                <div class="page-head-words">
                    <h1>{move || title.get()}{badge.map(|badge| view! { " " {badge.run()} })}</h1>
                    <p class="page-lead">{move || lead.get()}</p>
                </div>
                {actions.map(|actions| view! { <div class="page-actions">{actions.run()}</div> })}
            </div>
        </header>
    }
}

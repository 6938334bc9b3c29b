//! Where this page stands: course › assignment › question.

use super::words;
use leptos::prelude::*;

/// One step of the way. The last one is usually `here`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
        }
    }

    /// The page one is on: no link.
    pub fn here(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
        }
    }
}

/// The way here, each step a link.
#[component]
pub fn Breadcrumb(#[prop(into)] items: Signal<Vec<Crumb>>) -> impl IntoView {
    view! {
        <nav class="breadcrumb" aria-label=words().breadcrumb>
            <ol>
                {move || {
                    items
                        .get()
                        .into_iter()
                        .map(|Crumb { label, href }| match href {
                            Some(href) => view! { <li><a href=href>{label}</a></li> }.into_any(),
                            None => view! { <li aria-current="page">{label}</li> }.into_any(),
                        })
                        .collect_view()
                }}
            </ol>
        </nav>
    }
}

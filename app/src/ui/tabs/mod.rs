//! Tabs that are links: each view has its own address and works without script.

use super::stat::grouped;
use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub count: Option<u64>,
    pub current: bool,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            count: None,
            current: false,
        }
    }

    /// How many are behind it.
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Whether it is the one shown.
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }
}

/// A row of link tabs; scrolls sideways when the window is narrow.
#[component]
pub fn Tabs(#[prop(into)] label: String, #[prop(into)] items: Signal<Vec<Tab>>) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>
                {move || {
                    items
                        .get()
                        .into_iter()
                        .map(|tab| {
                            view! {
                                <li>
                                    <a href=tab.href aria-current=tab.current.then_some("page")>
                                        {tab.label}
                                        {tab.count.map(|count| view! { <span class="tab-count">{grouped(count)}</span> })}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </nav>
    }
}

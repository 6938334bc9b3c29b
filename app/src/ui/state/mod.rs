//! What a list or panel shows when it has nothing to show: nothing yet, not yet, or not possible.

use super::{Glyph, Icon, LinkButton, words};
use leptos::{children::ViewFnOnce, prelude::*};

/// Nothing here yet, and what to do about it.
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(default = Glyph::Inbox)] icon: Glyph,
    #[prop(optional, into)] action: Option<ViewFnOnce>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon glyph=icon/></span>
            <p class="empty-title">{title}</p>
            {children.map(|children| view! { <div class="empty-text">{children()}</div> })}
            {action.map(|action| view! { <div class="empty-action">{action.run()}</div> })}
        </div>
    }
}

/// The shape of what is coming.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SkeletonShape {
    #[default]
    Rows,
    Text,
    Tiles,
    Chart,
}

impl SkeletonShape {
    fn class(self) -> &'static str {
        match self {
            SkeletonShape::Rows => "skeleton skeleton-rows",
            SkeletonShape::Text => "skeleton skeleton-text",
            SkeletonShape::Tiles => "skeleton skeleton-tiles",
            SkeletonShape::Chart => "skeleton skeleton-chart",
        }
    }
}

/// The grey shape of what is coming. Takes its place at once and shows itself only after 200 ms, so that fast answers never flicker.
#[component]
pub fn Skeleton(#[prop(optional)] shape: SkeletonShape, #[prop(default = 4)] count: usize) -> impl IntoView {
    view! {
        <div class=shape.class() role="status" aria-busy="true">
            <span class="visually-hidden">{words().loading}</span>
            {(0..count).map(|_| view! { <span class="bone" aria-hidden="true"></span> }).collect_view()}
        </div>
    }
}

/// Something did not work: what happened, what is safe, what to do, and a number to tell.
#[component]
pub fn ErrorState(
    #[prop(into)] title: String,
    #[prop(optional, into)] safe: Option<String>,
    #[prop(optional, into)] todo: Option<String>,
    #[prop(optional, into)] incident: Option<String>,
    /// Where trying again leads; usually this same page.
    #[prop(optional, into)]
    retry: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let said = |words: &String| !words.is_empty();
    view! {
        <div class="error-state tone-wrong" role="alert">
            <span class="empty-icon"><Icon glyph=Glyph::Warning/></span>
            <p class="empty-title">{title}</p>
            {safe.filter(said).map(|safe| view! { <p class="error-safe"><Icon glyph=Glyph::Shield/><span>{safe}</span></p> })}
            {todo.filter(said).map(|todo| view! { <p>{todo}</p> })}
            {children.map(|children| view! { <div>{children()}</div> })}
            {retry
                .filter(said)
                .map(|href| {
                    view! { <div class="empty-action"><LinkButton href icon=Glyph::Refresh external=true>{words().try_again}</LinkButton></div> }
                })}
            {incident
                .filter(said)
                .map(|incident| {
                    view! { <p class="error-incident" title=words().incident_hint>{words().incident}" "<code>{incident}</code></p> }
                })}
        </div>
    }
}

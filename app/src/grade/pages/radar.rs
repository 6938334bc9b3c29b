//! The consistency radar: where answers that say the same have different points, and how graders compare with the suggestions.

use super::trail;
use crate::grade::api::read_radar;
use crate::grade::model::{GraderTrend, Member, Place, RadarPageData, Uneven};
use crate::grade::widgets::Severity;
use crate::ids::AssignmentId;
use crate::points::Points;
use crate::shell::loaded;
use crate::ui::{Badge, Empty, Glyph, LinkButton, PageHeader, Panel, StudentVoice, Tone};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// `/assignments/:assignment/radar`
#[component]
pub fn RadarPage() -> impl IntoView {
    let params = use_params_map();
    let source = move || params.with(|params| params.get("assignment").unwrap_or_default());
    let page = Resource::new_blocking(source, read_radar);
    loaded(page, move |page| view! { <Shown page/> })
}

#[component]
fn Shown(page: RadarPageData) -> impl IntoView {
    let RadarPageData { place, radar } = page;
    let Place {
        assignment,
        title,
        course,
        course_title,
    } = place;
    let crumbs = trail(course, &course_title, assignment, &title, "Consistency");
    let none = radar.uneven.is_empty();
    let rows = radar
        .uneven
        .into_iter()
        .map(|uneven| view! { <Pair assignment uneven/> })
        .collect_view();
    view! {
        <Title text=format!("Consistency: {title}")/>
        <PageHeader
            title=format!("Consistency: {title}")
            lead="Places worth a second look. Where scores differ there may be a good reason; only you can tell."
            trail=Signal::stored(crumbs)
            actions=move || {
                view! { <LinkButton href=format!("/assignments/{assignment}/grading") icon=Glyph::Chart>"Live grading"</LinkButton> }
            }
        />
        <div class="stack">
            <Panel title="Nearly the same words, different points" id="uneven">
                {if none {
                    view! { <Empty title="No differences" icon=Glyph::Check>"All answers that say nearly the same have the same points."</Empty> }.into_any()
                } else {
                    view! { <div class="pairs">{rows}</div> }.into_any()
                }}
                {radar.more.then(|| view! { <p class="small muted">"There are more; these differ most."</p> })}
            </Panel>
            <Graders graders=radar.graders/>
        </div>
    }
}

#[component]
fn Pair(assignment: AssignmentId, uneven: Uneven) -> impl IntoView {
    let Uneven {
        question: _,
        position,
        of,
        answers,
        lowest,
        highest,
    } = uneven;
    view! {
        <article class="pair">
            <header class="desk-head">
                <h3>{format!("Question {position}")}</h3>
                <span class="small muted">{format!("{answers} answers that say nearly the same, {} to {} of {of} points", lowest.points, highest.points)}</span>
            </header>
            <div class="grid-2"><Side assignment member=lowest of/><Side assignment member=highest of/></div>
        </article>
    }
}

#[component]
fn Side(assignment: AssignmentId, member: Member, of: Points) -> impl IntoView {
    let (tone, who) = if member.decided {
        (Tone::Human, "decided")
    } else {
        (Tone::Machine, "suggested")
    };
    let href = format!("/assignments/{assignment}/review?grade={}", member.grade);
    view! {
        <div class="stack stack-tight">
            <p class="row row-between">
                <a href=href>{member.label.clone()}</a>
                <Badge tone>{format!("{} of {of} {who}", member.points)}</Badge>
            </p>
            {if member.text.trim().is_empty() {
                view! { <p class="answer-empty muted">"No answer was given."</p> }.into_any()
            } else {
                view! { <StudentVoice text=member.text/> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Graders(graders: Vec<GraderTrend>) -> impl IntoView {
    let none = graders.is_empty();
    view! {
        <Panel title="Graders beside the suggestions" id="graders">
            {if none {
                view! { <p class="muted">"Nobody has decided about a suggestion for free text yet."</p> }.into_any()
            } else {
                view! {
                    <div class="stack stack-tight">
                        <Severity graders/>
                        <p class="small muted">
                            "Each decision less the suggestion beside it, as a share of the question's points; on the right its course over time, oldest decisions first. People see different answers, mostly the hard ones, and the machine is no measure of what is right: a difference is a reason to talk, not a verdict."
                        </p>
                    </div>
                }
                    .into_any()
            }}
        </Panel>
    }
}

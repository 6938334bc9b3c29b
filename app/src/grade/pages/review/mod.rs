//! The review desk: one answer after the other, decided with a few keys.
//!
//! `desk` holds the state and sends decisions; the page moves on before the answer of the server is there, and comes back with
//! what went wrong (`trouble`). `drafts` keeps what was typed, `follow` brings what others and the machine did meanwhile, `keys` and
//! `typing` are what the keys do. Without script the same page shows one answer with a plain form.

mod arrive;
mod desk;
mod drafts;
mod follow;
mod keys;
mod paper;
mod side;
mod trouble;
mod typing;

use super::{review_address, trail};
use crate::grade::api::{DecideForm, read_desk};
use crate::grade::model::{QueueFilter, ReviewDesk, ReviewState};
use crate::shell::{FormError, loaded};
use crate::ui::{Button, Empty, Glyph, KeyHelp, LinkButton, PageHeader, Tab, Tabs, Variant};
use desk::Desk;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use paper::{Paper, Suggested};
use side::Side;
use trouble::Troubles;

/// `/assignments/:assignment/review`, with `?question=`, `?state=`, `?grade=` and `?after=`.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let source = move || {
        let assignment = params.with(|params| params.get("assignment").unwrap_or_default());
        query.with(|query| {
            (
                assignment,
                query.get("question"),
                query.get("state"),
                query.get("grade"),
                query.get("after"),
            )
        })
    };
    let opened = Resource::new_blocking(source, |(assignment, question, state, grade, after)| {
        read_desk(assignment, question, state, grade, after)
    });
    loaded(opened, |opened| view! { <Review opened/> })
}

#[component]
fn Review(opened: ReviewDesk) -> impl IntoView {
    let title = format!("Review: {}", opened.title);
    let crumbs = trail(
        opened.course,
        &opened.course_title,
        opened.assignment,
        &opened.title,
        "Review",
    );
    let (assignment, filter) = (opened.assignment, opened.filter);
    let only = filter.question.and_then(|id| {
        opened
            .queue
            .questions
            .iter()
            .find(|question| question.id == id)
            .map(|question| question.position)
    });
    let desk = Desk::new(opened);
    desk.listen();
    desk.follow();
    desk.guard();
    // The error with which the plain form came back.
    let plain = ServerAction::<DecideForm>::new();
    let tabs = Signal::derive(move || {
        let counts = desk.counts.get();
        let tab = |label: &str, state: ReviewState, n: u32| {
            let plain = QueueFilter {
                state,
                sample: false,
                ..filter
            };
            Tab::new(label, review_address(assignment, plain, None))
                .count(u64::from(n))
                .current(filter.state == state && !filter.sample)
        };
        let mut tabs = vec![
            tab("Needs review", ReviewState::Waiting, counts.waiting),
            tab("Accepted", ReviewState::Accepted, counts.accepted),
            tab("Decided", ReviewState::Reviewed, counts.reviewed),
        ];
        if counts.sample > 0 || filter.sample {
            let sample = QueueFilter {
                state: ReviewState::Accepted,
                sample: true,
                ..filter
            };
            tabs.push(
                Tab::new("Random sample", review_address(assignment, sample, None))
                    .count(u64::from(counts.sample))
                    .current(filter.sample),
            );
        }
        tabs
    });
    let all = review_address(
        assignment,
        QueueFilter {
            question: None,
            ..filter
        },
        None,
    );
    view! {
        <Title text=title.clone()/>
        <PageHeader
            title
            trail=Signal::stored(crumbs)
            actions=move || {
                view! {
                    <KeyHelp
                        id="keys"
                        keys=vec![
                            ("0 – 9", "Give points"),
                            ("+", "Half a point more"),
                            ("-", "Half a point less"),
                            ("Enter", "Save and next"),
                            ("A", "Accept the suggestion and next"),
                            ("J", "Next answer"),
                            ("K", "Previous answer"),
                            ("C", "Write a comment"),
                            ("U", "Take the last decision back"),
                        ]
                    />
                    <LinkButton href=format!("/assignments/{assignment}/groups") icon=Glyph::List>"Answer groups"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/grading") icon=Glyph::Chart>"Live grading"</LinkButton>
                }
            }
        />
        <div class="stack">
            <Tabs label="Answers" items=tabs/>
            {filter
                .question
                .map(|_| {
                    let words = only.map_or("One question only. ".to_owned(), |position| format!("Question {position} only. "));
                    view! { <p class="small">{words} <a href=all>"Show all questions"</a></p> }
                })}
            {filter
                .sample
                .then(|| view! { <p class="small">"Drawn at random from what the machine would settle alone. Its suggestion stays hidden until you have decided, so that the count is honest. "<a href=format!("/assignments/{assignment}/dial#audit")>"How the promise was kept so far"</a></p> })}
            <FormError error=Signal::derive(move || plain.value().get().and_then(Result::err))/>
            <Troubles desk/>
            <Show when=move || desk.current.with(Option::is_some) fallback=move || view! { <Finished desk/> }>
                <div class="review-desk">
                    <div class="stack">
                        <Paper desk/>
                        <Suggested desk/>
                    </div>
                    <Side desk/>
                </div>
            </Show>
        </div>
    }
}

/// The end of the queue.
#[component]
fn Finished(desk: Desk) -> impl IntoView {
    let title = match desk.filter.state {
        ReviewState::Waiting => "Nothing waits for review",
        ReviewState::Accepted => "No more accepted answers",
        ReviewState::Reviewed => "No more decided answers",
    };
    let back = format!("/assignments/{}/grading", desk.assignment);
    view! {
        <Empty
            title
            icon=Glyph::Check
            action=move || {
                view! {
                    <div class="row">
                        <LinkButton href=back.clone() variant=Variant::Primary>"Back to grading"</LinkButton>
                        <span class="needs-script">
                            <Button on_click=move |_| desk.back() disabled=Signal::derive(move || desk.items.with(Vec::is_empty))>"Previous answer"</Button>
                        </span>
                    </div>
                }
            }
        >
            "New answers come in as they are graded."
        </Empty>
    }
}

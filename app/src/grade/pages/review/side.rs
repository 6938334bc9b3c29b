//! Beside the answer: the decision, the suggestion, and what to compare with.

use super::desk::Desk;
use super::typing;
use crate::grade::api::DecideForm;
use crate::grade::widgets::worth;
use crate::points::Points;
use crate::question::model::{Criterion, Key, Question};
use crate::ui::{Button, ButtonKind, Glyph, InputKind, KeyHint, Panel, Size, TextArea, TextField, Variant};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The right-hand column.
#[component]
pub fn Side(desk: Desk) -> impl IntoView {
    view! {
        <div class="review-side">
            <Panel title="Your decision"><Decision desk/></Panel>
            {move || desk.question.get().map(|question| view! { <Compare question/> })}
        </div>
    }
}

#[component]
fn Decision(desk: Desk) -> impl IntoView {
    let of = move || {
        desk.question
            .with(|question| question.as_ref().map(|question| question.points))
            .unwrap_or_default()
    };
    let hidden = move |part: fn(&crate::grade::model::ReviewItem) -> String| {
        move || desk.current.with(|item| item.as_ref().map(part))
    };
    let machine = Memo::new(move |_| {
        desk.current.with(|item| {
            item.as_ref()
                .and_then(|item| item.machine.as_ref().map(|machine| machine.points))
        })
    });
    let decided = Memo::new(move |_| {
        desk.current
            .with(|item| item.as_ref().is_some_and(|item| item.human.is_some()))
    });
    let skip = move || {
        super::review_address(
            desk.assignment,
            desk.filter,
            desk.current.with(|item| item.as_ref().map(|item| item.cursor)),
        )
    };
    view! {
        <form
            class="desk-form"
            method="post"
            action=DecideForm::url()
            on:submit=move |event| {
                event.prevent_default();
                desk.save();
            }
        >
            <input type="hidden" name="assignment" value=desk.assignment.to_string()/>
            <input type="hidden" name="question" value=desk.filter.question.map(|id| id.to_string()).unwrap_or_default()/>
            <input type="hidden" name="state" value=if desk.filter.sample { "sample" } else { desk.filter.state.name() }/>
            <input type="hidden" name="grade" value=hidden(|item| item.grade.to_string())/>
            <input type="hidden" name="version" value=hidden(|item| item.version.to_string())/>
            <input type="hidden" name="after" value=hidden(|item| item.cursor.to_string())/>
            <TextField
                name="points"
                label="Points"
                kind=InputKind::Text
                value=desk.points
                error=desk.error
                required=true
                autocomplete="off"
                maxlength=8
                on_input=move |text: String| desk.write_points(text)
            />
            <p class="small muted">{move || format!("of {} points", of())}</p>
            <div class="point-keys needs-script" role="group" aria-label="Points to give">
                {move || typing::offers(of()).into_iter().map(|points| view! { <PointKey desk points/> }).collect_view()}
            </div>
            <div node_ref=desk.comment_field>
                <TextArea
                    name="comment"
                    label="Comment for the student"
                    rows=3
                    maxlength=5000
                    value=desk.comment
                    on_input=move |text: String| desk.write_comment(text)
                />
            </div>
            <div class="desk-actions">
                <Button
                    kind=ButtonKind::Submit
                    variant=Variant::Primary
                    name="verdict"
                    value="save"
                    on_click=move |event: MouseEvent| {
                        if again(&event) {
                            event.prevent_default();
                        }
                    }
                >
                    "Save and next"
                </Button>
                {move || {
                    machine
                        .get()
                        .map(|points| {
                            view! {
                                <Button
                                    kind=ButtonKind::Submit
                                    name="verdict"
                                    value=format!("accept {}", points.0)
                                    icon=Glyph::Check
                                    on_click=move |event: MouseEvent| {
                                        event.prevent_default();
                                        if !again(&event) {
                                            desk.accept();
                                        }
                                    }
                                >
                                    {format!("Accept {points}")}
                                </Button>
                            }
                        })
                }}
                {move || {
                    decided
                        .get()
                        .then(|| {
                            view! {
                                <Button
                                    kind=ButtonKind::Submit
                                    variant=Variant::Quiet
                                    name="verdict"
                                    value="clear"
                                    icon=Glyph::Undo
                                    on_click=move |event: MouseEvent| {
                                        event.prevent_default();
                                        if !again(&event) {
                                            desk.take_back();
                                        }
                                    }
                                >
                                    "Take back"
                                </Button>
                            }
                        })
                }}
            </div>
            {move || {
                desk.current
                    .with(|item| item.as_ref().and_then(|item| Some((item.question, item.settles?))))
                    .map(|(question, (group, answers))| {
                        let href = format!("/assignments/{}/groups?question={question}&group={group}#g-{group}", desk.assignment);
                        view! { <p class="small settles"><a href=href>{format!("{answers} undecided answers say this: grade them together")}</a></p> }
                    })
            }}
            <div class="desk-actions">
                <span class="needs-script">
                    <Button variant=Variant::Quiet size=Size::Small on_click=move |_| desk.back()>"Previous "<KeyHint keys="K"/></Button>
                </span>
                // A link without script, a step on the desk with it.
                <a
                    class="button button-quiet button-small"
                    href=skip
                    on:click=move |event| {
                        event.prevent_default();
                        desk.next();
                    }
                >
                    <span class="button-label">"Skip "<KeyHint keys="J"/></span>
                </a>
            </div>
        </form>
    }
}

/// Whether this is the second click of a double click: it was meant for the answer before.
fn again(event: &MouseEvent) -> bool {
    event.detail() > 1
}

#[component]
fn PointKey(desk: Desk, points: Points) -> impl IntoView {
    let chosen = move || desk.points.with(|text| text.parse::<Points>() == Ok(points));
    view! {
        <button
            type="button"
            class="button button-secondary button-small"
            aria-pressed=move || if chosen() { "true" } else { "false" }
            on:click=move |_| desk.put(points)
        >
            {points.to_string()}
        </button>
    }
}

/// The key: what a right answer says, and what the rubric asks for.
#[component]
fn Compare(question: Question) -> impl IntoView {
    let right = match &question.key {
        Key::Numeric { value, tolerance, unit } => Some(format!("{value} {unit} (± {tolerance})")),
        _ => None,
    };
    let references: Vec<String> = right.into_iter().chain(question.references).collect();
    view! {
        {(!references.is_empty())
            .then(|| {
                let list = references.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
                view! { <Panel title="What a right answer says" level=3><ul class="reference-list">{list}</ul></Panel> }
            })}
        {(!question.rubric.is_empty())
            .then(|| {
                let list = question.rubric.into_iter().map(|criterion| view! { <Part criterion/> }).collect_view();
                view! { <Panel title="Rubric" level=3><ul class="reference-list">{list}</ul></Panel> }
            })}
    }
}

#[component]
fn Part(criterion: Criterion) -> impl IntoView {
    let items = criterion
        .items
        .into_iter()
        .map(|item| view! { <span class="rubric-feedback small">{format!("{}: {}", item.points, item.text)}</span> });
    view! { <li><strong>{criterion.title}</strong><span class="muted">{worth(criterion.points)}</span>{items.collect_view()}</li> }
}

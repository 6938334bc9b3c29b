//! One group: what its answers say, the points for all of them, and what can be done with it.

use super::{Actions, Around, address};
use crate::grade::model::{Group, Member};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::ui::{
    Badge, Button, Choice, Confirm, Glyph, InputKind, Select, StudentVoice, TextArea, TextField, Tone, Variant,
};
use leptos::form::ActionForm;
use leptos::prelude::*;

#[component]
pub fn OneGroup(id: GradeId, around: Around) -> impl IntoView {
    let Around {
        assignment,
        question,
        of,
        groups,
        members,
        open,
        actions,
    } = around;
    let group = Memo::new(move |_| groups.with(|groups| groups.iter().find(|group| group.group == id).cloned()));
    let head = move || group.get().map(|group| view! { <Head group of/> });
    let words =
        Memo::new(move |_| group.with(|group| group.as_ref().map(|group| group.text.clone()).unwrap_or_default()));
    let spoken = Memo::new(move |_| words.with(|words| !words.trim().is_empty()));
    let undecided = Memo::new(move |_| group.with(|group| group.as_ref().is_some_and(|group| group.open > 0)));
    let listed = Memo::new(move |_| open.get() == Some(id));
    let toggle = move || {
        let answers = group.with(|group| group.as_ref().map(|group| group.answers).unwrap_or_default());
        let (href, words) = if listed.get() {
            (
                address(assignment, question, None),
                "Hide the single answers".to_owned(),
            )
        } else {
            (
                address(assignment, question, Some(id)),
                format!("Show all {answers} answers"),
            )
        };
        view! { <a class="quiet-link small" href=href>{words}</a> }
    };
    view! {
        <article class="group" id=format!("g-{id}") tabindex="-1">
            {head}
            {move || spoken.get().then(|| view! { <StudentVoice text=words label="One of them"/> })}
            {move || undecided.get().then(|| view! { <Settle id group around/> })}
            <div class="row">
                {toggle}
                <Merge id around/>
            </div>
            {move || listed.get().then(|| view! { <Members assignment question of members=members.get() actions/> })}
        </article>
    }
}

/// How many answers, what they have now, and what is left to do.
#[component]
fn Head(group: Group, of: Points) -> impl IntoView {
    let Group {
        text,
        answers,
        open,
        lowest,
        highest,
        ..
    } = group;
    let title = if text.trim().is_empty() {
        format!("{answers} answers are empty")
    } else {
        format!("{answers} answers say this")
    };
    let standing = if lowest == highest {
        format!("now {lowest} of {of}")
    } else {
        format!("now {lowest} to {highest} of {of}")
    };
    view! {
        <header class="desk-head">
            <h2>{title}</h2>
            <span class="row">
                <span class="small muted">{standing}</span>
                {if open == 0 {
                    view! { <Badge tone=Tone::Human>"Decided"</Badge> }.into_any()
                } else {
                    view! { <Badge tone=Tone::Review>{format!("{open} undecided")}</Badge> }.into_any()
                }}
            </span>
        </header>
    }
}

/// The points for all of them. What is typed stays, also when the suggestion changes meanwhile.
#[component]
fn Settle(id: GradeId, group: Memo<Option<Group>>, around: Around) -> impl IntoView {
    let Around {
        question, of, actions, ..
    } = around;
    let typed = RwSignal::new(None::<String>);
    let points = Signal::derive(move || {
        typed.get().unwrap_or_else(|| {
            let suggestion = group.with(|group| group.as_ref().and_then(|group| group.suggestion));
            suggestion.map(|points| points.to_string()).unwrap_or_default()
        })
    });
    let seen = move || group.with(|group| group.as_ref().map(|group| group.seen.clone()));
    let open = move || group.with(|group| group.as_ref().map(|group| group.open).unwrap_or_default());
    let wrong = Signal::derive(move || actions.wrong_points(id));
    view! {
        <ActionForm action=actions.decide attr:class="group-form" on:submit=move |_| actions.sent.set_value(Some(id))>
            <input type="hidden" name="question" value=question.to_string()/>
            <input type="hidden" name="group" value=id.to_string()/>
            <input type="hidden" name="seen" value=seen/>
            <TextField
                name="points"
                id=format!("points-{id}")
                error=wrong
                label="Points for all of them"
                kind=InputKind::Text
                value=points
                on_input=move |text: String| typed.set(Some(text))
                suffix=format!("of {of}")
                required=true
                maxlength=8
                autocomplete="off"
            />
            <TextArea name="comment" id=format!("comment-{id}") label="Comment for these students" rows=1 maxlength=5000/>
            <Button variant=Variant::Primary icon=Glyph::Check busy=actions.decide.pending()>{move || settles(open())}</Button>
        </ActionForm>
    }
}

/// Putting a group's answers into another group.
#[component]
fn Merge(id: GradeId, around: Around) -> impl IntoView {
    let Around {
        question,
        groups,
        actions,
        ..
    } = around;
    let others = Memo::new(move |_| {
        groups.with(|groups| {
            let others = groups.iter().filter(|group| group.group != id);
            others.map(choice).collect::<Vec<_>>()
        })
    });
    let any = Memo::new(move |_| others.with(|others| !others.is_empty()));
    let into = RwSignal::new(String::new());
    move || {
        any.get().then(|| {
            view! {
                <Confirm label="Says the same as another group…" variant=Variant::Quiet>
                    <ActionForm action=actions.merge attr:class="stack stack-tight">
                        <input type="hidden" name="question" value=question.to_string()/>
                        <input type="hidden" name="from" value=id.to_string()/>
                        // A list of its own each time: the choice stays with its group, not with its place.
                        {move || {
                            view! {
                                <Select
                                    name="into"
                                    id=format!("into-{id}")
                                    label="Put these answers into"
                                    options=others.get()
                                    value=into
                                    on_change=move |chosen: String| into.set(chosen)
                                />
                            }
                        }}
                        <Button busy=actions.merge.pending()>"Merge the groups"</Button>
                    </ActionForm>
                </Confirm>
            }
        })
    }
}

fn choice(group: &Group) -> Choice {
    let words = if group.text.trim().is_empty() {
        format!("{} empty answers", group.answers)
    } else {
        format!("{} answers: {}", group.answers, beginning(&group.text))
    };
    Choice::new(group.group.to_string(), words)
}

/// What one click settles.
fn settles(open: u32) -> String {
    if open == 1 {
        "Give to 1 answer".into()
    } else {
        format!("Settle {open} answers")
    }
}

fn beginning(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

#[component]
fn Members(
    assignment: AssignmentId,
    question: QuestionId,
    of: Points,
    members: Vec<Member>,
    actions: Actions,
) -> impl IntoView {
    let rows = members
        .into_iter()
        .map(|member| {
            let out = format!("Take {} out of the group", member.label);
            view! {
                <li class="member">
                    <a class="small" href=format!("/assignments/{assignment}/review?grade={}", member.grade)>{member.label.clone()}</a>" "
                    <span class="member-words" dir="auto">{member.text}</span>" "
                    <span class="small muted">{format!("{} of {of}{}", member.points, if member.decided { ", decided" } else { "" })}</span>
                    <ActionForm action=actions.split>
                        <input type="hidden" name="question" value=question.to_string()/>
                        <input type="hidden" name="grade" value=member.grade.to_string()/>
                        <Button variant=Variant::Quiet size=crate::ui::Size::Small label=out busy=actions.split.pending()>"Take out"</Button>
                    </ActionForm>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="members">{rows}</ul> }
}

//! Answer groups: answers that say the same, graded once.

use super::trail;
use crate::error::AppError;
use crate::grade::api::{DecideGroup, MergeGroups, SplitGroup, UndoGroup, read_groups};
use crate::grade::model::{Group, GroupAct, Groups, GroupsPage as Opened, Member, Place};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::shell::{FormError, changes, loaded};
use crate::ui::{
    Badge, Button, Choice, Confirm, Empty, Glyph, InputKind, KeyHelp, LinkButton, Notice, PageHeader, Pager, Select,
    StudentVoice, Tab, Tabs, TextArea, TextField, Tone, Variant, writes,
};
use leptos::ev::keydown;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What the forms of this page do.
#[derive(Clone, Copy)]
struct Actions {
    decide: ServerAction<DecideGroup>,
    split: ServerAction<SplitGroup>,
    merge: ServerAction<MergeGroups>,
    undo: ServerAction<UndoGroup>,
    /// The group whose form was sent last.
    sent: StoredValue<Option<GradeId>>,
}

impl Actions {
    fn new() -> Actions {
        Actions {
            decide: ServerAction::new(),
            split: ServerAction::new(),
            merge: ServerAction::new(),
            undo: ServerAction::new(),
            sent: StoredValue::new(None),
        }
    }

    /// Rises with each change that got through.
    fn changes(self) -> Signal<usize> {
        let (decided, split) = (changes(self.decide), changes(self.split));
        let (merged, undone) = (changes(self.merge), changes(self.undo));
        Signal::derive(move || decided.get() + split.get() + merged.get() + undone.get())
    }

    fn error(self) -> Option<AppError> {
        let values = [
            self.decide.value().get(),
            self.split.value().get(),
            self.merge.value().get(),
            self.undo.value().get(),
        ];
        values.into_iter().flatten().find_map(Result::err)
    }
}

/// `/assignments/:assignment/groups`, with `?question=`, `?group=` and `?after=`.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let actions = Actions::new();
    let changes = actions.changes();
    let source = move || {
        let assignment = params.with(|params| params.get("assignment").unwrap_or_default());
        query.with(|query| {
            (
                assignment,
                query.get("question"),
                query.get("group"),
                query.get("after"),
                changes.get(),
            )
        })
    };
    let page = Resource::new_blocking(source, |(assignment, question, group, after, _)| {
        read_groups(assignment, question, group, after)
    });
    let open = Signal::derive(move || query.with(|query| query.get("group").and_then(|id| id.parse().ok())));
    loaded(
        page,
        move |page| view! { <Shown page actions open=open.get_untracked()/> },
    )
}

#[component]
fn Shown(page: Opened, actions: Actions, open: Option<GradeId>) -> impl IntoView {
    let Opened { place, groups } = page;
    let Place {
        assignment,
        title,
        course,
        course_title,
    } = place;
    let crumbs = trail(course, &course_title, assignment, &title, "Answer groups");
    let tabs: Vec<Tab> = groups
        .questions
        .iter()
        .map(|each| {
            let href = address(assignment, each.question, None);
            Tab::new(format!("Question {}", each.position), href).current(groups.question == Some(each.question))
        })
        .collect();
    view! {
        <Title text=format!("Answer groups: {title}")/>
        <PageHeader
            title=format!("Answer groups: {title}")
            lead="Answers that say the same, each group graded once. Nobody's name is shown."
            trail=Signal::stored(crumbs)
            actions=move || {
                view! {
                    <KeyHelp id="keys" keys=vec![("J", "Next group"), ("K", "Previous group"), ("Enter", "Give the points in the field")]/>
                    <LinkButton href=format!("/assignments/{assignment}/review") icon=Glyph::Eye>"Review answers"</LinkButton>
                }
            }
        />
        <div class="stack">
            {(!tabs.is_empty()).then(|| view! { <Tabs label="Questions" items=tabs/> })}
            <FormError error=Signal::derive(move || actions.error())/>
            <Listed assignment groups actions open/>
        </div>
    }
}

fn address(assignment: AssignmentId, question: QuestionId, group: Option<GradeId>) -> String {
    let group = group.map(|id| format!("&group={id}")).unwrap_or_default();
    format!("/assignments/{assignment}/groups?question={question}{group}")
}

#[component]
fn Listed(assignment: AssignmentId, groups: Groups, actions: Actions, open: Option<GradeId>) -> impl IntoView {
    let Groups {
        questions,
        question,
        groups,
        next,
        last,
        members,
    } = groups;
    let Some(question) = question else {
        return view! {
            <Empty title="Nothing to group" icon=Glyph::Inbox>"Only answers in the student's own words are grouped, and this assignment asks for none."</Empty>
        }
        .into_any();
    };
    let chosen = questions.iter().find(|each| each.question == question).cloned();
    let of = chosen.as_ref().map(|each| each.points).unwrap_or_default();
    let others: Vec<Choice> = groups
        .iter()
        .map(|group| {
            Choice::new(
                group.group.to_string(),
                if group.text.trim().is_empty() {
                    format!("{} empty answers", group.answers)
                } else {
                    format!("{} answers: {}", group.answers, beginning(&group.text))
                },
            )
        })
        .collect();
    let open_answers: u32 = groups.iter().map(|group| group.open).sum();
    let open_groups = groups.iter().filter(|group| group.open > 0);
    walk_with_keys(open_groups.map(|group| format!("points-{}", group.group)).collect());
    go_on(
        actions,
        groups.iter().map(|group| (group.group, group.open > 0)).collect(),
    );
    let empty = groups.is_empty();
    let shown = groups
        .into_iter()
        .map(|group| {
            let members = if open == Some(group.group) {
                Some(members.clone())
            } else {
                None
            };
            view! { <OneGroup assignment question of group others=others.clone() members actions/> }
        })
        .collect_view();
    let next = next.map(|after| format!("/assignments/{assignment}/groups?question={question}&after={after}"));
    // Larger groups are reached by the tab of the question, where the list begins.
    let no_way_back: Option<String> = None;
    view! {
        {chosen.map(|each| view! { <p class="question-words">{each.prompt}</p> })}
        {last.map(|last| view! { <Undo last question actions/> })}
        {if empty {
            view! {
                <Empty title="No two answers say the same" icon=Glyph::Check>
                    "As soon as answers to this question are graded, those that say the same stand here together."
                </Empty>
            }
                .into_any()
        } else {
            view! { <p class="small muted">{format!("{open_answers} answers of the groups below are undecided.")}</p> }.into_any()
        }}
        <div class="groups">{shown}</div>
        <Pager label="Groups" prev=no_way_back next/>
    }
    .into_any()
}

#[component]
fn Undo(last: GroupAct, question: QuestionId, actions: Actions) -> impl IntoView {
    view! {
        <Notice tone=Tone::Human icon=Glyph::Check title=last.words.clone()>
            <ActionForm action=actions.undo attr:class="row row-between">
                <span class="small">{format!("{}, {}", last.by, last.at.date_time())}</span>
                <input type="hidden" name="act" value=last.act.to_string()/>
                <input type="hidden" name="question" value=question.to_string()/>
                <Button variant=Variant::Quiet icon=Glyph::Undo busy=actions.undo.pending()>"Undo"</Button>
            </ActionForm>
        </Notice>
    }
}

#[component]
fn OneGroup(
    assignment: AssignmentId,
    question: QuestionId,
    of: Points,
    group: Group,
    others: Vec<Choice>,
    members: Option<Vec<Member>>,
    actions: Actions,
) -> impl IntoView {
    let Group {
        group: id,
        text,
        answers,
        open,
        suggestion,
        lowest,
        highest,
        seen,
    } = group;
    let standing = if lowest == highest {
        format!("now {lowest} of {of}")
    } else {
        format!("now {lowest} to {highest} of {of}")
    };
    let settled = open == 0;
    let empty = text.trim().is_empty();
    let listed = members.is_some();
    let toggle = if listed {
        address(assignment, question, None)
    } else {
        address(assignment, question, Some(id))
    };
    let others: Vec<Choice> = others
        .into_iter()
        .filter(|other| other.value != id.to_string())
        .collect();
    view! {
        <article class="group" id=format!("g-{id}") tabindex="-1">
            <header class="desk-head">
                <h2>{if empty { format!("{answers} answers are empty") } else { format!("{answers} answers say this") }}</h2>
                <span class="row">
                    <span class="small muted">{standing}</span>
                    {if settled {
                        view! { <Badge tone=Tone::Human>"Decided"</Badge> }.into_any()
                    } else {
                        view! { <Badge tone=Tone::Review>{format!("{open} undecided")}</Badge> }.into_any()
                    }}
                </span>
            </header>
            {(!empty).then(|| view! { <StudentVoice text label="One of them"/> })}
            {(!settled)
                .then(|| {
                    view! {
                        <ActionForm action=actions.decide attr:class="group-form" on:submit=move |_| actions.sent.set_value(Some(id))>
                            <input type="hidden" name="question" value=question.to_string()/>
                            <input type="hidden" name="group" value=id.to_string()/>
                            <input type="hidden" name="seen" value=seen/>
                            <TextField
                                name="points"
                                id=format!("points-{id}")
                                label="Points for all of them"
                                kind=InputKind::Text
                                value=suggestion.map(|points| points.to_string()).unwrap_or_default()
                                suffix=format!("of {of}")
                                required=true
                                maxlength=8
                                autocomplete="off"
                            />
                            <TextArea name="comment" id=format!("comment-{id}") label="Comment for these students" rows=1 maxlength=5000/>
                            <Button variant=Variant::Primary icon=Glyph::Check busy=actions.decide.pending()>{settles(open)}</Button>
                        </ActionForm>
                    }
                })}
            <div class="row">
                <a class="quiet-link small" href=toggle>{if listed { "Hide the single answers".to_owned() } else { format!("Show all {answers} answers") }}</a>
                {(!others.is_empty())
                    .then(|| {
                        view! {
                            <Confirm label="Says the same as another group…" variant=Variant::Quiet>
                                <ActionForm action=actions.merge attr:class="stack stack-tight">
                                    <input type="hidden" name="question" value=question.to_string()/>
                                    <input type="hidden" name="from" value=id.to_string()/>
                                    <Select name="into" id=format!("into-{id}") label="Put these answers into" options=others/>
                                    <Button busy=actions.merge.pending()>"Merge the groups"</Button>
                                </ActionForm>
                            </Confirm>
                        }
                    })}
            </div>
            {members.map(|members| view! { <Members assignment question of members actions/> })}
        </article>
    }
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

/// After a group was settled its form is gone: the next one takes the focus, so that one can go on from the keyboard.
fn go_on(actions: Actions, groups: Vec<(GradeId, bool)>) {
    Effect::new(move |_| {
        let sent = actions.sent.get_value();
        let Some(place) = groups.iter().position(|(group, open)| Some(*group) == sent && !open) else {
            return;
        };
        actions.sent.set_value(None);
        let (before, after) = groups.split_at(place);
        let open = after.iter().chain(before).find(|(_, open)| *open);
        let id = open.map_or_else(
            || format!("g-{}", groups[place].0),
            |(group, _)| format!("points-{group}"),
        );
        focus(&id);
    });
}

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let _ = element.unchecked_into::<leptos::web_sys::HtmlElement>().focus();
    }
}

/// J and K go from one group's field to the next.
fn walk_with_keys(fields: Vec<String>) {
    let fields = StoredValue::new(fields);
    Effect::new(move |_| {
        let listener = window_event_listener(keydown, move |event| {
            let forward = match event.key().as_str() {
                "j" | "J" => true,
                "k" | "K" => false,
                _ => return,
            };
            // In the points field these letters mean nothing else; in a comment they are words.
            let target: leptos::web_sys::HtmlElement = event_target(&event);
            let from = target.id();
            let commands = event.ctrl_key() || event.meta_key() || event.alt_key();
            if commands || (writes(&event) && !from.starts_with("points-")) {
                return;
            }
            event.prevent_default();
            fields.with_value(|fields| go(forward, &from, fields));
        });
        on_cleanup(move || listener.remove());
    });
}

fn go(forward: bool, from: &str, fields: &[String]) {
    let here = fields.iter().position(|id| id == from);
    let next = match here {
        None => 0,
        Some(place) if forward => (place + 1).min(fields.len().saturating_sub(1)),
        Some(place) => place.saturating_sub(1),
    };
    if let Some(id) = fields.get(next) {
        focus(id);
    }
}

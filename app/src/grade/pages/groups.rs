//! Answer groups: answers that say the same, graded once.

use super::trail;
use crate::error::AppError;
use crate::grade::api::{DecideGroup, MergeGroups, SplitGroup, UndoGroup, read_groups};
use crate::grade::model::{Group, GroupAct, GroupedQuestion, GroupsPage as Opened, Member, Place};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::shell::{FormError, changes, followed};
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
    let params = use_params_map();
    let assignment = Memo::new(move |_| params.with(|params| params.get("assignment").unwrap_or_default()));
    move || view! { <OfAssignment assignment=assignment.get()/> }
}

/// The page is drawn once; what changes flows into it, and what somebody has typed for a group stays with that group.
#[component]
fn OfAssignment(assignment: String) -> impl IntoView {
    let query = use_query_map();
    let actions = Actions::new();
    let changes = actions.changes();
    let source = move || {
        query.with(|query| {
            (
                query.get("question"),
                query.get("group"),
                query.get("after"),
                changes.get(),
            )
        })
    };
    let page = Resource::new_blocking(source, move |(question, group, after, _)| {
        read_groups(assignment.clone(), question, group, after)
    });
    let asked = Signal::derive(move || query.with(|query| query.get("group").and_then(|id| id.parse().ok())));
    followed(page, move |page| view! { <Shown page actions asked/> })
}

#[component]
fn Shown(page: Signal<Opened>, actions: Actions, asked: Signal<Option<GradeId>>) -> impl IntoView {
    let Place {
        assignment,
        title,
        course,
        course_title,
    } = page.with_untracked(|page| page.place.clone());
    let crumbs = trail(course, &course_title, assignment, &title, "Answer groups");
    let question = Memo::new(move |_| page.with(|page| page.groups.question));
    let questions = Memo::new(move |_| page.with(|page| page.groups.questions.clone()));
    let tabs = Signal::derive(move || {
        questions.with(|questions| {
            let tab = |each: &GroupedQuestion| {
                let href = address(assignment, each.question, None);
                Tab::new(format!("Question {}", each.position), href).current(question.get() == Some(each.question))
            };
            questions.iter().map(tab).collect::<Vec<_>>()
        })
    });
    let any = Memo::new(move |_| questions.with(|questions| !questions.is_empty()));
    // The group that is open is the one whose answers were loaded, not yet the one just asked for.
    let open = Memo::new(move |_| {
        page.track();
        asked.get_untracked()
    });
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
            {move || any.get().then(|| view! { <Tabs label="Questions" items=tabs/> })}
            <FormError error=Signal::derive(move || actions.error())/>
            {move || match question.get() {
                Some(question) => view! { <Listed assignment question page actions open/> }.into_any(),
                None => view! {
                    <Empty title="Nothing to group" icon=Glyph::Inbox>"Only answers in the student's own words are grouped, and this assignment asks for none."</Empty>
                }
                .into_any(),
            }}
        </div>
    }
}

fn address(assignment: AssignmentId, question: QuestionId, group: Option<GradeId>) -> String {
    let group = group.map(|id| format!("&group={id}")).unwrap_or_default();
    format!("/assignments/{assignment}/groups?question={question}{group}")
}

/// What every group of a question needs to know.
#[derive(Clone, Copy)]
struct Around {
    assignment: AssignmentId,
    question: QuestionId,
    /// What the question is worth.
    of: Points,
    groups: Memo<Vec<Group>>,
    /// The answers of the group that is open.
    members: Memo<Vec<Member>>,
    open: Memo<Option<GradeId>>,
    actions: Actions,
}

#[component]
fn Listed(
    assignment: AssignmentId,
    question: QuestionId,
    page: Signal<Opened>,
    actions: Actions,
    open: Memo<Option<GradeId>>,
) -> impl IntoView {
    let chosen = page.with_untracked(|page| {
        let mut questions = page.groups.questions.iter();
        questions.find(|each| each.question == question).cloned()
    });
    let around = Around {
        assignment,
        question,
        of: chosen.as_ref().map(|each| each.points).unwrap_or_default(),
        groups: Memo::new(move |_| page.with(|page| page.groups.groups.clone())),
        members: Memo::new(move |_| page.with(|page| page.groups.members.clone())),
        open,
        actions,
    };
    let groups = around.groups;
    walk_with_keys(groups);
    go_on(actions, groups);
    let last = Memo::new(move |_| page.with(|page| page.groups.last.clone()));
    let empty = Memo::new(move |_| groups.with(Vec::is_empty));
    let undecided = Memo::new(move |_| groups.with(|groups| groups.iter().map(|group| group.open).sum::<u32>()));
    let ids = move || groups.with(|groups| groups.iter().map(|group| group.group).collect::<Vec<_>>());
    let next = Memo::new(move |_| page.with(|page| page.groups.next));
    // Larger groups are reached by the tab of the question, where the list begins.
    let no_way_back: Option<String> = None;
    let pager = move || {
        let next = next
            .get()
            .map(|after| format!("/assignments/{assignment}/groups?question={question}&after={after}"));
        view! { <Pager label="Groups" prev=no_way_back.clone() next/> }
    };
    view! {
        {chosen.map(|each| view! { <p class="question-words">{each.prompt}</p> })}
        {move || last.get().map(|last| view! { <Undo last question actions/> })}
        {move || if empty.get() {
            view! {
                <Empty title="No two answers say the same" icon=Glyph::Check>
                    "As soon as answers to this question are graded, those that say the same stand here together."
                </Empty>
            }
                .into_any()
        } else {
            view! { <p class="small muted">{move || format!("{} answers of the groups below are undecided.", undecided.get())}</p> }.into_any()
        }}
        <div class="groups"><For each=ids key=|id| *id children=move |id| view! { <OneGroup id around/> }/></div>
        {pager}
    }
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
fn OneGroup(id: GradeId, around: Around) -> impl IntoView {
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

/// After a group was settled its form is gone: the next one takes the focus, so that one can go on from the keyboard.
fn go_on(actions: Actions, groups: Memo<Vec<Group>>) {
    Effect::new(move |_| {
        let groups = groups.get();
        let sent = actions.sent.get_value();
        let settled = |group: &Group| Some(group.group) == sent && group.open == 0;
        let Some(place) = groups.iter().position(settled) else {
            return;
        };
        actions.sent.set_value(None);
        let (before, after) = groups.split_at(place);
        let open = after.iter().chain(before).find(|group| group.open > 0);
        let id = open.map_or_else(
            || format!("g-{}", groups[place].group),
            |group| format!("points-{}", group.group),
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
fn walk_with_keys(groups: Memo<Vec<Group>>) {
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
            let fields: Vec<String> = groups.with_untracked(|groups| {
                let open = groups.iter().filter(|group| group.open > 0);
                open.map(|group| format!("points-{}", group.group)).collect()
            });
            go(forward, &from, &fields);
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

//! Answer groups: answers that say the same, graded once.
//!
//! `one` one group with its forms · `walk` where the focus goes.

mod one;
mod walk;

use self::one::OneGroup;
use self::walk::{come_back, go_on, walk_with_keys};
use super::trail;
use crate::error::AppError;
use crate::grade::api::{DecideGroup, MergeGroups, SplitGroup, UndoGroup, read_groups};
use crate::grade::model::{Group, GroupAct, GroupedQuestion, GroupsPage as Opened, Member, Place};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::shell::{FormError, changes, followed};
use crate::ui::{Button, Empty, Glyph, KeyHelp, LinkButton, Notice, PageHeader, Pager, Tab, Tabs, Tone, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;
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

    /// What is wrong with the points that were sent for this group: said beside the field.
    fn wrong_points(self, group: GradeId) -> Option<String> {
        let error = self.decide.value().get()?.err()?;
        let field = error.fields.into_iter().find(|field| field.field == "points")?;
        (self.sent.get_value() == Some(group)).then_some(field.message)
    }

    fn error(self) -> Option<AppError> {
        let of_points = |error: &AppError| !error.fields.is_empty() && self.sent.get_value().is_some();
        let decided = self.decide.value().get();
        let values = [
            decided.filter(|value| !value.as_ref().err().is_some_and(of_points)),
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
    come_back(actions);
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

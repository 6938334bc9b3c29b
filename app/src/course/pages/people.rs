//! `/courses/:course/people`: who takes part; enrol, change, remove.

use super::{course_param, query_param};
use crate::course::api::{ChangeRole, EnrolPerson, RemovePerson, course_people, handed_over};
use crate::course::model::Role;
use crate::course::shape::{Member, NewAccount, People};
use crate::course::widgets::{CourseHead, NewAccounts, Place, done, failure, wrong};
use crate::error::AppResult;
use crate::ids::CourseId;
use crate::shell::{FormError, loaded};
use crate::time::Timestamp;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;

/// What can be done to people here.
#[derive(Clone, Copy)]
struct Acts {
    enrol: ServerAction<EnrolPerson>,
    change: ServerAction<ChangeRole>,
    remove: ServerAction<RemovePerson>,
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wanted {
    search: String,
    role: String,
}

#[component]
pub fn PeoplePage() -> impl IntoView {
    let course = course_param();
    let (search, role, after, before) = (
        query_param("search"),
        query_param("role"),
        query_param("after"),
        query_param("before"),
    );
    let imported = query_param("imported");
    let acts = Acts {
        enrol: ServerAction::new(),
        change: ServerAction::new(),
        remove: ServerAction::new(),
    };
    let (enrolled, changed, removed) = (done(acts.enrol), done(acts.change), done(acts.remove));
    Effect::new(move |_| said(enrolled.get(), "Added to the course"));
    Effect::new(move |_| said(changed.get(), "Role changed"));
    Effect::new(move |_| said(removed.get(), "Removed from the course"));
    let people = Resource::new_blocking(
        move || {
            (
                course.get(),
                search.get(),
                role.get(),
                after.get(),
                before.get(),
                (enrolled.get(), changed.get(), removed.get()),
            )
        },
        |(course, search, role, after, before, _)| {
            course_people(course, search, role, after.parse().ok(), before.parse().ok())
        },
    );
    let accounts = Resource::new_blocking(
        move || (course.get(), enrolled.get()),
        |(course, _)| handed_over(course),
    );
    view! {
        <Title text="People"/>
        {loaded(
            people,
            move |people| {
                let wanted = Wanted { search: search.get_untracked(), role: role.get_untracked() };
                let imported = imported.get_untracked().parse().ok();
                view! { <Shown people wanted imported accounts acts/> }
            },
        )}
    }
}

/// News of a success, each time there is one more.
fn said(successes: u32, text: &str) {
    if successes > 0 {
        toast(Tone::Right, text);
    }
}

#[component]
fn Shown(
    people: People,
    wanted: Wanted,
    /// How many a table has just brought in.
    imported: Option<u32>,
    accounts: Resource<AppResult<Vec<NewAccount>>>,
    acts: Acts,
) -> impl IntoView {
    let People {
        course,
        members,
        students,
        assistants,
        teachers,
        previous,
        next,
        now,
    } = people;
    let id = course.id;
    let may_change = course.role == Role::Teacher && course.archived_at.is_none();
    let page = move |wanted: &Wanted, cursor: &str| address(id, wanted, cursor);
    let role_tab = |label: &str, role: &str, count: u32| {
        Tab::new(
            label,
            page(
                &Wanted {
                    role: role.into(),
                    ..wanted.clone()
                },
                "",
            ),
        )
        .count(u64::from(count))
        .current(wanted.role == role)
    };
    let tabs = vec![
        role_tab("Everyone", "", students + assistants + teachers),
        role_tab("Students", "student", students),
        role_tab("Assistants", "assistant", assistants),
        role_tab("Teachers", "teacher", teachers),
    ];
    let prev = previous.map(|user| page(&wanted, &format!("before={user}")));
    let next = next.map(|user| page(&wanted, &format!("after={user}")));
    let import = format!("/courses/{id}/people/import");
    let searching = !wanted.search.is_empty();
    let empty = members.is_empty();
    let rows = members
        .into_iter()
        .map(|member| view! { <Row member course=id may_change now acts/> })
        .collect_view();
    let mut columns = vec![
        Column::text("Name"),
        Column::text("E-mail"),
        Column::text("Role"),
        Column::text("Last signed in"),
    ];
    if may_change {
        columns.push(Column::unseen("Change"));
    }
    view! {
        <CourseHead
            course
            place=Place::People
            actions=move || may_change.then(|| view! { <LinkButton href=import icon=Glyph::Upload>"Import a list"</LinkButton> })
        />
        <div class="stack">
        {imported.map(|number| view! { <Notice tone=Tone::Right title="Done.">{format!("{} joined the course.", many(number))}</Notice> })}
        {loaded(accounts, |accounts| view! { <NewAccounts accounts/> })}
        <FormError error=failure(acts.change)/>
        <FormError error=failure(acts.remove)/>
        {may_change.then(|| view! { <Enrol course=id act=acts.enrol/> })}
        <div>
        <Tabs label="Roles" items=tabs/>
        <Form method="GET" action=format!("/courses/{id}/people")>
            <div class="row">
                <TextField name="search" label="Search" kind=InputKind::Search value=wanted.search.clone() placeholder="Name or e-mail" label_hidden=true maxlength=100/>
                {(!wanted.role.is_empty()).then(|| view! { <input type="hidden" name="role" value=wanted.role.clone()/> })}
                <Button icon=Glyph::Search>"Search"</Button>
            </div>
        </Form>
        </div>
        {match (empty, searching) {
            (true, true) => view! { <Empty title="Nobody found" icon=Glyph::Search>"No name and no e-mail address here contains this text."</Empty> }.into_any(),
            (true, false) => view! { <Empty title="Nobody yet" icon=Glyph::People>"Add people one by one above, or import a list."</Empty> }.into_any(),
            _ => view! { <Panel flush=true><Table caption="People" caption_hidden=true columns>{rows}</Table><Pager label="People" prev next/></Panel> }.into_any(),
        }}
        </div>
    }
}

#[component]
fn Enrol(course: CourseId, act: ServerAction<EnrolPerson>) -> impl IntoView {
    let failed = failure(act);
    view! {
        <Panel title="Add somebody" note="Somebody without an account gets one, with a one-time password for you to hand over. Only then a name is needed.">
            <FormError error=failed/>
            <ActionForm action=act>
                <input type="hidden" name="course" value=course.to_string()/>
                <div class="grid-3">
                    <TextField name="email" label="E-mail" kind=InputKind::Email required=true autocomplete="off" maxlength=190 error=wrong(failed, "email")/>
                    <TextField name="name" label="Name" autocomplete="off" maxlength=200 error=wrong(failed, "name")/>
                    <Select name="role" label="Role" options=roles() value="student" error=wrong(failed, "role")/>
                </div>
                <FormActions><Button variant=Variant::Primary icon=Glyph::Plus busy=act.pending()>"Add"</Button></FormActions>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Row(member: Member, course: CourseId, may_change: bool, now: Timestamp, acts: Acts) -> impl IntoView {
    let seen = match member.last_sign_in {
        Some(at) => view! { <Time at=at.rfc3339() text=at.relative(now) full=at.date_time()/> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let (tone, glyph) = match member.role {
        Role::Student => (Tone::Neutral, Glyph::Person),
        Role::Assistant => (Tone::Accent, Glyph::People),
        Role::Teacher => (Tone::Human, Glyph::PersonCheck),
    };
    let (user, role) = (member.user.to_string(), member.role.to_string());
    let label = member.name.clone();
    let removing = format!(
        "{} will no longer see this course. Answers and grades stay stored, and are there again if they come back.",
        member.name
    );
    let (for_role, for_removal, select) = (user.clone(), user.clone(), format!("role-{user}"));
    view! {
        <tr>
            <th scope="row">
                {member.name}
                {member.deactivated.then(|| view! { " " <Badge icon=Glyph::Lock>"Deactivated"</Badge> })}
            </th>
            <td>{member.email}</td>
            <td><Badge tone icon=glyph>{role_word(member.role)}</Badge></td>
            <td>{seen}</td>
            {may_change
                .then(|| {
                    view! {
                        <td>
                            <details class="confirm">
                                <summary class="button button-quiet button-small">
                                    "Change" <span class="visually-hidden">" "{label}</span>
                                </summary>
                                <div class="stack">
                                    <ActionForm action=acts.change>
                                        <input type="hidden" name="course" value=course.to_string()/>
                                        <input type="hidden" name="user" value=for_role/>
                                        <div class="stack stack-tight"><Select name="role" id=select label="Role" options=roles() value=role/>
                                        <Button size=Size::Small busy=acts.change.pending()>"Change role"</Button></div>
                                    </ActionForm>
                                    <Confirm label="Remove…" variant=Variant::Danger icon=Glyph::Trash>
                                        <p>{removing}</p>
                                        <ActionForm action=acts.remove>
                                            <input type="hidden" name="course" value=course.to_string()/>
                                            <input type="hidden" name="user" value=for_removal/>
                                            <Button variant=Variant::Danger size=Size::Small busy=acts.remove.pending()>"Remove from the course"</Button>
                                        </ActionForm>
                                    </Confirm>
                                </div>
                            </details>
                        </td>
                    }
                })}
        </tr>
    }
}

fn roles() -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .map(|role| Choice::new(role.name(), role_word(role)))
        .collect()
}

pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Student => "Student",
        Role::Assistant => "Assistant",
        Role::Teacher => "Teacher",
    }
}

pub(super) fn many(number: u32) -> String {
    if number == 1 {
        "1 person".into()
    } else {
        format!("{number} people")
    }
}

/// The same list elsewhere; `cursor` is `after=…`, `before=…` or empty.
fn address(course: CourseId, wanted: &Wanted, cursor: &str) -> String {
    let search = if wanted.search.is_empty() {
        String::new()
    } else {
        format!("search={}", crate::course::pages::escaped(&wanted.search))
    };
    let role = if wanted.role.is_empty() {
        String::new()
    } else {
        format!("role={}", crate::course::pages::escaped(&wanted.role))
    };
    let query: Vec<_> = [search.as_str(), role.as_str(), cursor]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if query.is_empty() {
        format!("/courses/{course}/people")
    } else {
        format!("/courses/{course}/people?{}", query.join("&"))
    }
}

//! `/admin/users`: every account, by name.

use crate::admin::api::list_users;
use crate::admin::model::{Kind, UserLine, Users};
use crate::admin::widgets::{AdminHead, Place};
use crate::course::pages::{escaped, query_param};
use crate::shell::loaded;
use crate::time::Timestamp;
use crate::ui::*;
use leptos::prelude::*;
use leptos_router::components::Form;

#[component]
pub fn UsersPage() -> impl IntoView {
    let (search, kind, after, before) = (
        query_param("search"),
        query_param("kind"),
        query_param("after"),
        query_param("before"),
    );
    let list = Resource::new_blocking(
        move || (search.get(), kind.get(), after.get(), before.get()),
        |(search, kind, after, before)| async move {
            list_users(search.clone(), kind.clone(), after.parse().ok(), before.parse().ok())
                .await
                .map(|page| (page, search, Kind::from_query(&kind)))
        },
    );
    view! {
        <AdminHead
            place=Place::Users
            actions=|| view! { <LinkButton href="/admin/users/new" variant=Variant::Primary icon=Glyph::Plus>"New user"</LinkButton> }
        />
        {loaded(list, |(page, search, kind)| view! { <Shown page search kind/> })}
    }
}

#[component]
fn Shown(page: Users, search: String, kind: Kind) -> impl IntoView {
    let Users {
        users,
        previous,
        next,
        now,
    } = page;
    let tabs: Vec<Tab> = Kind::ALL
        .into_iter()
        .map(|(each, _, label)| Tab::new(label, address(&search, each, "")).current(each == kind))
        .collect();
    let prev = previous.map(|user| address(&search, kind, &format!("before={user}")));
    let next = next.map(|user| address(&search, kind, &format!("after={user}")));
    let empty = users.is_empty();
    let rows = users.into_iter().map(|user| row(user, now)).collect_view();
    let columns = vec![
        Column::text("Name"),
        Column::text("E-mail"),
        Column::text("Roles"),
        Column::text("Last signed in"),
    ];
    view! {
        <div class="stack">
        <div>
        <Tabs label="Accounts" items=tabs/>
        <Form method="GET" action="/admin/users">
            <div class="row">
                <TextField name="search" label="Search" kind=InputKind::Search value=search placeholder="Name or e-mail" label_hidden=true maxlength=100/>
                {(kind != Kind::All).then(|| view! { <input type="hidden" name="kind" value=kind.query()/> })}
                <Button icon=Glyph::Search>"Search"</Button>
            </div>
        </Form>
        </div>
        {if empty {
            view! { <Empty title="Nobody found" icon=Glyph::Search>"No account fits. Try a part of the name or of the e-mail address."</Empty> }.into_any()
        } else {
            view! { <Panel flush=true><Table caption="Users" caption_hidden=true columns>{rows}</Table><Pager label="Users" prev next/></Panel> }.into_any()
        }}
        </div>
    }
}

fn row(user: UserLine, now: Timestamp) -> impl IntoView {
    let seen = match user.last_sign_in {
        Some(at) => view! { <Time at=at.rfc3339() text=at.relative(now) full=at.date_time()/> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a href=format!("/admin/users/{}", user.id)>{user.name}</a></th>
            <td>{user.email}</td>
            <td>
                <span class="row">
                    {user.is_admin.then(|| view! { <Badge tone=Tone::Review icon=Glyph::Key>"Administrator"</Badge> })}
                    {user.teaches.then(|| view! { <Badge tone=Tone::Human icon=Glyph::PersonCheck>"Teacher"</Badge> })}
                    {user.deactivated.then(|| view! { <Badge icon=Glyph::Lock>"Deactivated"</Badge> })}
                </span>
            </td>
            <td>{seen}</td>
        </tr>
    }
}

/// The same list elsewhere; `cursor` is `after=…`, `before=…` or empty.
fn address(search: &str, kind: Kind, cursor: &str) -> String {
    let search = if search.is_empty() {
        String::new()
    } else {
        format!("search={}", escaped(search))
    };
    let kind = if kind == Kind::All {
        String::new()
    } else {
        format!("kind={}", kind.query())
    };
    let query: Vec<_> = [search.as_str(), kind.as_str(), cursor]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if query.is_empty() {
        "/admin/users".into()
    } else {
        format!("/admin/users?{}", query.join("&"))
    }
}

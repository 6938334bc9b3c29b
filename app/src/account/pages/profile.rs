//! The profile: name, password, sessions, API tokens.

use super::came_back;
use crate::account::api::{self, ChangePassword, CreateToken, Rename};
use crate::account::model::{Profile, SCOPES, SessionInfo, TokenInfo};
use crate::error::AppError;
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn ProfilePage() -> impl IntoView {
    let profile = Resource::new_blocking(|| (), |()| api::read_profile());
    view! {
        <Title text="Profile" />
        {loaded(profile, |profile| view! { <Content profile /> })}
    }
}

#[component]
fn Content(profile: Profile) -> impl IntoView {
    let Profile {
        person,
        sessions,
        tokens,
    } = profile;
    let changed = use_query_map().with_untracked(|query| query.get("changed").is_some());
    let notice = changed.then(|| {
        view! { <Notice tone=Tone::Right title="Your password is changed">"Everywhere else you were signed out."</Notice> }
    });
    view! {
        <PageHeader title=person.name.clone() lead=person.email.clone() />
        <div class="stack stack-loose">
            {notice}
            <NamePanel name=person.name />
            <PasswordPanel />
            <SessionsPanel sessions />
            <TokensPanel tokens is_admin=person.is_admin />
            <Panel title="Appearance"><ThemeSwitch /></Panel>
        </div>
    }
}

fn message(error: Signal<Option<AppError>>, field: &'static str) -> Signal<String> {
    Signal::derive(move || error.get().and_then(|e| e.for_field(field)).unwrap_or_default())
}

#[component]
fn NamePanel(name: String) -> impl IntoView {
    let error = came_back::<Rename>();
    view! {
        <Panel title="Name">
            <form method="post" action="/rpc/account/rename" class="stack measure">
                <TextField name="name" label="Name" value=name required=true autocomplete="name" error=message(error, "name") />
                <FormActions><Button>"Save name"</Button></FormActions>
            </form>
        </Panel>
    }
}

#[component]
fn PasswordPanel() -> impl IntoView {
    let error = came_back::<ChangePassword>();
    view! {
        <Panel title="Password" id="password">
            <FormError error />
            <form method="post" action="/rpc/account/change_password" class="stack measure">
                <TextField
                    name="current" label="Current password" kind=InputKind::Password required=true
                    autocomplete="current-password" error=message(error, "current")
                />
                <TextField
                    name="new" label="New password" kind=InputKind::Password required=true autocomplete="new-password"
                    hint="At least 10 characters. You stay signed in here and are signed out everywhere else." error=message(error, "new")
                />
                <FormActions><Button>"Change password"</Button></FormActions>
            </form>
        </Panel>
    }
}

#[component]
fn SessionsPanel(sessions: Vec<SessionInfo>) -> impl IntoView {
    let columns = vec![
        Column::text("Browser"),
        Column::text("Address"),
        Column::text("Signed in"),
        Column::text("Last seen"),
        Column::text("Action"),
    ];
    let row = |session: SessionInfo| {
        let end = if session.current {
            view! { <Badge tone=Tone::Human>"This browser"</Badge> }.into_any()
        } else {
            view! {
                <form method="post" action="/rpc/account/revoke_session">
                    <input type="hidden" name="handle" value=session.handle />
                    <Button size=Size::Small label=format!("Sign out {}", session.browser)>"Sign out"</Button>
                </form>
            }
            .into_any()
        };
        view! {
            <tr>
                <th scope="row">{session.browser.clone()}</th>
                <td>{session.address}</td>
                <td>{session.created_at.date_time()}</td>
                <td>{session.last_seen_at.date_time()}</td>
                <td>{end}</td>
            </tr>
        }
    };
    view! {
        <Panel title="Where you are signed in">
            <Table caption="Sessions" columns caption_hidden=true>{sessions.into_iter().map(row).collect_view()}</Table>
        </Panel>
    }
}

#[component]
fn TokensPanel(tokens: Vec<TokenInfo>, is_admin: bool) -> impl IntoView {
    let create = ServerAction::<CreateToken>::new();
    let error = Signal::derive(move || create.value().get().and_then(Result::err));
    let made = move || create.value().get().and_then(Result::ok);
    let scopes = SCOPES
        .iter()
        .filter(|(id, _)| is_admin || *id != "admin")
        .map(|(id, label)| Choice::new(*id, *label))
        .collect::<Vec<_>>();
    let columns = vec![
        Column::text("Name"),
        Column::text("Starts with"),
        Column::text("May"),
        Column::text("Ends"),
        Column::text("Action"),
    ];
    let row = |token: TokenInfo| {
        view! {
            <tr>
                <th scope="row">{token.name.clone()}</th>
                <td><code>{token.prefix}</code></td>
                <td>{token.scopes.join(", ")}</td>
                <td>{token.expires_at.map(|at| at.date())}</td>
                <td>
                    <form method="post" action="/rpc/account/revoke_token">
                        <input type="hidden" name="id" value=token.id.to_string() />
                        <Button size=Size::Small label=format!("Revoke {}", token.name)>"Revoke"</Button>
                    </form>
                </td>
            </tr>
        }
    };
    let list = if tokens.is_empty() {
        view! { <p class="muted">"You have no tokens. Programs use them to act in your name through the REST API."</p> }
            .into_any()
    } else {
        view! { <Table caption="API tokens" columns caption_hidden=true>{tokens.into_iter().map(row).collect_view()}</Table> }.into_any()
    };
    view! {
        <Panel title="API tokens" id="tokens">
            <div class="stack">
                {list}
                {move || made().map(|secret| view! {
                    <Notice tone=Tone::Right title="Copy the token now: it is shown this once"><CodeBlock label="Token" text=secret /></Notice>
                })}
                <div class="needs-script">
                    <FormError error />
                    <ActionForm action=create attr:class="stack measure">
                        <TextField name="name" label="Name of the program" required=true error=message(error, "name") />
                        <CheckboxGroup name="scopes[]" legend="What it may do" options=scopes values=vec!["read".to_owned()] error=message(error, "scopes") />
                        <TextField name="days" label="Days it lives" kind=InputKind::Number value="90" min="1" max="365" error=message(error, "days") />
                        <FormActions><Button busy=create.pending()>"Create token"</Button></FormActions>
                    </ActionForm>
                </div>
            </div>
        </Panel>
    }
}

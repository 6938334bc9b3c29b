//! `/admin/users/:user`: one account, its places, and what can be done to it.

use crate::admin::api::{
    DeactivateUser, ReactivateUser, ResetPassword, RevokeSessions, SetAdmin, handed_over, read_user,
};
use crate::admin::model::{Place as CoursePlace, UserDetail};
use crate::admin::widgets::{AdminHead, Place};
use crate::course::pages::role_word;
use crate::course::widgets::{NewAccounts, done, failure};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[derive(Clone, Copy)]
struct Acts {
    admin: ServerAction<SetAdmin>,
    deactivate: ServerAction<DeactivateUser>,
    reactivate: ServerAction<ReactivateUser>,
    reset: ServerAction<ResetPassword>,
    sessions: ServerAction<RevokeSessions>,
}

#[component]
pub fn UserPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("user").unwrap_or_default());
    let acts = Acts {
        admin: ServerAction::new(),
        deactivate: ServerAction::new(),
        reactivate: ServerAction::new(),
        reset: ServerAction::new(),
        sessions: ServerAction::new(),
    };
    let reset = done(acts.reset);
    let (admin, deactivated, reactivated, sessions) = (
        done(acts.admin),
        done(acts.deactivate),
        done(acts.reactivate),
        done(acts.sessions),
    );
    let changes = move || {
        (
            admin.get(),
            deactivated.get(),
            reactivated.get(),
            sessions.get(),
            reset.get(),
        )
    };
    let detail = Resource::new_blocking(move || (id.get(), changes()), |(id, _)| read_user(id));
    let passwords = Resource::new_blocking(move || (id.get(), reset.get()), |(id, _)| handed_over(id));
    view! {
        {loaded(
            detail,
            move |detail| {
                view! {
                    <AdminHead place=Place::Users below=detail.user.name.clone() lead=detail.user.email.clone()/>
                    <div class="stack">
                    <FormError error=failure(acts.admin)/>
                    <FormError error=failure(acts.deactivate)/>
                    <FormError error=failure(acts.reactivate)/>
                    <FormError error=failure(acts.reset)/>
                    <FormError error=failure(acts.sessions)/>
                    {loaded(passwords, |accounts| view! { <NewAccounts accounts/> })}
                    <div class="split">
                        <div class="stack"><About detail=detail.clone()/> <Places places=detail.places.clone()/></div>
                        <aside class="stack"><Doing detail acts/></aside>
                    </div>
                    </div>
                }
            },
        )}
    }
}

#[component]
fn About(detail: UserDetail) -> impl IntoView {
    let UserDetail {
        user,
        must_change_password,
        password_changed,
        deactivated_at,
        sessions,
        tokens,
        now,
        ..
    } = detail;
    let seen = match user.last_sign_in {
        Some(at) => view! { <Time at=at.rfc3339() text=at.relative(now) full=at.date_time()/> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let password = match must_change_password {
        true => format!("one-time, given on {}", password_changed.date_time()),
        false => format!("changed on {}", password_changed.date()),
    };
    view! {
        <Panel title="Account">
            <Facts>
                <Fact label="State">
                    {match deactivated_at {
                        Some(at) => view! { <Badge icon=Glyph::Lock>{format!("Deactivated since {}", at.date())}</Badge> }.into_any(),
                        None => view! { <Badge tone=Tone::Right>"Can sign in"</Badge> }.into_any(),
                    }}
                    {user.is_admin.then(|| view! { " " <Badge tone=Tone::Review icon=Glyph::Key>"Administrator"</Badge> })}
                </Fact>
                <Fact label="Since">{user.created.date()}</Fact>
                <Fact label="Last signed in">{seen}</Fact>
                <Fact label="Password">{password}</Fact>
                <Fact label="Signed in at">{if sessions == 1 { "1 place".to_owned() } else { format!("{sessions} places") }}</Fact>
                <Fact label="API tokens">{tokens}</Fact>
            </Facts>
        </Panel>
    }
}

#[component]
fn Places(places: Vec<CoursePlace>) -> impl IntoView {
    if places.is_empty() {
        return view! { <Panel title="Courses"><p class="muted">"In no course."</p></Panel> }.into_any();
    }
    let rows = places
        .into_iter()
        .map(|place| {
            view! {
                <tr>
                    <th scope="row"><a href=format!("/courses/{}/people", place.course)>{format!("{} {}", place.code, place.title)}</a></th>
                    <td>{place.term}</td>
                    <td>{role_word(place.role)}</td>
                    <td>{place.archived.then(|| view! { <Badge icon=Glyph::Inbox>"Archived"</Badge> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Courses" flush=true>
            <Table caption="Roles in courses" caption_hidden=true columns=vec![Column::text("Course"), Column::text("Term"), Column::text("Role"), Column::text("State")]>
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Doing(detail: UserDetail, acts: Acts) -> impl IntoView {
    let UserDetail {
        user,
        is_self,
        sessions,
        ..
    } = detail;
    let (id, name) = (user.id.to_string(), user.name);
    let hidden = StoredValue::new(id);
    let hidden = move || view! { <input type="hidden" name="user" value=hidden.get_value()/> };
    let places = if sessions == 1 {
        "1 place".to_owned()
    } else {
        format!("{sessions} places")
    };
    let reset_words = format!(
        "{name} is signed out everywhere and gets a one-time password, shown to you once. The old password stops working at once."
    );
    let password = (!is_self && !user.deactivated).then(|| {
        view! {
            <Confirm label="Reset password…" icon=Glyph::Key>
                <p>{reset_words}</p>
                <ActionForm action=acts.reset>{hidden()}<Button variant=Variant::Danger busy=acts.reset.pending()>"Reset password"</Button></ActionForm>
            </Confirm>
        }
    });
    let words = if is_self {
        "You stay signed in here and are signed out everywhere else.".to_owned()
    } else {
        format!("{name} is signed out at {places}.")
    };
    let sign_out = (sessions > 0).then(|| {
        view! {
            <Confirm label="Sign out everywhere…" icon=Glyph::SignOut>
                <p>{words}</p>
                <ActionForm action=acts.sessions>{hidden()}<Button variant=Variant::Danger busy=acts.sessions.pending()>"Sign out"</Button></ActionForm>
            </Confirm>
        }
    });
    let (label, effect, to) = match user.is_admin {
        true => (
            "Revoke administrator…",
            format!("{name} keeps the roles in courses and loses everything else."),
            "false",
        ),
        false => (
            "Make administrator…",
            format!("{name} may then do everything in every course and here."),
            "true",
        ),
    };
    let admin = (!user.deactivated || user.is_admin).then(|| {
        view! {
            <Confirm label icon=Glyph::Shield>
                <p>{effect}</p>
                <ActionForm action=acts.admin>
                    {hidden()}
                    <input type="hidden" name="is_admin" value=to/>
                    <Button variant=Variant::Danger busy=acts.admin.pending()>{if user.is_admin { "Revoke administrator" } else { "Make administrator" }}</Button>
                </ActionForm>
            </Confirm>
        }
    });
    let end_words = format!(
        "{name} is signed out at once, cannot sign in, and API tokens end for good. Answers and grades stay. You can reactivate the account."
    );
    let life = match (user.deactivated, is_self) {
        (true, _) => view! {
            <ActionForm action=acts.reactivate>{hidden()}<Button icon=Glyph::Undo busy=acts.reactivate.pending()>"Reactivate"</Button></ActionForm>
        }
        .into_any(),
        (false, true) => ().into_any(),
        (false, false) => view! {
            <Confirm label="Deactivate…" variant=Variant::Danger icon=Glyph::Lock>
                <p>{end_words}</p>
                <ActionForm action=acts.deactivate>{hidden()}<Button variant=Variant::Danger busy=acts.deactivate.pending()>"Deactivate"</Button></ActionForm>
            </Confirm>
        }
        .into_any(),
    };
    view! { <Panel title="Change"><div class="stack">{password} {sign_out} {admin} {life}</div></Panel> }
}

//! `/admin/mail`: what is sent, what waits, what went wrong.

use crate::account::pages::came_back;
use crate::admin::widgets::{AdminHead, Place};
use crate::ids::MailId;
use crate::mail::api::{CancelMail, RetryMail, SendTest, read_outbox};
use crate::mail::model::{Outbox, Posted};
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

#[component]
pub fn OutboxPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = move || {
        query.with(|query| {
            let before = query.get("before").and_then(|id| id.parse::<MailId>().ok());
            (query.get("state").unwrap_or_default(), before)
        })
    };
    let outbox = Resource::new_blocking(wanted, |(state, before)| read_outbox(state, before));
    let posted = use_query_map().with_untracked(|query| query.get("test").is_some());
    let (retry, cancel) = (came_back::<RetryMail>(), came_back::<CancelMail>());
    view! {
        <AdminHead place=Place::Mail/>
        <div class="stack">
            {posted.then(|| view! { <Notice tone=Tone::Right title="The test mail is in the outbox">"Reload this page to see whether the mail server has taken it."</Notice> })}
            <FormError error=retry/>
            <FormError error=cancel/>
            {loaded(outbox, move |outbox| view! { <Shown outbox/> })}
        </div>
    }
}

#[component]
fn Shown(outbox: Outbox) -> impl IntoView {
    let Outbox {
        mails,
        counts,
        before,
        sends,
        own_address,
    } = outbox;
    let query = use_query_map();
    let chosen = query.with_untracked(|query| query.get("state")).unwrap_or_default();
    let total: u64 = counts.iter().map(|(_, number)| number).sum();
    let mut tabs = vec![Tab::new("All", "/admin/mail").count(total).current(chosen.is_empty())];
    tabs.extend(
        counts
            .into_iter()
            .filter(|(state, number)| *number > 0 || *state == chosen)
            .map(|(state, number)| {
                let current = state == chosen;
                Tab::new(words(&state).1, format!("/admin/mail?state={state}"))
                    .count(number)
                    .current(current)
            }),
    );
    let how = match sends {
        Some(how) => view! { <TestPanel how own_address/> }.into_any(),
        None => view! {
            <Notice tone=Tone::Review icon=Glyph::Mail title="This installation sends no mail">
                "Set SMTP_URL, MAIL_FROM and PUBLIC_URL and start it again. Until then people are told in the app alone, and nobody can reset a password by mail."
            </Notice>
        }
        .into_any(),
    };
    let next = before.map(|id| format!("/admin/mail?state={chosen}&before={id}"));
    let list = if mails.is_empty() {
        view! { <Empty title="No mail here" icon=Glyph::Mail>"Mails are kept for thirty days after they were sent."</Empty> }.into_any()
    } else {
        let columns = vec![
            Column::text("To"),
            Column::text("Subject"),
            Column::text("State"),
            Column::number("Tries"),
            Column::text("Written"),
            Column::unseen("What to do"),
        ];
        view! {
            <Table caption="Mails, newest first" caption_hidden=true columns>{mails.into_iter().map(row).collect_view()}</Table>
            {next.map(|href| view! { <p><a href=href>"Older mails"</a></p> })}
        }
        .into_any()
    };
    view! {
        {how}
        <Tabs label="Mails by state" items=tabs/>
        {list}
    }
}

#[component]
fn TestPanel(how: String, own_address: String) -> impl IntoView {
    let error = came_back::<SendTest>();
    let message = Signal::derive(move || error.get().and_then(|error| error.for_field("to")).unwrap_or_default());
    view! {
        <Panel title="Sending" note=how>
            <div class="stack">
                <FormError error/>
                <form method="post" action=SendTest::url() class="stack measure">
                    <TextField name="to" label="Send a test mail to" kind=InputKind::Email value=own_address required=true error=message/>
                    <FormActions><Button icon=Glyph::Send>"Send test mail"</Button></FormActions>
                </form>
            </div>
        </Panel>
    }
}

fn row(mail: Posted) -> impl IntoView {
    let (tone, word) = words(&mail.state);
    let when = match (mail.next, mail.finished) {
        (Some(next), _) if mail.attempts > 0 => format!("next try {}", next.date_time()),
        (Some(next), _) => format!("from {}", next.date_time()),
        (None, Some(at)) => at.date_time(),
        (None, None) => String::new(),
    };
    let form = |action: &'static str, id: String, label: String, word: &'static str| {
        view! {
            <form method="post" action=action>
                <input type="hidden" name="mail" value=id/>
                <Button size=Size::Small label>{word}</Button>
            </form>
        }
    };
    let id = mail.id.to_string();
    let again = matches!(mail.state.as_str(), "failed" | "unsure" | "cancelled" | "waiting").then(|| {
        form(
            RetryMail::url(),
            id.clone(),
            format!("Send now: {}", mail.subject),
            "Send now",
        )
    });
    let stop = (mail.state == "waiting").then(|| {
        form(
            CancelMail::url(),
            id.clone(),
            format!("Cancel: {}", mail.subject),
            "Cancel",
        )
    });
    view! {
        <tr>
            <th scope="row">{mail.recipient}<br/><span class="muted small">{mail.kind}</span></th>
            <td>{mail.subject}</td>
            <td>
                <Badge tone>{word}</Badge>
                <br/>
                <span class="muted small">{when}</span>
                {mail.problem.map(|problem| view! { <p class="small">{problem}</p> })}
            </td>
            <td class="num">{mail.attempts}</td>
            <td>{mail.created.date_time()}</td>
            <td><div class="row">{again}{stop}</div></td>
        </tr>
    }
}

fn words(state: &str) -> (Tone, String) {
    let (tone, word) = match state {
        "waiting" => (Tone::Neutral, "Waiting"),
        "claimed" | "sending" => (Tone::Machine, "Being sent"),
        "sent" => (Tone::Right, "Sent"),
        "failed" => (Tone::Wrong, "Refused"),
        "unsure" => (Tone::Review, "May have arrived"),
        "cancelled" => (Tone::Neutral, "Cancelled"),
        "expired" => (Tone::Neutral, "Too late to send"),
        other => return (Tone::Neutral, other.to_owned()),
    };
    (tone, word.to_owned())
}

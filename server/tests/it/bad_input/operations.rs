//! Mail, maintenance and what else runs the house.

use super::Cases;
use crate::support::{School, TestApp};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_and_maintenance() {
    let app = TestApp::configured(crate::support::Database::Sqlite, |config| {
        config.mail.url = Some("smtp://127.0.0.1:9?tls=none".into());
    })
    .await;
    let school = School::open(&app).await;
    let (admin, student, stranger, mut cases) = (&school.admin, &school.student, &school.anonymous, Cases::default());
    let long = "x".repeat(100_000);
    for (what, name, fields, status, says) in [
        (
            "no address",
            "account/forgot_password",
            vec![("email", "nobody")],
            422,
            "e-mail",
        ),
        (
            "a header in an address",
            "account/forgot_password",
            vec![("email", "a@b.example\r\nBcc: c@d.example")],
            422,
            "e-mail",
        ),
        (
            "a long address",
            "account/forgot_password",
            vec![("email", &*long)],
            422,
            "",
        ),
        (
            "no token",
            "account/reset_password",
            vec![("password", "a good long sentence")],
            422,
            "",
        ),
        (
            "a wrong token",
            "account/reset_password",
            vec![("token", "0"), ("password", "a good long sentence")],
            409,
            "ended",
        ),
        (
            "a huge token",
            "account/verify_email",
            vec![("token", &*long)],
            409,
            "ended",
        ),
        (
            "a token of other letters",
            "account/verify_email",
            vec![("token", "' OR 1=1 --")],
            409,
            "ended",
        ),
    ] {
        cases.expect(what, &stranger.rpc(name, &fields).await, status, says);
    }
    for (what, from, until, zone, says) in [
        ("one time alone", "22:00", "", "", "such as 22:00"),
        ("no time", "late", "early", "", "such as 22:00"),
        ("beyond the day", "24:00", "07:00", "", "such as 22:00"),
        ("no zone", "22:00", "07:00", "Mars/Olympus", "no time zone"),
    ] {
        let fields = [("quiet_from", from), ("quiet_until", until), ("time_zone", zone)];
        cases.expect(what, &student.rpc("mail/save_preferences", &fields).await, 422, says);
    }
    cases.expect(
        "a note that is none",
        &student.rpc("mail/mark_read", &[("note", "x")]).await,
        422,
        "",
    );
    for query in [
        "",
        "?user=1&kind=2&key=3",
        "?user=00000000-0000-0000-0000-000000000000&kind=maintenance&key=%FF",
    ] {
        let reply = stranger
            .send(stranger.request(Method::POST, &format!("/unsubscribe{query}")))
            .await;
        cases.is(
            &format!("unsubscribe{query}"),
            (400..=422).contains(&reply.status),
            &reply.text,
        );
    }
    cases.expect(
        "a test to nobody",
        &admin.rpc("mail/test", &[("to", "nobody")]).await,
        422,
        "e-mail",
    );
    cases.expect(
        "an unknown mail",
        &admin.rpc("mail/retry", &[("mail", "x")]).await,
        422,
        "",
    );
    for (what, message, from, until, says) in [
        ("no time", "x", "soon", "", "date and a time"),
        (
            "an end before the beginning",
            "x",
            "2037-01-02T00:00",
            "2037-01-01T00:00",
            "after the beginning",
        ),
        ("a long message", &*long, "", "", "500 characters"),
    ] {
        let fields = [("message", message), ("from", from), ("until", until)];
        cases.expect(what, &admin.rpc("maintenance/plan", &fields).await, 422, says);
    }
    cases.expect(
        "no window to end",
        &admin.rpc("maintenance/end", &[]).await,
        409,
        "no maintenance",
    );
    cases.end(20);
}

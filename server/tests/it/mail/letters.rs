//! What is written to people, when and why.

use super::{send_all, sender, with_mail};
use crate::support::{Database, PASSWORD, School, Sink, TestApp, email};
use app::entity::mail_outbox;
use app::mail::delivery;
use app::mail::model::Kind;
use app::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::time::Duration;

const EVIL: &str = "<img src=x onerror=alert(1)>\"&";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_grades_wishes_and_quiet_hours() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let mut school = School::open(&app).await;
        let sender = sender(&app).await;
        let (sam, nia) = (email("Sam Student"), email("Nia Neighbour"));
        school.student.rpc("account/rename", &[("name", EVIL)]).await;
        school.hand_in("Plants make sugar with light.").await;
        send_all(&sender).await;
        let receipt = sink.mails(&sam).pop().unwrap();
        let submission = school.id("submission").to_owned();
        for part in [
            "Subject: Submitted: Light",
            &format!("https://grader.school.example/submissions/{submission}/receipt"),
            "Fingerprint",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "&lt;img src=x onerror=alert(1)&gt;&quot;&amp;",
        ] {
            assert!(receipt.contains(part), "{part} is missing:\n{receipt}");
        }
        let (_, html) = receipt.split_once("text/html").unwrap();
        assert!(!html.contains("<img"), "{html}");
        // Seen in the app, too, and marked as read there.
        let page = school.student.get("/notifications").await;
        assert!(
            page.text.contains("Submitted: Light") && page.text.contains("Mark 1 as read"),
            "{}",
            page.text
        );
        school.student.rpc("mail/mark_read", &[]).await;
        assert!(!school.student.get("/notifications").await.text.contains("as read"));
        // One click in the mail program; the key in the link is enough, and only for this.
        let link = receipt
            .lines()
            .find_map(|line| line.strip_prefix("List-Unsubscribe: <"))
            .unwrap();
        let path = unfolded(&receipt, link).replace("https://grader.school.example", "");
        let forged = path.replace("submission_received", "grade_published");
        let stranger = &school.anonymous;
        assert_eq!(
            stranger
                .send(stranger.request(reqwest::Method::POST, &forged))
                .await
                .status,
            422
        );
        let done = stranger
            .send(
                stranger
                    .request(reqwest::Method::POST, &path)
                    .body("List-Unsubscribe=One-Click"),
            )
            .await;
        assert_eq!(done.status, 200, "{} {}", path, done.text);
        let preferences = school.student.rpc("mail/preferences", &[]).await.json;
        assert_eq!(preferences["wishes"][0]["kind"], Kind::SubmissionReceived.code());
        assert_eq!(
            (&preferences["wishes"][0]["mail"], &preferences["wishes"][0]["app"]),
            (&false.into(), &true.into())
        );
        // Quiet hours around now, in the institution's zone (UTC here).
        let minute = (app.ctx.now().0.rem_euclid(Timestamp::DAY) / Timestamp::MINUTE) as i32;
        let (from, until) = (
            app::mail::model::clock(minute + 1439),
            app::mail::model::clock(minute + 60),
        );
        let saved = school
            .student
            .form(
                "mail/save_preferences",
                &[
                    ("mail[]", "grade_published"),
                    ("app[]", "grade_published"),
                    ("quiet_from", &from),
                    ("quiet_until", &until),
                    ("time_zone", ""),
                ],
            )
            .await;
        assert_eq!(
            saved.header("location"),
            "/notifications/settings?saved=yes",
            "{}",
            saved.text
        );
        let publish = format!("/assignments/{}/grades/publish", school.id("assignment"));
        let confirmed = serde_json::json!({ "even_if_unreviewed": true });
        school
            .teacher
            .ok(reqwest::Method::POST, &publish, Some(confirmed))
            .await;
        send_all(&sender).await;
        assert_eq!(sink.files(&sam).len(), 1, "published grades wait for the morning");
        // What is urgent does not wait.
        let changed = [("current", PASSWORD), ("new", "five quite unrelated words")];
        assert!(school.student.rpc("account/change_password", &changed).await.status < 400);
        send_all(&sender).await;
        assert!(sink.mails(&sam)[1].contains("Subject: Your password was changed"));
        app.ctx.state.clock.advance(61 * Timestamp::MINUTE);
        send_all(&sender).await;
        let grades = sink.mails(&sam).pop().unwrap();
        assert!(
            grades.contains("Subject: Grades published: Light") && grades.contains("/result"),
            "{grades}"
        );
        assert!(!grades.contains("points") && sink.files(&nia).is_empty());
        // Hidden and published again: told once.
        let hide = publish.replace("publish", "unpublish");
        school.teacher.ok(reqwest::Method::POST, &hide, None).await;
        school
            .teacher
            .rest(
                reqwest::Method::POST,
                &publish,
                Some(serde_json::json!({ "even_if_unreviewed": true })),
            )
            .await;
        send_all(&sender).await;
        assert_eq!(sink.files(&sam).len(), 3);
        app.ctx.state.clock.advance(31 * Timestamp::DAY);
        assert!(delivery::prune(&app.ctx).await.unwrap() >= 3);
    }
}

/// A header's value over its folded lines, up to the closing bracket.
fn unfolded(mail: &str, start: &str) -> String {
    let at = mail.find(start).unwrap();
    let rest = &mail[at..];
    rest[..rest.find('>').unwrap()]
        .replace("\n ", "")
        .replace(['\n', ' '], "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let sender = sender(&app).await;
        let (id, signed_in) = app.person("Ada", false).await;
        let stranger = app.stranger();
        let ask = async |address: &str| stranger.form("account/forgot_password", &[("email", address)]).await;
        let (known, unknown) = (ask(&email("Ada")).await, ask("nobody@test.example").await);
        for reply in [&known, &unknown] {
            assert_eq!(
                (reply.status, reply.header("location")),
                (302, "/forgot-password?sent=yes"),
                "{}",
                reply.text
            );
        }
        let link = async |number: usize| {
            let began = std::time::Instant::now();
            while sink.files(&email("Ada")).len() < number {
                assert!(began.elapsed() < Duration::from_secs(20), "no mail number {number}");
                send_all(&sender).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            token(sink.mails(&email("Ada")).last().unwrap(), "/reset-password?token=")
        };
        let first = link(1).await;
        ask(&email("Ada")).await;
        let second = link(2).await;
        let new = "a completely new sentence";
        let reset = async |token: &str| {
            stranger
                .rpc("account/reset_password", &[("token", token), ("password", new)])
                .await
        };
        assert_eq!(reset(&first).await.status, 409, "a newer link ends the older one");
        let weak = stranger
            .rpc("account/reset_password", &[("token", &second), ("password", "short")])
            .await;
        assert_eq!(weak.status, 422, "{}", weak.text);
        let done = reset(&second).await;
        assert!(done.status < 400, "{}", done.text);
        assert_eq!(reset(&second).await.status, 409, "a link works once");
        assert_eq!(
            signed_in.rpc("account/profile", &[]).await.status,
            401,
            "every session has ended"
        );
        let again = stranger
            .rpc("account/sign_in", &[("email", &email("Ada")), ("password", new)])
            .await;
        assert!(again.status < 400, "{}", again.text);
        send_all(&sender).await;
        assert!(
            sink.mails(&email("Ada"))
                .pop()
                .unwrap()
                .contains("Your password was changed")
        );
        // An hour later a link is worth nothing; in the outbox its text is wiped once sent.
        ask(&email("Ada")).await;
        let late = link(4).await;
        app.ctx.state.clock.advance(Timestamp::HOUR + Timestamp::SECOND);
        assert_eq!(reset(&late).await.status, 409);
        let rows = mail_outbox::Entity::find()
            .filter(mail_outbox::Column::Kind.eq("reset_password"))
            .all(app.ctx.db())
            .await
            .unwrap();
        assert!(
            rows.len() == 3
                && rows
                    .iter()
                    .all(|row| row.text.is_empty() && row.html.is_empty() && row.user_id == Some(id))
        );
        // Asked for again and again: a limit, the same for addresses nobody has.
        for address in [email("Ada"), "nobody@test.example".into()] {
            let mut statuses = Vec::new();
            for _ in 0..6 {
                statuses.push(
                    stranger
                        .rpc("account/forgot_password", &[("email", &address)])
                        .await
                        .status,
                );
            }
            assert_eq!(*statuses.last().unwrap(), 429, "{statuses:?}");
        }
    }
}

fn token(mail: &str, before: &str) -> String {
    let at = mail.find(before).unwrap_or_else(|| panic!("no {before} in {mail}")) + before.len();
    mail[at..].chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_confirmed() {
    let sink = Sink::start(&[]);
    let app = with_mail(Database::Sqlite, &sink).await;
    let sender = sender(&app).await;
    let register = async |name: &str| {
        let client = app.stranger();
        let fields = [("email", &*email(name)), ("name", name), ("password", PASSWORD)];
        let reply = client.form("account/register", &fields).await;
        (client, reply.header("location").to_owned())
    };
    // Asked for, not required: signed in at once, with a reminder on every page until it is done.
    let (bea, to) = register("Bea").await;
    assert_eq!(to, "/");
    assert!(bea.get("/profile").await.text.contains("Confirm your e-mail address"));
    send_all(&sender).await;
    let link = token(&sink.mails(&email("Bea"))[0], "/verify-email?token=");
    let opened = app.stranger().get(&format!("/verify-email?token={link}")).await;
    assert!(opened.text.contains("Confirm my address"));
    assert!(
        bea.get("/profile").await.text.contains("Confirm your e-mail address"),
        "opening the link changes nothing"
    );
    for _ in 0..2 {
        let done = app.stranger().form("account/verify_email", &[("token", &link)]).await;
        assert_eq!(done.header("location"), "/verify-email?done=yes", "{}", done.text);
    }
    assert!(!bea.get("/profile").await.text.contains("Confirm your e-mail address"));
    // Required: no session before.
    let (_, admin) = app.person("Root", true).await;
    let settings = [
        ("name", "School"),
        ("time_zone", "UTC"),
        ("self_registration", "on"),
        ("verified_email", "on"),
    ];
    assert!(admin.rpc("admin/save_settings", &settings).await.status < 400);
    let (cleo, to) = register("Cleo").await;
    assert_eq!(to, "/verify-email?sent=yes");
    assert_eq!(cleo.rpc("account/profile", &[]).await.status, 401);
    let sign_in = [("email", &*email("Cleo")), ("password", PASSWORD)];
    let refused = cleo.rpc("account/sign_in", &sign_in).await;
    assert!(
        refused.status == 409 && refused.words().contains("Confirm your e-mail address"),
        "{}",
        refused.text
    );
    send_all(&sender).await;
    cleo.rpc("account/resend_verification", &[("email", &email("Cleo"))])
        .await;
    let began = std::time::Instant::now();
    while sink.files(&email("Cleo")).len() < 2 && began.elapsed() < Duration::from_secs(20) {
        send_all(&sender).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let links: Vec<String> = sink
        .mails(&email("Cleo"))
        .iter()
        .map(|mail| token(mail, "/verify-email?token="))
        .collect();
    assert_eq!(
        cleo.rpc("account/verify_email", &[("token", &links[0])]).await.status,
        409
    );
    assert!(cleo.rpc("account/verify_email", &[("token", &links[1])]).await.status < 400);
    assert!(cleo.rpc("account/sign_in", &sign_in).await.status < 400);
}

#[tokio::test]
async fn without_mail_nothing_piles_up() {
    let app = TestApp::start().await;
    let mut school = School::open(&app).await;
    school.hand_in("x").await;
    let reply = school
        .anonymous
        .rpc("account/forgot_password", &[("email", &email("Sam Student"))])
        .await;
    assert_eq!(reply.status, 409, "{}", reply.text);
    assert!(mail_outbox::Entity::find().one(app.ctx.db()).await.unwrap().is_none());
    assert!(
        school
            .student
            .get("/notifications")
            .await
            .text
            .contains("Submitted: Light")
    );
}

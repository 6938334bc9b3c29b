//! Mail, through a real SMTP server that is down, slow, busy, rude, or cut off in mid-sentence; nothing is sent twice.

use super::support::{Database, PASSWORD, School, Sink, TestApp, email};
use app::entity::mail_outbox;
use app::ids::MailId;
use app::mail::delivery::{self, state};
use app::mail::model::Kind;
use app::mail::{Mail, Message, To, enqueue, service};
use app::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use server::mail::{Round, Sender};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn with_mail(database: Database, sink: &Sink) -> TestApp {
    let url = sink.url();
    TestApp::configured(database, move |config| {
        config.mail.url = Some(url);
        config.server.public_url = Some("https://grader.school.example".into());
    })
    .await
}

async fn sender(app: &TestApp) -> Sender {
    app.parts.sender().await.unwrap().unwrap()
}

/// Sends until nothing is due.
async fn send_all(sender: &Sender) {
    let stop = CancellationToken::new();
    while sender.batch(&stop).await.unwrap() == Round::Busy {}
}

async fn post(app: &TestApp, to: &str) -> MailId {
    service::post_test(&app.ctx, to).await.unwrap()
}

async fn row(app: &TestApp, id: MailId) -> mail_outbox::Model {
    mail_outbox::Entity::find_by_id(id)
        .one(app.ctx.db())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_moods() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let sender = sender(&app).await;
        let names = [
            "plain",
            "busy-2-a",
            "later-1-b",
            "refuse-c",
            "never-d",
            "drop-e",
            "slow-1-f",
        ];
        let mut ids = Vec::new();
        for name in names {
            ids.push(post(&app, &format!("{name}@school.example")).await);
        }
        send_all(&sender).await;
        let states = async || {
            let mut states = Vec::new();
            for id in &ids {
                states.push(row(&app, *id).await.state);
            }
            states
        };
        use state::{FAILED, SENT, UNSURE, WAITING};
        assert_eq!(
            states().await,
            [SENT, WAITING, WAITING, FAILED, FAILED, UNSURE, SENT],
            "{database:?}"
        );
        let refused = row(&app, ids[3]).await.problem.unwrap();
        assert!(refused.contains("no such mailbox"), "{refused}");
        // The same minute brings no second try; later ones do, each after a longer wait.
        send_all(&sender).await;
        assert_eq!(row(&app, ids[1]).await.attempts, 1);
        for _ in 0..2 {
            app.ctx.state.clock.advance(2 * Timestamp::MINUTE);
            send_all(&sender).await;
        }
        assert_eq!(
            states().await,
            [SENT, SENT, SENT, FAILED, FAILED, UNSURE, SENT],
            "{database:?}"
        );
        assert_eq!(row(&app, ids[1]).await.attempts, 3);
        for name in ["plain", "busy-2-a", "later-1-b", "drop-e", "slow-1-f"] {
            assert_eq!(sink.files(&format!("{name}@school.example")).len(), 1, "{name}");
        }
        // What may have arrived is sent again only when somebody says so, under the same name.
        let root = app.user("Root", true).await;
        service::retry(&app.ctx.acting_as(&root), ids[5]).await.unwrap();
        send_all(&sender).await;
        let twice = sink.mails("drop-e@school.example");
        let name = |mail: &str| {
            mail.lines()
                .find(|line| line.starts_with("Message-ID:"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(twice.len(), 2);
        assert_eq!(name(&twice[0]), name(&twice[1]));
        assert!(
            service::retry(&app.ctx.acting_as(&root), ids[0]).await.is_err(),
            "a sent mail is not sent again"
        );
        let numbers = app.parts.metrics.scrape(&app.ctx.state).await;
        for line in [
            "mail_sent_total{result=\"sent\"} 4",
            "mail_sent_total{result=\"later\"} 3",
            "mail_sent_total{result=\"failed\"} 2",
            "mail_sent_total{result=\"unsure\"} 2",
            "mail_outbox_waiting 0",
            "mail_outbox_oldest_seconds 0",
        ] {
            assert!(numbers.contains(line), "{line} is missing:\n{numbers}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_gets_everything_once_when_it_is_back() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let sender = sender(&app).await;
        let (port, folder) = sink.stop();
        for number in 0..30 {
            post(&app, &format!("p{number}@school.example")).await;
        }
        let stop = CancellationToken::new();
        assert_eq!(sender.batch(&stop).await.unwrap(), Round::Unreachable);
        // An hour later somebody must hear of it, but people can still work.
        app.ctx.state.clock.advance(Timestamp::HOUR);
        let health = app::admin::health::health(&app.ctx.state).await;
        let mail = health.parts.iter().find(|part| part.name == "mail").unwrap();
        assert!(!mail.ok && health.is_ready(), "{mail:?}");
        let sink = Sink::on(port, folder, &[]);
        send_all(&sender).await;
        for number in 0..30 {
            assert_eq!(
                sink.files(&format!("p{number}@school.example")).len(),
                1,
                "{database:?} {number}"
            );
        }
        let (waiting, _) = delivery::waiting(app.ctx.db(), app.ctx.now()).await.unwrap();
        assert_eq!(waiting, 0);
        // Given up after three days.
        let (_port, _folder) = sink.stop();
        let lost = post(&app, "nobody@school.example").await;
        for _ in 0..80 {
            app.ctx.state.clock.advance(Timestamp::HOUR + 20 * Timestamp::MINUTE);
            sender.batch(&stop).await.unwrap();
        }
        let lost = row(&app, lost).await;
        assert_eq!(lost.state, state::FAILED);
        assert!(lost.problem.unwrap().contains("three days"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_and_each_mail_once() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let tx = app.ctx.state.db.begin().await.unwrap();
        for number in 0..100 {
            let mail = Mail::new(
                To::Address(format!("p{number}@school.example")),
                Message::Test,
                format!("k{number}"),
            );
            enqueue(&app.ctx, &*tx, mail.clone()).await.unwrap();
            enqueue(&app.ctx, &*tx, mail).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let sender = sender(&app).await;
            tasks.push(tokio::spawn(async move { send_all(&sender).await }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        send_all(&sender(&app).await).await;
        assert_eq!(
            std::fs::read_dir(sink.folder.path()).unwrap().count(),
            100,
            "{database:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_dies_sends_nothing_twice() {
    for database in Database::all() {
        let sink = Sink::start(&[]);
        let app = with_mail(database, &sink).await;
        let (ctx, other) = (&app.ctx, sender(&app).await);
        let lease = Timestamp::MINUTE;
        let (before, between) = (
            post(&app, "before@school.example").await,
            post(&app, "between@school.example").await,
        );
        let (claimed, _) = delivery::claim(ctx, "dies", 10, lease).await.unwrap();
        assert_eq!(claimed.len(), 2);
        // One was handed over as far as anybody can tell; then the sender dies.
        assert!(delivery::begin(ctx, between, "dies", lease).await.unwrap());
        // Its lease holds: nobody else touches either.
        send_all(&other).await;
        assert!(sink.files("before@school.example").is_empty());
        app.ctx.state.clock.advance(2 * lease);
        send_all(&other).await;
        assert_eq!(sink.files("before@school.example").len(), 1);
        assert!(sink.files("between@school.example").is_empty());
        assert_eq!(row(&app, before).await.state, state::SENT);
        assert_eq!(row(&app, between).await.state, state::UNSURE);
        // Back from the dead, it can neither send nor store anything.
        assert!(!delivery::begin(ctx, before, "dies", lease).await.unwrap());
        let stale = row(&app, before).await;
        delivery::settle_one(ctx, &stale, "dies", delivery::Outcome::Never("late".into()))
            .await
            .unwrap();
        assert_eq!(row(&app, before).await.state, state::SENT);
    }
}

/// The real program, killed with −9 while the server has the mail and has not said so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_last_byte_and_the_answer() {
    let sink = Sink::start(&[]);
    let app = with_mail(Database::Sqlite, &sink).await;
    let to = "slow-5-kill@school.example";
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_auto-grader"))
        .args(["mail", "test", "--to", to, "--data-dir"])
        .arg(&app.parts.config.server.data_dir)
        .env("SMTP_URL", sink.url())
        .env_remove("DATABASE_URL")
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    sink.wait(to, 1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let left = mail_outbox::Entity::find().one(app.ctx.db()).await.unwrap().unwrap();
    assert_eq!(left.state, state::SENDING);
    app.ctx.state.clock.advance(Timestamp::HOUR);
    send_all(&sender(&app).await).await;
    assert_eq!(row(&app, left.id).await.state, state::UNSURE);
    assert_eq!(sink.files(to).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_servers_cost_patience_and_never_a_second_mail() {
    let sink = Sink::start(&[]);
    let app = with_mail(Database::Sqlite, &sink).await;
    let mut sender = sender(&app).await;
    sender.smtp.patience.message = Duration::from_millis(300);
    let id = post(&app, "slow-3-x@school.example").await;
    send_all(&sender).await;
    assert_eq!(row(&app, id).await.state, state::UNSURE);
    assert_eq!(sink.files("slow-3-x@school.example").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starttls_and_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        // An authority's certificate is not taken for a server's.
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &file("key.pem"), "-out", &file("cert.pem")])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let sink = Sink::start(&[
        "--cert",
        &cert,
        "--key",
        &key,
        "--require-tls",
        "--user",
        "grader",
        "--password",
        "p@ss",
    ]);
    let app = TestApp::configured(Database::Sqlite, |config| {
        config.mail.url = Some(format!("smtp://grader:p%40ss@localhost:{}", sink.port));
        config.mail.ca_file = Some(cert.clone().into());
    })
    .await;
    let id = post(&app, "ada@school.example").await;
    send_all(&sender(&app).await).await;
    assert_eq!(
        row(&app, id).await.state,
        state::SENT,
        "{:?}",
        row(&app, id).await.problem
    );
    // A certificate nobody vouches for, and a wrong password: the mail waits, and nothing is said in the clear.
    for (ca, password, says) in [
        (None, "p%40ss", "ertificate"),
        (Some(cert.clone()), "wrong", "uthentication"),
    ] {
        let mut config = app.parts.config.clone();
        config.mail.url = Some(format!("smtp://grader:{password}@localhost:{}", sink.port));
        config.mail.ca_file = ca.map(Into::into);
        let smtp = server::mail::smtp(&config).unwrap().unwrap();
        let sender = Sender {
            smtp,
            ..sender(&app).await
        };
        let id = post(&app, "eve@school.example").await;
        sender.batch(&CancellationToken::new()).await.unwrap();
        let row = row(&app, id).await;
        assert_eq!(row.state, state::WAITING);
        assert!(row.problem.as_ref().unwrap().contains(says), "{:?}", row.problem);
    }
    assert!(sink.files("eve@school.example").is_empty());
}

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

//! A mail server that is down, slow, busy, rude, or cut off in mid-sentence; nothing is sent twice.

use super::{post, row, send_all, sender, with_mail};
use crate::support::{Database, Sink, TestApp};
use app::entity::mail_outbox;
use app::mail::delivery::{self, state};
use app::mail::{Mail, Message, To, enqueue, service};
use app::time::Timestamp;
use sea_orm::EntityTrait;
use server::mail::{Round, Sender};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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

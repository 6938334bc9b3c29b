//! Two web processes and a Redis that comes and goes: nobody is signed out by it, nothing is lost, and what ends, ends everywhere.

use super::support::{Client, Database, PASSWORD, School, TestApp, email, save};
use app::platform::hints::Hint;
use grading::Grader;
use reqwest::Method;
use serde_json::json;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of our own, so that it can be stopped.
struct Redis {
    port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Redis {
    /// None where no Redis is installed.
    fn start() -> Option<Redis> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Redis {
            port,
            folder: tempfile::tempdir().unwrap(),
            child: None,
        };
        redis.child = Some(redis.spawn()?);
        Some(redis)
    }

    fn spawn(&self) -> Option<Child> {
        Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(self.port.to_string())
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .ok()
    }

    /// As a power cut would.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Another process on the same database and the same Redis.
async fn beside(redis: &Redis, database: &str) -> TestApp {
    TestApp::configured(Database::Sqlite, |config| {
        config.redis.url = Some(redis.url());
        config.sessions.store = "redis".into();
        config.database.url = Some(database.into());
    })
    .await
}

async fn wait_for(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !done().await {
        assert!(began.elapsed() < Duration::from_secs(20), "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_up(app: &TestApp) -> bool {
    app.parts.metrics.scrape(&app.ctx.state).await.contains("\ncache_up 1")
}

/// The same cookies, at another process.
fn at(client: &Client, app: &TestApp) -> Client {
    Client {
        base: app.base.clone(),
        ..client.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn losing_redis_loses_nothing() {
    let Some(mut redis) = Redis::start() else {
        assert!(std::env::var("TEST_REDIS_URL").is_err(), "redis-server is missing");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("both.db").display());
    let one = beside(&redis, &database).await;
    let other = beside(&redis, &database).await;
    wait_for("Redis is used", async || is_up(&one).await && is_up(&other).await).await;

    // What one process hints, the other hears.
    let mut heard = other.ctx.state.hints.subscribe();
    wait_for("a hint arrives", async || {
        one.ctx.state.hints.send(Hint::Work);
        matches!(
            tokio::time::timeout(Duration::from_millis(200), heard.recv()).await,
            Ok(Ok(Hint::Work))
        )
    })
    .await;

    // A session holds at both, and ends at both at once, though each may hold a copy.
    let mut school = School::open(&one).await;
    let student = at(&school.student, &other);
    assert_eq!(student.get("/profile").await.status, 200);
    let guest = one.person("Guest Once", false).await;
    let elsewhere = at(&guest.1, &other);
    assert_eq!(elsewhere.get("/profile").await.status, 200);
    assert_eq!(guest.1.get("/profile").await.status, 200);
    let ended = school
        .admin
        .rest(Method::POST, &format!("/admin/users/{}/deactivate", guest.0), None)
        .await;
    assert!(ended.status < 300, "{}", ended.text);
    for client in [&guest.1, &elsewhere] {
        assert_ne!(
            client.get("/profile").await.status,
            200,
            "a deactivated account goes on"
        );
    }

    // Tries are counted together: some here, some there, then nobody may try.
    for turn in 0..40 {
        let client = if turn % 2 == 0 {
            one.stranger()
        } else {
            other.stranger()
        };
        let form = [("email", &*email("Spare Account")), ("password", "wrong word here")];
        if client.rpc("account/sign_in", &form).await.status == 429 {
            break;
        }
        assert!(turn < 39, "tries are not limited");
    }
    let form = [("email", &*email("Spare Account")), ("password", PASSWORD)];
    for app in [&one, &other] {
        assert_eq!(app.stranger().rpc("account/sign_in", &form).await.status, 429);
    }

    // Redis dies. People stay signed in, can sign in, type, and submit; nobody waits long.
    redis.kill();
    let began = Instant::now();
    assert_eq!(student.get("/profile").await.status, 200);
    school.hand_in("Light, water and carbon dioxide.").await;
    let again = save_again(&school, &other).await;
    assert_eq!(again, 409, "what is handed in is handed in");
    other.sign_in("Tess Teacher").await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let health = one.stranger().get("/health/ready").await;
    assert_eq!(health.status, 200, "{}", health.text);
    assert!(health.text.contains("Redis does not answer"), "{}", health.text);
    assert!(!is_up(&one).await);
    // What ends while it is away, ends.
    let brief = other.person("Brief Visit", false).await;
    assert_eq!(brief.1.get("/profile").await.status, 200);
    let ended = school
        .admin
        .rest(Method::POST, &format!("/admin/users/{}/deactivate", brief.0), None)
        .await;
    assert!(ended.status < 300, "{}", ended.text);
    assert_ne!(brief.1.get("/profile").await.status, 200);

    // It comes back empty, and is used again by itself.
    redis.child = redis.spawn();
    wait_for("Redis is used again", async || is_up(&one).await && is_up(&other).await).await;
    assert_eq!(student.get("/profile").await.status, 200);
    let mut heard = one.ctx.state.hints.subscribe();
    wait_for("a hint arrives again", async || {
        other.ctx.state.hints.send(Hint::Work);
        matches!(
            tokio::time::timeout(Duration::from_millis(200), heard.recv()).await,
            Ok(Ok(Hint::Work))
        )
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_show_the_same_live_picture() {
    let Some(redis) = Redis::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("live.db").display());
    let mut one = beside(&redis, &database).await;
    let other = beside(&redis, &database).await;
    wait_for("Redis is used", async || is_up(&one).await && is_up(&other).await).await;
    let mut school = School::open(&one).await;
    let path = format!("/assignments/{}/progress", school.id("assignment"));
    // Somebody watches through the process that does not grade.
    let watching = at(&school.teacher, &other);
    let mut stream = watching.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    one.grade_with(Grader::start_fake()).await;
    school.hand_in("Carbon dioxide, water and light.").await;
    let mut seen = String::new();
    let graded = async {
        while !seen.contains("\"graded\":1") {
            let piece = stream.chunk().await.unwrap().expect("the stream goes on");
            seen.push_str(&String::from_utf8_lossy(&piece));
        }
    };
    let watched = tokio::time::timeout(Duration::from_secs(20), graded).await;
    assert!(watched.is_ok(), "{seen}");
    let here = school.teacher.ok(Method::GET, &path, None).await;
    let there = watching.ok(Method::GET, &path, None).await;
    assert_eq!(here["questions"], there["questions"]);
}

/// Saving after submitting, through the other process.
async fn save_again(school: &School, other: &TestApp) -> u16 {
    let change = json!({ "changes": [{
        "id": uuid::Uuid::now_v7(), "question": school.id("question"), "typed_at": 0,
        "value": { "is": "text", "value": "too late" },
    }], "sent_at": 0 });
    let path = format!("/submissions/{}/changes", school.id("submission"));
    at(&school.student, other).post(&path, change).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_without_redis_and_uses_it_when_it_comes() {
    let Some(mut redis) = Redis::start() else { return };
    redis.kill();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("alone.db").display());
    let app = beside(&redis, &database).await;
    let school = School::open(&app).await;
    let submission = school
        .student
        .make(
            &format!("/assignments/{}/submission", school.id("assignment")),
            json!(null),
        )
        .await;
    save(&school.student, &submission, school.id("question"), "without Redis").await;
    redis.child = redis.spawn();
    wait_for("Redis is used", async || is_up(&app).await).await;
    assert_eq!(school.student.get("/profile").await.status, 200);
}

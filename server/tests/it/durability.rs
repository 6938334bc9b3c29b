//! A real server process under load is killed with −9 at random moments, again and again. Afterwards no change and no submission that was
//! acknowledged is missing, no answer was graded twice, and the work goes on.
//!
//! `KILLS` says how often (30); `make soak` sets it higher.

use super::support::{Client, email};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const STUDENTS: usize = 6;
const QUESTIONS: usize = 3;
const ADMIN_PASSWORD: &str = "kill me and I come back";

/// What the server acknowledged, and so must know for ever.
#[derive(Default)]
struct Promised {
    /// The last acknowledged words, by submission and question.
    words: BTreeMap<(String, String), String>,
    changes: u32,
    submitted: BTreeMap<String, Value>,
}

struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(folder: &std::path::Path, port: u16) -> Server {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_auto-grader"))
            .args(["serve", "--addr", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(folder.join("data"))
            .args(["--site-root"])
            .arg(folder.join("site"))
            .current_dir(folder)
            .env("ADMIN_EMAIL", email("root"))
            .env("ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("GRADER_WORKERS", "1")
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Server {
            child,
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    async fn ready(&mut self, folder: &std::path::Path) {
        let client = Client::new(&self.base);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!(
                    "the server ended by itself ({status}):\n{}",
                    std::fs::read_to_string(folder.join("log")).unwrap()
                );
            }
            if client
                .request(Method::GET, "/health")
                .timeout(Duration::from_secs(1))
                .send()
                .await
                .is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server is not ready");
    }

    fn kill(&mut self) {
        // SIGKILL: no chance to finish anything.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_promised_is_lost_and_nothing_graded_twice() {
    let kills: u32 = std::env::var("KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(30);
    let folder = tempfile::tempdir().unwrap();
    let folder: PathBuf = folder.path().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = Server::start(&folder, port);
    server.ready(&folder).await;
    let class = Class::open(&server.base).await;

    let promised = Arc::new(Mutex::new(Promised::default()));
    let over = Arc::new(AtomicBool::new(false));
    let round = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = class
        .students
        .iter()
        .map(|student| {
            tokio::spawn(write(
                student.clone(),
                class.course.clone(),
                class.teacher.clone(),
                promised.clone(),
                over.clone(),
                round.clone(),
            ))
        })
        .collect();
    for kill in 0..kills {
        // From right after the start to well into the work.
        let moment = u64::from(rand::random_range(20_u32..900));
        tokio::time::sleep(Duration::from_millis(moment)).await;
        server.kill();
        if kill % 5 == 0 {
            round.fetch_add(1, Ordering::Relaxed);
        }
        server = Server::start(&folder, port);
        server.ready(&folder).await;
    }
    // The writers get through to the living server before they are told to stop.
    let before = promised.lock().unwrap().changes;
    let began = Instant::now();
    while {
        let promised = promised.lock().unwrap();
        promised.changes < before + 10 || promised.submitted.is_empty()
    } {
        assert!(began.elapsed() < Duration::from_secs(60), "nobody gets through");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    class.check(&promised, kills).await;
    drop(server);
    check_database(&folder).await;
}

/// A course with students; each round is an assignment of its own.
struct Class {
    teacher: Client,
    course: String,
    students: Vec<Client>,
}

impl Class {
    async fn open(base: &str) -> Class {
        let teacher = sign_in(base, &email("root"), ADMIN_PASSWORD).await;
        let course = teacher
            .make("/courses", json!({ "code": "DUR", "title": "Durability" }))
            .await;
        let mut students = Vec::new();
        for n in 0..STUDENTS {
            let address = email(&format!("pupil{n}"));
            let made = teacher
                .ok(
                    Method::POST,
                    &format!("/courses/{course}/people"),
                    Some(json!({ "email": address, "name": "Pupil", "role": "student" })),
                )
                .await;
            let password = made["accounts"][0]["password"].as_str().unwrap();
            students.push(sign_in(base, &address, password).await);
        }
        Class {
            teacher,
            course,
            students,
        }
    }

    async fn check(&self, promised: &Mutex<Promised>, kills: u32) {
        let (words, changes, submitted) = {
            let promised = promised.lock().unwrap();
            (promised.words.clone(), promised.changes, promised.submitted.clone())
        };
        assert!(
            changes > kills && !submitted.is_empty(),
            "too little happened: {changes} changes, {} submissions",
            submitted.len()
        );
        for ((submission, question), text) in &words {
            let sheet = self
                .teacher
                .ok(Method::GET, &format!("/submissions/{submission}"), None)
                .await;
            let given = sheet["answers"]
                .as_array()
                .unwrap()
                .iter()
                .find(|given| given["question"] == question.as_str())
                .cloned()
                .unwrap_or_default();
            let found = given["value"]["value"].as_str().unwrap_or_default();
            // A change may have been committed whose acknowledgement was cut off; then it is a later one.
            assert!(
                number(found) >= number(text),
                "lost: {submission} {question} holds “{found}”, “{text}” was acknowledged"
            );
        }
        for (submission, receipt) in &submitted {
            let found = self
                .teacher
                .ok(Method::GET, &format!("/submissions/{submission}/receipt"), None)
                .await;
            assert_eq!(&found, receipt, "the receipt of {submission} changed");
        }
        let assignments = self
            .teacher
            .ok(Method::GET, &format!("/courses/{}/assignments", self.course), None)
            .await;
        let began = Instant::now();
        for assignment in assignments.as_array().unwrap() {
            let id = assignment["id"].as_str().unwrap();
            loop {
                let progress = self
                    .teacher
                    .ok(Method::GET, &format!("/assignments/{id}/progress"), None)
                    .await;
                let sum = |what: &str| {
                    progress["questions"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter_map(|q| q[what].as_u64())
                        .sum::<u64>()
                };
                if sum("queued") == 0 {
                    assert_eq!(sum("failed"), 0, "{progress}");
                    break;
                }
                // A lease of a killed worker runs out after a minute.
                assert!(
                    began.elapsed() < Duration::from_secs(150),
                    "the work does not go on: {progress}"
                );
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
    }
}

/// Asks the database itself: one grade and one event for each answer that was handed in, an unbroken audit log.
async fn check_database(folder: &std::path::Path) {
    use app::entity::{grade, grade_event, grading_work};
    use sea_orm::EntityTrait;
    let url = format!("sqlite://{}?mode=rwc", folder.join("data/auto-grader.db").display());
    let db = app::platform::db::Db::connect(&url, 2).await.unwrap();
    let (work, grades, events) = (
        grading_work::Entity::find().all(db.read()).await.unwrap(),
        grade::Entity::find().all(db.read()).await.unwrap(),
        grade_event::Entity::find().all(db.read()).await.unwrap(),
    );
    assert!(
        !work.is_empty() && work.iter().all(|work| work.state == "done"),
        "{work:?}"
    );
    assert_eq!(work.len(), grades.len(), "one grade for each answer");
    assert_eq!(events.len(), grades.len(), "nothing was graded twice");
    let answers: std::collections::BTreeSet<_> = grades.iter().map(|grade| grade.answer_id).collect();
    assert_eq!(answers.len(), grades.len());
    assert_eq!(
        app::audit::store::first_break(db.read()).await.unwrap(),
        None,
        "the audit log is broken"
    );
}

/// One student: starts, writes, submits, begins the next assignment; goes on whatever happens to the server.
async fn write(
    student: Client,
    course: String,
    teacher: Client,
    promised: Arc<Mutex<Promised>>,
    over: Arc<AtomicBool>,
    round: Arc<AtomicU32>,
) {
    let mut counter = 0;
    while !over.load(Ordering::Relaxed) {
        let Some((assignment, questions)) = current(&teacher, &course, round.load(Ordering::Relaxed)).await else {
            continue;
        };
        let Some(submission) = insist(
            &student,
            Method::POST,
            &format!("/assignments/{assignment}/submission"),
            None,
            &over,
        )
        .await
        else {
            return;
        };
        let submission = submission["id"].as_str().unwrap().to_owned();
        let now = round.load(Ordering::Relaxed);
        if promised.lock().unwrap().submitted.contains_key(&submission) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        while round.load(Ordering::Relaxed) == now && !over.load(Ordering::Relaxed) {
            counter += 1;
            let question = &questions[counter % QUESTIONS];
            let text = format!("{counter} Plants turn light into sugar, said for the {counter}th time.");
            let change = json!({ "changes": [{
                "id": uuid::Uuid::now_v7(), "question": question, "typed_at": app::platform::clock::Clock::default().now(),
                "value": { "is": "text", "value": text },
            }]});
            let Some(saved) = insist(
                &student,
                Method::POST,
                &format!("/submissions/{submission}/changes"),
                Some(change),
                &over,
            )
            .await
            else {
                return;
            };
            assert_eq!(saved["acknowledged"].as_array().map(Vec::len), Some(1), "{saved}");
            let mut promised = promised.lock().unwrap();
            promised.changes += 1;
            promised.words.insert((submission.clone(), question.clone()), text);
        }
        let Some(receipt) = insist(
            &student,
            Method::POST,
            &format!("/submissions/{submission}/submit"),
            None,
            &over,
        )
        .await
        else {
            return;
        };
        promised.lock().unwrap().submitted.insert(submission, receipt);
    }
}

/// Sends the same again until there is an answer, as the browser does; nothing once it is over and the server is away.
async fn insist(client: &Client, method: Method, path: &str, body: Option<Value>, over: &AtomicBool) -> Option<Value> {
    loop {
        let request = client.request(method.clone(), &format!("/api/v1{path}"));
        let request = if let Some(body) = &body {
            request.json(body)
        } else {
            request
        };
        if let Ok(response) = request.timeout(Duration::from_secs(10)).send().await {
            let status = response.status();
            match response.json::<Value>().await {
                Ok(json) if status.is_success() => return Some(json),
                Ok(json) if status.as_u16() < 500 => panic!("{method} {path}: {status} {json}"),
                _ => {}
            }
        } else if over.load(Ordering::Relaxed) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// The assignment of a round, made by whoever comes first.
async fn current(teacher: &Client, course: &str, round: u32) -> Option<(String, Vec<String>)> {
    static MAKING: tokio::sync::Mutex<BTreeMap<u32, (String, Vec<String>)>> =
        tokio::sync::Mutex::const_new(BTreeMap::new());
    let mut made = MAKING.lock().await;
    if let Some(found) = made.get(&round) {
        return Some(found.clone());
    }
    let never = AtomicBool::new(false);
    let content = json!({ "title": format!("Round {round}"), "due_at": null, "closes_at": null });
    let assignment = insist(
        teacher,
        Method::POST,
        &format!("/courses/{course}/assignments"),
        Some(content),
        &never,
    )
    .await?;
    let assignment = assignment["id"].as_str().unwrap().to_owned();
    for _ in 0..QUESTIONS {
        insist(
            teacher,
            Method::POST,
            &format!("/assignments/{assignment}/questions"),
            Some(super::support::short_answer()),
            &never,
        )
        .await?;
    }
    // A request that was cut off may have been done: what counts is what is there.
    let listed = insist(
        teacher,
        Method::GET,
        &format!("/assignments/{assignment}/questions"),
        None,
        &never,
    )
    .await?;
    let questions = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["id"].as_str().unwrap().to_owned())
        .collect();
    loop {
        let reply = teacher
            .request(Method::POST, &format!("/api/v1/assignments/{assignment}/publish"))
            .send()
            .await;
        // 409: the one before was done and its answer cut off.
        if reply.is_ok_and(|reply| matches!(reply.status().as_u16(), 204 | 409)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    made.insert(round, (assignment.clone(), questions));
    made.get(&round).cloned()
}

async fn sign_in(base: &str, email: &str, password: &str) -> Client {
    let client = Client::new(base);
    let reply = client
        .rpc("account/sign_in", &[("email", email), ("password", password)])
        .await;
    assert!(reply.status < 400, "{}", reply.text);
    client
}

fn number(text: &str) -> usize {
    text.split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default()
}

//! The load scenario: many students with the answer page open, typing, at once.
//!
//! `scripts/load.sh` starts a release server on an empty demo and runs this against it. Students and the assignment are made on the
//! server's own data folder; everything measured goes over HTTP. Each student opens the page now and then and saves a
//! change about once a second. Prints a table, and exits with 1 when anything failed.

use anyhow::{Context, ensure};
use app::assignment::content::AssignmentContent;
use app::course::model::Role;
use app::entity::{enrolment, user};
use app::ids::{AssignmentId, CourseId, EnrolmentId, JournalId, QuestionId, UserId};
use app::platform::{Ctx, password};
use app::points::Points;
use app::question::content::QuestionContent;
use app::question::model::{AnswerValue, Key};
use app::submission::model::Change;
use clap::Parser;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Parser)]
struct Options {
    #[arg(long)]
    base_url: String,
    /// The data folder of the server.
    #[arg(long)]
    data_dir: String,
    #[arg(long, default_value_t = 200)]
    students: usize,
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

const PASSWORD: &str = "load-scenario-password";

/// What one kind of request took, in milliseconds.
#[derive(Default)]
struct Times {
    page: Mutex<Vec<f64>>,
    save: Mutex<Vec<f64>>,
    errors: Mutex<Vec<String>>,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool answers on standard output")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let config = server::config::load(None, |_| None, &[("server.data_dir", options.data_dir.clone())])?;
    let parts = server::boot::start(config, false).await?;
    let place = prepare(&parts.ctx().await?, options.students).await?;
    println!("{} students sign in and start", options.students);
    let mut students = Vec::new();
    for number in 0..options.students {
        students.push(Student::start(&options.base_url, number, &place).await?);
    }
    println!("{} s of typing", options.seconds);
    let times = Arc::new(Times::default());
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let tasks: Vec<_> = students
        .into_iter()
        .map(|student| tokio::spawn(student.work(times.clone(), until)))
        .collect();
    for task in tasks {
        task.await?;
    }
    report(&times, options.seconds)
}

struct Place {
    assignment: AssignmentId,
    question: QuestionId,
}

/// A course with an open assignment and its students, straight into the database.
async fn prepare(ctx: &Ctx, students: usize) -> anyhow::Result<Place> {
    let admin = app::account::store::by_email(ctx.db(), "admin@demo.example")
        .await?
        .context("the server has no demo institution")?;
    let ctx = ctx.acting_as(&admin);
    let form = serde_json::from_value(json!({ "code": "LOAD", "title": "Load scenario" }))?;
    let (course, _) = app::course::service::create(&ctx, form, None).await?;
    let content = AssignmentContent {
        title: "Load".into(),
        instructions: String::new(),
        due_at: Some(ctx.now().plus(app::time::Timestamp::DAY)),
        closes_at: None,
        late_percent_per_day: 0,
        show_distribution: false,
    };
    let assignment = app::assignment::service::create(&ctx, course, content).await?;
    let question = QuestionContent {
        prompt: "What happens when many people type at once?".into(),
        points: Points(400),
        key: Key::ShortAnswer { allow_file: false },
        references: vec!["Every change is written to the journal before it is acknowledged.".into()],
        rubric: Vec::new(),
    };
    let question = app::question::service::add_with(&ctx, assignment, question).await?;
    enrol(&ctx, course, students).await?;
    app::assignment::service::publish(&ctx, assignment, None).await?;
    Ok(Place { assignment, question })
}

async fn enrol(ctx: &Ctx, course: CourseId, students: usize) -> anyhow::Result<()> {
    let (hash, now) = (password::hash(PASSWORD.into()).await?, ctx.now());
    let users: Vec<user::Model> = (0..students)
        .map(|number| user::Model {
            id: UserId::new(),
            email: email(number),
            name: format!("Load student {number}"),
            password_hash: hash.clone(),
            is_admin: false,
            must_change_password: false,
            created_at: now,
            password_changed_at: now,
            deactivated_at: None,
            last_sign_in_at: None,
        })
        .collect();
    let places = users.iter().map(|user| {
        let row = enrolment::Model {
            id: EnrolmentId::new(),
            course_id: course,
            user_id: user.id,
            role: Role::Student,
            created_at: now,
        };
        row.into_active_model()
    });
    let places: Vec<_> = places.collect();
    user::Entity::insert_many(users.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(ctx.db())
        .await?;
    enrolment::Entity::insert_many(places)
        .exec_without_returning(ctx.db())
        .await?;
    Ok(())
}

fn email(number: usize) -> String {
    format!("load-{number}@demo.example")
}

/// One browser.
struct Student {
    http: reqwest::Client,
    base: String,
    page: String,
    submission: String,
    question: QuestionId,
    number: usize,
}

impl Student {
    async fn start(base: &str, number: usize, place: &Place) -> anyhow::Result<Student> {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .timeout(Duration::from_secs(30))
            .build()?;
        let sign_in = [("email", email(number)), ("password", PASSWORD.to_owned())];
        let answer = http
            .post(format!("{base}/rpc/account/sign_in"))
            .form(&sign_in)
            .send()
            .await?;
        ensure!(answer.status().is_success(), "signing in: {}", answer.status());
        let start = [("assignment", place.assignment.to_string())];
        let answer = http
            .post(format!("{base}/rpc/submission/start"))
            .header("accept", "application/json")
            .form(&start)
            .send()
            .await?;
        ensure!(answer.status().is_success(), "starting: {}", answer.status());
        let submission: String = answer.json().await?;
        let page = format!("{base}/assignments/{}/answer", place.assignment);
        Ok(Student {
            http,
            base: base.to_owned(),
            page,
            submission,
            question: place.question,
            number,
        })
    }

    async fn work(self, times: Arc<Times>, until: Instant) {
        // Spread over the first second, as people are.
        tokio::time::sleep(Duration::from_millis(self.number as u64 * 5 % 1000)).await;
        let mut round = self.number;
        while Instant::now() < until {
            if round.is_multiple_of(10) {
                let sent = self.http.get(&self.page).send();
                measure(&times.page, &times.errors, sent).await;
            }
            let text = format!(
                "Round {round}: every change is written before it is acknowledged, and then the next one comes."
            );
            let now = app::time::Timestamp(i64::try_from(round).unwrap_or_default());
            let change = Change {
                id: JournalId::new(),
                question: self.question,
                value: AnswerValue::Text(text),
                typed_at: now,
            };
            let body = json!({ "submission": self.submission, "changes": [change], "sent_at": now });
            let sent = self
                .http
                .post(format!("{}/rpc/submission/save", self.base))
                .json(&body)
                .send();
            measure(&times.save, &times.errors, sent).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            round += 1;
        }
    }
}

async fn measure(
    times: &Mutex<Vec<f64>>,
    errors: &Mutex<Vec<String>>,
    request: impl Future<Output = reqwest::Result<reqwest::Response>>,
) {
    let began = Instant::now();
    let outcome = async { request.await?.error_for_status()?.bytes().await }.await;
    let taken = began.elapsed().as_secs_f64() * 1000.0;
    match outcome {
        Ok(_) => times.lock().unwrap_or_else(|e| e.into_inner()).push(taken),
        Err(error) => errors.lock().unwrap_or_else(|e| e.into_inner()).push(error.to_string()),
    }
}

#[expect(clippy::print_stdout, reason = "a tool answers on standard output")]
fn report(times: &Times, seconds: u64) -> anyhow::Result<()> {
    println!(
        "{:10} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "", "requests", "per s", "p50 ms", "p95 ms", "p99 ms", "max ms"
    );
    for (name, list) in [("page", &times.page), ("autosave", &times.save)] {
        let mut list = list.lock().unwrap_or_else(|e| e.into_inner());
        list.sort_by(f64::total_cmp);
        let at = |share: f64| {
            list.get(((list.len().saturating_sub(1)) as f64 * share) as usize)
                .copied()
                .unwrap_or_default()
        };
        let rate = list.len() as f64 / seconds as f64;
        println!(
            "{name:10} {:8} {rate:8.1} {:9.1} {:9.1} {:9.1} {:9.1}",
            list.len(),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
    }
    let errors = times.errors.lock().unwrap_or_else(|e| e.into_inner());
    println!("errors     {:8}", errors.len());
    ensure!(errors.is_empty(), "the first error: {}", errors[0]);
    Ok(())
}

//! Two heads and one worker with the real model: switching, a damaged file, a missing one, going back, and making all of it again.

use super::support::{Database, School, TestApp};
use app::entity::{grade, question, suggestion_run};
use app::grader_model::service;
use app::platform::Ctx;
use grading::model::Head;
use grading::{Grader, GraderConfig, Precision};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use server::worker::{Current, again};
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Less exact than usual: what the register says must hold all the same.
fn config() -> GraderConfig {
    GraderConfig {
        workers: 1,
        precision: Precision::Int8,
        ..GraderConfig::default()
    }
}

/// As a process has it that was just started: with the built-in head.
async fn fresh(folder: &std::path::Path) -> Current {
    let grader = tokio::task::spawn_blocking(|| Grader::start(config()).unwrap());
    Current::new(grader.await.unwrap(), config(), folder)
}

struct Working {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn work(app: &mut TestApp) -> Working {
    app.parts.grader = Some(fresh(&app.parts.config.server.data_dir).await);
    let (stop, worker) = (CancellationToken::new(), app.parts.worker().await.unwrap().unwrap());
    let task = tokio::spawn(worker.run(stop.clone()));
    Working { stop, task }
}

impl Working {
    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

async fn registry(school: &School) -> Value {
    school.admin.ok(Method::GET, "/admin/models", None).await
}

/// Waits until the one worker says this.
async fn worker(school: &School, what: &str, so: impl Fn(&Value) -> bool) {
    for _ in 0..300 {
        let workers = registry(school).await["workers"].clone();
        if workers.as_array().unwrap().len() == 1 && so(&workers[0]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {}", registry(school).await["workers"]);
}

/// Waits until this model has suggested points and learnt the question.
async fn suggested(ctx: &Ctx, model: &str) {
    for _ in 0..300 {
        let grades = grade::Entity::find().all(ctx.db()).await.unwrap();
        let runs = suggestion_run::Entity::find().all(ctx.db()).await.unwrap();
        if grades.iter().any(|row| row.model == model) && runs.iter().any(|row| row.model == model) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing was suggested by {model}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registered_head_grades_goes_back_and_is_replayed() {
    if !GraderConfig::default().model_dir.join("model.safetensors").exists() {
        println!("the model's files are not here; scripts/fetch-model.sh fetches them");
        return;
    }
    for database in Database::all() {
        story(database).await;
    }
}

async fn story(database: Database) {
    let mut app = TestApp::on(database).await;
    let mut school = School::open(&app).await;
    let working = work(&mut app).await;

    // The built-in head is met, active, and kept like any other.
    worker(&school, "it grades", |worker| worker["problem"].is_null()).await;
    let (shipped, shipped_hash) = Head::shipped_file();
    let first = registry(&school).await["models"][0].clone();
    assert_eq!(
        (&first["active"], &first["head_hash"]),
        (&json!(true), &json!(shipped_hash))
    );
    assert_eq!(
        service::head(&app.ctx, &shipped_hash).await.unwrap(),
        shipped.as_bytes()
    );
    let named = |model: &Value| model["name"].as_str().unwrap().replacen('+', ":int8+", 1);
    school.hand_in("Plants turn sunlight into food.").await;
    suggested(&app.ctx, &named(&first)).await;

    // This server has loaded no grader of its own, as a web process without a worker, and names the head as the worker does.
    let mut head: Value = serde_json::from_str(shipped).unwrap();
    head["version"] = json!("head-two");
    let bytes = serde_json::to_vec(&head).unwrap();
    let boss = app.ctx.acting_as(&app.user("Boss", true).await);
    let second_id = service::register(&boss, bytes.clone(), None).await.unwrap().to_string();
    let activate = format!("/admin/models/{second_id}/activate");
    school.admin.ok(Method::POST, &activate, None).await;
    let second = registry(&school).await["models"][0].clone();
    assert_eq!(second["id"], json!(second_id));
    let with_second = |worker: &Value| worker["model"] == json!(named(&second)) && worker["problem"].is_null();
    worker(&school, "it switches", with_second).await;
    school.student = school.other_student.clone();
    school.hand_in("Light is used to build sugar from water and air.").await;
    suggested(&app.ctx, &named(&second)).await;

    // A damaged file does not keep the next process from it.
    let hash = second["head_hash"].as_str().unwrap();
    let file: PathBuf = app.parts.config.server.data_dir.join(format!("models/{hash}.json"));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    working.end().await;
    std::fs::write(&file, b"{}").unwrap();
    let working = work(&mut app).await;
    worker(&school, "it fetches the head again", with_second).await;
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // The second time it would lead forward again.
    let shown = json!({ "active": second_id, "before": first["id"] });
    let back = || {
        school
            .admin
            .rest(Method::POST, "/admin/models/roll-back", Some(shown.clone()))
    };
    assert_eq!(back().await.status, 204);
    let stale = back().await;
    assert_eq!(stale.status, 409);
    assert!(stale.words().contains("Another administrator"), "{}", stale.text);
    let with_first = |worker: &Value| worker["model"] == json!(named(&first)) && worker["problem"].is_null();
    worker(&school, "it goes back", with_first).await;

    // A head that is gone is told, and forgotten when another model is wanted.
    working.end().await;
    std::fs::remove_file(&file).unwrap();
    app.ctx.state.blobs.delete(&service::head_key(hash)).await.unwrap();
    school.admin.ok(Method::POST, &activate, None).await;
    let working = work(&mut app).await;
    let told = |worker: &Value| {
        worker["problem"]
            .as_str()
            .is_some_and(|why| why.contains("file storage"))
    };
    worker(&school, "it says why", told).await;
    let passed = again::all(&app.ctx, app.parts.grader.as_ref().unwrap(), None)
        .await
        .unwrap();
    assert!(
        passed.same > 0 && passed.unloaded.contains_key(&named(&second)),
        "{passed}"
    );
    let shown = json!({ "active": second_id, "before": first["id"] });
    school
        .admin
        .ok(Method::POST, "/admin/models/roll-back", Some(shown))
        .await;
    worker(&school, "nothing is wrong any more", with_first).await;
    working.end().await;

    // Each run comes out again with the model that made it, also from a process that computes in full.
    app.ctx
        .state
        .blobs
        .put(&service::head_key(hash), bytes, "application/json")
        .await
        .unwrap();
    let exact = GraderConfig {
        precision: Precision::F32,
        ..config()
    };
    let loading = exact.clone();
    let grader = tokio::task::spawn_blocking(|| Grader::start(loading).unwrap())
        .await
        .unwrap();
    let current = Current::new(grader, exact, &app.parts.config.server.data_dir);
    let found = again::all(&app.ctx, &current, None).await.unwrap();
    assert!(
        found.is_well() && found.same > 1 && found.unloaded.is_empty(),
        "{found}"
    );

    // What was made from something else is a difference.
    let run = suggestion_run::Entity::find().order_by_asc(suggestion_run::Column::Id);
    let run = run.one(app.ctx.db()).await.unwrap().unwrap().id;
    suggestion_run::Entity::update_many()
        .col_expr(suggestion_run::Column::InputHash, Expr::value("0".repeat(64)))
        .exec(app.ctx.db())
        .await
        .unwrap();
    let found = again::all(&app.ctx, &current, None).await.unwrap();
    assert!(!found.is_well() && found.different[0].0 == run, "{found}");

    // Unless the question was changed since: that is a teacher's right.
    question::Entity::update_many()
        .col_expr(question::Column::UpdatedAt, Expr::value(app.ctx.now().plus(1).0))
        .exec(app.ctx.db())
        .await
        .unwrap();
    let found = again::all(&app.ctx, &current, None).await.unwrap();
    assert!(found.different.is_empty() && found.gone > 1, "{found}");
}

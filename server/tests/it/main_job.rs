//! The main job, from the empty course to the published result, on every database there is.

use super::support::{Client, Database, School, TestApp, save, short_answer};
use app::entity::{grade, grade_event, grading_work};
use grading::{Grader, GraderConfig};
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_class_is_graded_on_every_database() {
    for database in Database::all() {
        let mut app = TestApp::on(database).await;
        app.grade_with(Grader::start_fake()).await;
        main_job(&app).await;
    }
}

async fn main_job(app: &TestApp) {
    let school = School::open(app).await;
    let (teacher, course) = (&school.teacher, school.id("course"));
    // An assignment with every kind of question.
    let assignment = teacher
        .make(
            &format!("/courses/{course}/assignments"),
            json!({ "title": "All kinds", "due_at": null, "closes_at": null }),
        )
        .await;
    let unfinished = teacher
        .rest(Method::POST, &format!("/assignments/{assignment}/publish"), None)
        .await;
    assert_eq!(
        unfinished.status, 422,
        "an assignment without questions cannot be published: {}",
        unfinished.text
    );
    let options = json!([{ "text": "Oxygen", "correct": true }, { "text": "Gold", "correct": false }, { "text": "Sugar", "correct": true }]);
    let keys = [
        short_answer()["key"].clone(),
        json!({ "kind": "single_choice", "options": [{ "text": "A", "correct": true }, { "text": "B", "correct": false }] }),
        json!({ "kind": "multiple_choice", "options": options }),
        json!({ "kind": "true_false", "correct": true }),
        json!({ "kind": "numeric", "value": "3.14", "tolerance": "0.01", "unit": "" }),
    ];
    let mut questions = Vec::new();
    for key in keys {
        let references = if key["kind"] == "short_answer" {
            short_answer()["references"].clone()
        } else {
            json!([])
        };
        let body = json!({ "prompt": "A question", "points": 200, "key": key, "references": references });
        questions.push(
            teacher
                .make(&format!("/assignments/{assignment}/questions"), body)
                .await,
        );
    }
    assert_eq!(
        school
            .student
            .rest(Method::GET, &format!("/assignments/{assignment}"), None)
            .await
            .status,
        404,
        "a draft is hidden"
    );
    teacher
        .ok(Method::POST, &format!("/assignments/{assignment}/publish"), None)
        .await;

    // Two students answer, one rightly, one not at all; neither sees a key.
    let paper = school
        .student
        .rest(Method::GET, &format!("/assignments/{assignment}"), None)
        .await;
    assert!(
        !paper.text.contains("correct") && !paper.text.contains("references"),
        "{}",
        paper.text
    );
    let right = answer_all(&school.student, &assignment, &questions).await;
    let sheet = school
        .student
        .rest(Method::GET, &format!("/submissions/{right}"), None)
        .await;
    assert!(
        !sheet.text.contains("\"correct\"") && sheet.text.contains("3.14"),
        "{}",
        sheet.text
    );
    let receipt = school
        .student
        .ok(Method::POST, &format!("/submissions/{right}/submit"), None)
        .await;
    let again = school
        .student
        .ok(Method::POST, &format!("/submissions/{right}/submit"), None)
        .await;
    assert_eq!(receipt, again, "submitting twice gives the same receipt");
    let late_words = school
        .student
        .post(
            &format!("/submissions/{right}/changes"),
            one_change(&questions[0], "More"),
        )
        .await;
    assert_eq!(late_words.status, 409, "{}", late_words.text);
    let empty = school
        .other_student
        .make(&format!("/assignments/{assignment}/submission"), Value::Null)
        .await;
    school
        .other_student
        .ok(Method::POST, &format!("/submissions/{empty}/submit"), None)
        .await;
    let paper = format!(
        "submission {}\nsubmitted {}\nsha256 {}\n{}",
        receipt["submission"].as_str().unwrap(),
        receipt["submitted_at"]["at"],
        receipt["content_hash"].as_str().unwrap(),
        receipt["signature"].as_str().unwrap()
    );
    let verdict = |text: String| {
        let stranger = app.stranger();
        async move { stranger.post("/receipts/verify", json!({ "text": text })).await.json["valid"].clone() }
    };
    assert_eq!(verdict(paper.clone()).await, true);
    assert_eq!(verdict(paper.replace("sha256 ", "sha256 0")).await, false);

    // The worker grades all ten answers, once.
    finished(teacher, &assignment, 10).await;
    let events = grade_event::Entity::find().count(app.ctx.db()).await.unwrap();
    assert_eq!(events, 10, "one event for each answer");
    assert_eq!(grade::Entity::find().count(app.ctx.db()).await.unwrap(), 10);
    let done = grading_work::Entity::find().all(app.ctx.db()).await.unwrap();
    assert!(
        done.iter().all(|work| work.state == "done" && work.attempts == 1),
        "{done:?}"
    );
    school.student_cannot_see(&right).await;

    review(&school, app, &assignment).await;
    publish(&school, &assignment, &right, &empty).await;

    // Everything stands in a whole chain.
    let log = school.admin.ok(Method::GET, "/admin/audit?verify=true", None).await;
    assert!(
        log["verdict"]["broken_at"].is_null() && log["verdict"]["entries"].as_u64() > Some(20),
        "{log}"
    );
}

/// Two graders open the same answer; the second is told who was faster, and nothing of the first is lost.
async fn review(school: &School, app: &TestApp, assignment: &str) {
    let item = any_item(&school.teacher, assignment).await;
    assert!(!item.to_string().contains("Sam"), "the queue names nobody: {item}");
    let (grade, version) = (item["grade"].as_str().unwrap(), item["version"].clone());
    let first = json!({ "version": version, "points": 150, "comment": "Almost." });
    school
        .assistant
        .ok(Method::POST, &format!("/grades/{grade}/decision"), Some(first))
        .await;
    let second = school
        .teacher
        .post(
            &format!("/grades/{grade}/decision"),
            json!({ "version": version, "points": 0 }),
        )
        .await;
    assert_eq!(second.status, 409);
    assert!(
        second.words().contains("Asa Assistant") && second.words().contains("1.5"),
        "{}",
        second.words()
    );
    let entry = school.teacher.ok(Method::GET, &format!("/grades/{grade}"), None).await;
    assert_eq!(entry["item"]["human"]["points"], 150);
    assert_eq!(
        entry["item"]["machine"], item["machine"],
        "the human's decision leaves the machine's record alone"
    );
    let row = grade::Entity::find_by_id(grade.parse::<app::ids::GradeId>().unwrap())
        .one(app.ctx.db())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.human_points.map(|points| points.0), Some(150));
    let too_many = school
        .teacher
        .post(
            &format!("/grades/{grade}/decision"),
            json!({ "version": entry["item"]["version"], "points": 201 }),
        )
        .await;
    assert_eq!(too_many.status, 422, "{}", too_many.text);
}

async fn publish(school: &School, assignment: &str, right: &str, empty: &str) {
    let standing = school
        .teacher
        .ok(Method::GET, &format!("/assignments/{assignment}/grades"), None)
        .await;
    let path = format!("/assignments/{assignment}/grades/publish");
    if standing["waiting"].as_u64() > Some(0) {
        let refused = school.teacher.post(&path, json!({})).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
    }
    school
        .teacher
        .ok(Method::POST, &path, Some(json!({ "even_if_unreviewed": true })))
        .await;
    let result = school
        .student
        .ok(Method::GET, &format!("/submissions/{right}/result"), None)
        .await;
    assert_eq!(result["of"], 1000);
    let exact: Vec<_> = result["questions"].as_array().unwrap()[1..]
        .iter()
        .map(|question| question["points"].as_i64())
        .collect();
    assert_eq!(exact, [Some(200); 4], "rules are exact: {result}");
    let nothing = school
        .other_student
        .ok(Method::GET, &format!("/submissions/{empty}/result"), None)
        .await;
    let rest: Vec<_> = nothing["questions"].as_array().unwrap()[1..]
        .iter()
        .map(|question| question["points"].as_i64())
        .collect();
    assert_eq!(rest, [Some(0); 4], "{nothing}");
    assert_eq!(
        school
            .other_student
            .rest(Method::GET, &format!("/submissions/{right}/result"), None)
            .await
            .status,
        403
    );
    let book = school
        .teacher
        .ok(
            Method::GET,
            &format!("/courses/{}/gradebook", school.id("course")),
            None,
        )
        .await;
    let sam = book["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "Sam Student")
        .unwrap()
        .clone();
    assert!(
        sam["cells"]
            .as_array()
            .unwrap()
            .iter()
            .any(|cell| cell["total"] == result["total"]),
        "{sam}"
    );
    let csv = school
        .teacher
        .get(&format!("/courses/{}/gradebook.csv", school.id("course")))
        .await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.text.contains("Sam Student"));
}

impl School {
    async fn student_cannot_see(&self, submission: &str) {
        let early = self
            .student
            .rest(Method::GET, &format!("/submissions/{submission}/result"), None)
            .await;
        assert_eq!(early.status, 403, "before publishing: {}", early.text);
    }
}

async fn any_item(teacher: &Client, assignment: &str) -> Value {
    for state in ["waiting", "accepted"] {
        let queue = teacher
            .ok(
                Method::GET,
                &format!("/assignments/{assignment}/review?state={state}&limit=1"),
                None,
            )
            .await;
        if queue["items"][0].is_object() {
            return queue["items"][0].clone();
        }
    }
    panic!("the queue is empty");
}

fn one_change(question: &str, text: &str) -> Value {
    json!({ "changes": [{ "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0, "value": { "is": "text", "value": text } }] })
}

async fn answer_all(student: &Client, assignment: &str, questions: &[String]) -> String {
    let submission = student
        .make(&format!("/assignments/{assignment}/submission"), Value::Null)
        .await;
    let values = [
        json!({ "is": "text", "value": "Plants turn carbon dioxide and water into sugar and oxygen, using light." }),
        json!({ "is": "choice", "value": [0] }),
        json!({ "is": "choice", "value": [0, 2] }),
        json!({ "is": "choice", "value": [0] }),
        json!({ "is": "text", "value": "3.14" }),
    ];
    let change = |(question, value): (&String, Value)| json!({ "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0, "value": value });
    let changes: Vec<Value> = questions.iter().zip(values).map(change).collect();
    let saved = student
        .ok(
            Method::POST,
            &format!("/submissions/{submission}/changes"),
            Some(json!({ "changes": changes })),
        )
        .await;
    assert_eq!(
        (
            saved["acknowledged"].as_array().unwrap().len(),
            saved["refused"].as_array().map_or(0, Vec::len)
        ),
        (5, 0),
        "{saved}"
    );
    submission
}

/// Waits until so many answers are graded and nothing is queued.
async fn finished(teacher: &Client, assignment: &str, answers: u64) {
    let mut last = Value::Null;
    for _ in 0..600 {
        last = teacher
            .ok(Method::GET, &format!("/assignments/{assignment}/progress"), None)
            .await;
        let sum = |what: &str| {
            last["questions"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|question| question[what].as_u64())
                .sum::<u64>()
        };
        if sum("graded") == answers && sum("queued") == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not graded in time: {last}");
}

/// The live page's stream: the picture now, and then the change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_live_picture_moves() {
    let mut app = TestApp::start().await;
    let mut school = School::open(&app).await;
    let path = format!("/assignments/{}/progress", school.id("assignment"));
    let mut stream = school.teacher.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let mut text = String::new();
    while !text.contains("\n\n") {
        text.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(
        text.contains("event: progress") && text.contains("\"graded\":0"),
        "{text}"
    );
    app.grade_with(Grader::start_fake()).await;
    school.hand_in("Light makes sugar.").await;
    let moved = async {
        while !text.contains("\"graded\":1") {
            text.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), moved)
        .await
        .expect("the picture moves while it is watched");
}

/// After the end nothing is taken, what was saved stays, and lateness costs what was said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlines_are_kept() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let now = app.ctx.now().0;
    let day = app::time::Timestamp::DAY;
    let content = json!({ "title": "With dates", "due_at": now + day / 48, "closes_at": now + day / 24, "late_percent_per_day": 25 });
    let assignment = school
        .teacher
        .make(&format!("/courses/{}/assignments", school.id("course")), content)
        .await;
    let question = school
        .teacher
        .make(&format!("/assignments/{assignment}/questions"), short_answer())
        .await;
    school
        .teacher
        .ok(Method::POST, &format!("/assignments/{assignment}/publish"), None)
        .await;
    let late = school
        .student
        .make(&format!("/assignments/{assignment}/submission"), Value::Null)
        .await;
    let never = school
        .other_student
        .make(&format!("/assignments/{assignment}/submission"), Value::Null)
        .await;
    save(&school.student, &late, &question, "In time.").await;
    save(&school.other_student, &never, &question, "Never submitted.").await;
    app.parts.state.clock.advance(day / 40);
    school
        .student
        .ok(Method::POST, &format!("/submissions/{late}/submit"), None)
        .await;
    app.parts.state.clock.advance(day / 40);
    let refused = school
        .other_student
        .post(
            &format!("/submissions/{never}/changes"),
            one_change(&question, "Too late"),
        )
        .await;
    assert_eq!(refused.status, 409);
    assert!(refused.words().contains("closed"), "{}", refused.words());
    assert_eq!(
        school
            .other_student
            .rest(Method::POST, &format!("/submissions/{never}/submit"), None)
            .await
            .status,
        409
    );
    let kept = school
        .other_student
        .ok(Method::GET, &format!("/submissions/{never}"), None)
        .await;
    assert_eq!(kept["answers"][0]["value"]["value"], "Never submitted.");
    let result = school
        .teacher
        .ok(Method::GET, &format!("/submissions/{late}/result"), None)
        .await;
    assert_eq!(result["late_percent"], 25, "{result}");
}

/// With the real model: a good answer earns more than a wrong one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_model_tells_right_from_wrong() {
    let mut app = TestApp::start().await;
    let grader = tokio::task::spawn_blocking(|| Grader::start(GraderConfig::default()))
        .await
        .unwrap()
        .expect("the model; scripts/fetch-model.sh fetches it");
    app.grade_with(grader).await;
    let mut school = School::open(&app).await;
    school
        .hand_in("They use light to turn water and carbon dioxide into sugar, and give off oxygen.")
        .await;
    let wrong = school
        .other_student
        .make(
            &format!("/assignments/{}/submission", school.id("assignment")),
            Value::Null,
        )
        .await;
    save(
        &school.other_student,
        &wrong,
        school.id("question"),
        "A mountain in Switzerland.",
    )
    .await;
    school
        .other_student
        .ok(Method::POST, &format!("/submissions/{wrong}/submit"), None)
        .await;
    finished(&school.teacher, school.id("assignment"), 2).await;
    let points = |submission: String| {
        let teacher = school.teacher.clone();
        async move {
            teacher
                .ok(Method::GET, &format!("/submissions/{submission}/result"), None)
                .await
        }
    };
    let (good, bad) = (points(school.id("submission").to_owned()).await, points(wrong).await);
    assert!(good["earned"].as_i64() > bad["earned"].as_i64(), "{good}\n{bad}");
    let machine = &good["questions"][0]["machine"];
    assert!(
        machine["model"].as_str().is_some_and(|name| name != "none"),
        "{machine}"
    );
}

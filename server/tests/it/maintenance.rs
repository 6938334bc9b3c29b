//! Read-only times: who is told what, what stays open, and that no deadline is lost to them.

use super::support::{Database, School, TestApp, save};
use app::maintenance::service::{self, Plan};
use app::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

fn plan(app: &TestApp, from: i64, until: Option<i64>) -> Plan {
    let now = app.ctx.now();
    Plan {
        message: "We move to a <faster> machine.".into(),
        from: Some(now.plus(from)),
        until: until.map(|until| now.plus(until)),
        tell: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_goes_on_and_everything_else_waits() {
    for database in Database::all() {
        let app = TestApp::on(database).await;
        let school = School::open(&app).await;
        let submission = school
            .student
            .make(
                &format!("/assignments/{}/submission", school.id("assignment")),
                Value::Null,
            )
            .await;
        service::open(&app.ctx, plan(&app, Timestamp::HOUR, Some(2 * Timestamp::HOUR)))
            .await
            .unwrap();
        let page = school.student.get("/profile").await;
        assert!(page.text.contains("Maintenance from") && page.text.contains("We move to a &lt;faster&gt; machine."));
        assert!(
            school
                .student
                .get("/notifications")
                .await
                .text
                .contains("Planned maintenance")
        );
        assert!(
            service::open(&app.ctx, plan(&app, 0, None)).await.is_err(),
            "one at a time"
        );
        app.ctx.state.clock.advance(Timestamp::HOUR + 3 * Timestamp::SECOND);
        assert!(
            school
                .student
                .get("/profile")
                .await
                .text
                .contains("Maintenance until about")
        );
        // Typing is taken and is on disk.
        let saved = save(&school.student, &submission, school.id("question"), "typed meanwhile").await;
        assert_eq!(saved["acknowledged"].as_array().unwrap().len(), 1);
        let sheet = school
            .student
            .ok(Method::GET, &format!("/submissions/{submission}"), None)
            .await;
        assert_eq!(sheet["answers"][0]["value"]["value"], "typed meanwhile");
        // Submitting waits, and says so at each door in its way.
        let api = school
            .student
            .rest(Method::POST, &format!("/submissions/{submission}/submit"), None)
            .await;
        assert_eq!(
            (api.status, api.header("content-type")),
            (503, "application/problem+json")
        );
        let seconds: i64 = api.header("retry-after").parse().unwrap();
        assert!((3500..=3600).contains(&seconds), "{seconds}");
        assert!(api.words().contains("Everything you typed is saved"), "{}", api.text);
        let rpc = school
            .student
            .rpc("submission/submit", &[("submission", &submission)])
            .await;
        assert!(rpc.status == 503 && rpc.json["kind"] == "Unavailable", "{}", rpc.text);
        let form = school
            .student
            .form("submission/submit", &[("submission", &submission)])
            .await;
        assert!(
            form.status == 503 && form.text.contains("<h1>Changes are paused</h1>") && !form.text.contains("<faster>")
        );
        for (method, path) in [
            (
                Method::POST,
                format!("/assignments/{}/publish", school.id("assignment")),
            ),
            (Method::PUT, format!("/courses/{}", school.id("course"))),
            (
                Method::DELETE,
                format!("/courses/{}/people/{}", school.id("course"), school.id("user")),
            ),
        ] {
            assert_eq!(
                school.admin.rest(method.clone(), &path, Some(json!({}))).await.status,
                503,
                "{method} {path}"
            );
        }
        assert_eq!(school.admin.rpc("course/create", &[("code", "X")]).await.status, 503);
        // Looking, and coming and going, stay possible.
        assert_eq!(
            school.teacher.rpc("course/mine", &[("archived", "false")]).await.status,
            200
        );
        app.user("Late Comer", false).await;
        app.sign_in("Late Comer").await.rpc("account/sign_out", &[]).await;
        let numbers = app.parts.metrics.scrape(&app.ctx.state).await;
        assert!(numbers.contains("maintenance_active 1"));
        // Only administrators end it.
        assert_eq!(school.teacher.rpc("maintenance/end", &[]).await.status, 403);
        assert!(school.admin.rpc("maintenance/end", &[]).await.status < 400);
        school
            .student
            .ok(Method::POST, &format!("/submissions/{submission}/submit"), None)
            .await;
        assert!(!school.student.get("/profile").await.text.contains("Maintenance until"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_inside_moves_by_the_time_lost() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let (assignment, now) = (school.id("assignment"), app.ctx.now());
    let at = |minutes: i64| now.plus(minutes * Timestamp::MINUTE);
    // Due in 30 minutes and closed then; a window from 10 until 70 minutes holds the deadline.
    let current = school
        .teacher
        .ok(Method::GET, &format!("/assignments/{assignment}"), None)
        .await;
    let version = current["assignment"]["version"]
        .as_i64()
        .or(current["version"].as_i64())
        .expect("a version");
    let wall = |at: Timestamp| app.ctx.moment(at).input_value();
    let body = json!({ "title": "Light", "due_at": at(30), "closes_at": at(30), "late_percent_per_day": 10 });
    school
        .teacher
        .ok(
            Method::PUT,
            &format!("/assignments/{assignment}?version={version}"),
            Some(body),
        )
        .await;
    let start = async |student: &super::support::Client| {
        student
            .make(&format!("/assignments/{assignment}/submission"), Value::Null)
            .await
    };
    let (first, second) = (start(&school.student).await, start(&school.other_student).await);
    let window = Plan {
        message: String::new(),
        from: Some(at(10)),
        until: Some(at(40)),
        tell: false,
    };
    service::open(&app.ctx, window).await.unwrap();
    let go_to = |minutes: i64| {
        let clock = &app.ctx.state.clock;
        clock.advance(at(minutes).0 - clock.now().0);
    };
    let submit = async |student: &super::support::Client, id: &str| {
        student
            .rest(Method::POST, &format!("/submissions/{id}/submit"), None)
            .await
    };
    // After the deadline, within the window: typing is still taken.
    go_to(50);
    save(&school.student, &first, school.id("question"), "after the deadline").await;
    assert_eq!(submit(&school.student, &first).await.status, 503);
    go_to(70);
    service::close(&app.ctx).await.unwrap();
    // 20 minutes after the window began the deadline stood; so there are 20 minutes after it ended.
    go_to(89);
    let sheet = school
        .student
        .ok(Method::GET, &format!("/submissions/{first}"), None)
        .await;
    assert_eq!(
        sheet["terms"]["phase"],
        "open",
        "due {} now {}",
        wall(at(30)),
        wall(at(89))
    );
    let receipt = submit(&school.student, &first).await;
    assert!(receipt.status < 300, "{}", receipt.text);
    let own = school
        .student
        .ok(Method::GET, &format!("/submissions/{first}"), None)
        .await;
    assert_eq!(own["terms"]["late_percent_now"], 0, "{own}");
    go_to(91);
    let closed = submit(&school.other_student, &second).await;
    assert!(
        closed.status == 409 && closed.words().contains("closed"),
        "{}",
        closed.text
    );
}

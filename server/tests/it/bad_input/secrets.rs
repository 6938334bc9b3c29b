//! The log keeps secrets.

use crate::support::{PASSWORD, School, TestApp, email, logged};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// The log of an ordinary day, with a wrong password, an account, a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_keeps_secrets() {
    let mut app = TestApp::start().await;
    app.grade_with(grading::Grader::start_fake()).await;
    let mut school = School::open(&app).await;
    school.hand_in("A very private answer about mitochondria.").await;
    let stranger = app.stranger();
    stranger
        .rpc(
            "account/sign_in",
            &[("email", &email("Sam Student")), ("password", "wrong but still secret")],
        )
        .await;
    stranger.get("/sign-in?password=in-the-address-by-mistake").await;
    let made = school
        .admin
        .post("/admin/users", json!({ "email": "one@test.example", "name": "One" }))
        .await;
    let one_time = made.json["account"]["password"].as_str().unwrap().to_owned();
    let token = school
        .teacher
        .rpc(
            "account/create_token",
            &[("name", "t"), ("days", "1"), ("scopes[0]", "read")],
        )
        .await;
    let token = token.json.as_str().unwrap().to_owned();
    school.teacher.with_token(&token).rest(Method::GET, "/me", None).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let log = logged();
    assert!(log.contains("sign-in refused"), "the log is not being captured");
    for secret in [
        PASSWORD,
        "mitochondria",
        "still secret",
        "in-the-address-by-mistake",
        &one_time,
        &token,
    ] {
        assert!(!log.contains(secret), "the log tells “{secret}”");
    }
}

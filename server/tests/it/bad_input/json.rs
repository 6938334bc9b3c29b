//! Bodies that are no JSON, or not the JSON that was asked for.

use super::{Cases, json_text, raw};
use crate::support::{School, TestApp};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_that_is_none() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let (teacher, mut cases) = (&school.teacher, Cases::default());
    let course = format!("/courses/{}", school.id("course"));
    let post = |body: &'static str| json_text(teacher, "/courses", body);
    cases.expect(
        "another type",
        &raw(teacher, Method::POST, "/api/v1/courses", "text/plain", "{}").await,
        415,
        "application/json",
    );
    cases.expect(
        "no body",
        &teacher.rest(Method::POST, "/courses", None).await,
        415,
        "application/json",
    );
    cases.expect("half a body", &post(r#"{"code":"#).await, 400, "not valid JSON");
    cases.expect(
        "something after the end",
        &post(r#"{"code":"A","title":"B"} x"#).await,
        400,
        "not valid JSON",
    );
    cases.expect(
        "a number for a text",
        &post(r#"{"code":7,"title":"B"}"#).await,
        422,
        "\"field\":\"code\"",
    );
    cases.expect("a missing field", &post(r#"{"code":"A"}"#).await, 422, "title");
    cases.expect(
        "an unknown field",
        &post(r#"{"code":"A","title":"B","tytle":"C"}"#).await,
        422,
        "tytle",
    );
    cases.expect(
        "a key twice",
        &post(r#"{"code":"A","code":"B","title":"C"}"#).await,
        422,
        "duplicate",
    );
    cases.expect(
        "no UTF-8",
        &json_text(teacher, "/courses", b"{\"code\":\"\xff\xfe\",\"title\":\"B\"}".to_vec()).await,
        400,
        "JSON",
    );
    cases.expect(
        "very deep",
        &json_text(teacher, "/courses", "[".repeat(200_000)).await,
        422,
        "",
    );
    cases.expect(
        "deep inside a field",
        &json_text(teacher, "/courses", format!("{{\"code\":{}", "{\"a\":".repeat(100_000))).await,
        422,
        "",
    );
    cases.expect(
        "a null character",
        &teacher.post("/courses", json!({ "code": "A\0B", "title": "B" })).await,
        422,
        "control characters",
    );
    cases.expect(
        "five megabytes",
        &json_text(
            teacher,
            "/courses",
            format!("{{\"code\":\"{}\"}}", "x".repeat(5_000_000)),
        )
        .await,
        413,
        "too large",
    );
    cases.expect(
        "a very long title",
        &teacher
            .post("/courses", json!({ "code": "A", "title": "x".repeat(10_000) }))
            .await,
        422,
        "at most",
    );
    cases.expect(
        "no id",
        &teacher.rest(Method::GET, "/courses/1%20OR%201=1", None).await,
        404,
        "does not exist",
    );
    cases.expect(
        "a forged id",
        &teacher
            .rest(Method::GET, &format!("/courses/{}", uuid::Uuid::now_v7()), None)
            .await,
        404,
        "does not exist",
    );
    cases.expect(
        "another thing's id",
        &teacher
            .rest(Method::GET, &format!("/assignments/{}", school.id("course")), None)
            .await,
        404,
        "does not exist",
    );
    cases.expect(
        "an unknown parameter",
        &teacher.rest(Method::GET, "/courses?after=&x=1", None).await,
        400,
        "query",
    );
    cases.expect(
        "no limit",
        &teacher
            .rest(Method::GET, &format!("{course}/people?limit=0"), None)
            .await,
        422,
        "between 1 and 50",
    );
    cases.expect(
        "a negative limit",
        &teacher
            .rest(Method::GET, &format!("{course}/people?limit=-1"), None)
            .await,
        400,
        "query",
    );
    cases.expect(
        "a damaged cursor",
        &teacher
            .rest(
                Method::GET,
                &format!("/assignments/{}/review?after=1.x", school.id("assignment")),
                None,
            )
            .await,
        422,
        "damaged",
    );
    cases.expect(
        "an unknown role",
        &teacher
            .post(
                &format!("{course}/people"),
                json!({ "email": "a@b.c", "role": "emperor" }),
            )
            .await,
        422,
        "role",
    );
    cases.expect(
        "an unknown place",
        &teacher.rest(Method::GET, "/../../etc/passwd", None).await,
        404,
        "",
    );
    cases.expect(
        "another method",
        &teacher.rest(Method::PATCH, "/courses", None).await,
        405,
        "PATCH",
    );
    cases.expect(
        "a long key",
        &teacher
            .send(
                teacher
                    .request(Method::POST, "/api/v1/courses")
                    .header("idempotency-key", "k".repeat(300))
                    .json(&json!({})),
            )
            .await,
        400,
        "Idempotency-Key",
    );
    cases.expect(
        "a wrong token",
        &app.stranger()
            .with_token("ag_0000")
            .rest(Method::GET, "/me", None)
            .await,
        401,
        "token",
    );
    let nulls = raw(
        &app.stranger(),
        Method::GET,
        "/api/v1/me",
        "application/json",
        vec![0_u8; 10_000],
    )
    .await;
    cases.expect("a body where none belongs", &nulls, 401, "sign in");
    cases.end(25);
}

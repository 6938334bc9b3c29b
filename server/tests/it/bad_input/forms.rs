//! Forms that are damaged, replayed or another website's.

use super::{Cases, raw};
use crate::support::{PASSWORD, Reply, School, TestApp, email};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_that_are_damaged_or_replayed() {
    let app = TestApp::start().await;
    let mut school = School::open(&app).await;
    let mut cases = Cases::default();
    let stranger = app.stranger();
    let form = "application/x-www-form-urlencoded";
    cases.expect(
        "no UTF-8 in a form",
        &raw(
            &stranger,
            Method::POST,
            "/rpc/account/sign_in",
            form,
            "email=%FF%FE&password=%00",
        )
        .await,
        422,
        "",
    );
    cases.expect(
        "a field is missing",
        &raw(&stranger, Method::POST, "/rpc/account/sign_in", form, "email=a").await,
        422,
        "incomplete",
    );
    cases.expect(
        "no form at all",
        &raw(
            &stranger,
            Method::POST,
            "/rpc/account/sign_in",
            "application/json",
            "{}",
        )
        .await,
        422,
        "",
    );
    cases.expect(
        "SQL",
        &stranger
            .rpc("account/sign_in", &[("email", "' OR 1=1 --"), ("password", "x")])
            .await,
        422,
        "not right",
    );
    cases.expect(
        "a password of a megabyte",
        &stranger
            .rpc(
                "account/sign_in",
                &[("email", "a@b.c"), ("password", &"x".repeat(1_000_000))],
            )
            .await,
        422,
        "not right",
    );
    cases.expect(
        "a form of five megabytes",
        &raw(
            &stranger,
            Method::POST,
            "/rpc/account/sign_in",
            form,
            "x".repeat(5_000_000),
        )
        .await,
        413,
        "",
    );
    let known = stranger
        .rpc(
            "account/sign_in",
            &[("email", &email("Sam Student")), ("password", "wrong")],
        )
        .await;
    let unknown = stranger
        .rpc(
            "account/sign_in",
            &[("email", &email("Nobody Here")), ("password", "wrong")],
        )
        .await;
    cases.is(
        "signing in tells nothing",
        known.text == unknown.text && known.status == unknown.status,
        format!("{} / {}", known.text, unknown.text),
    );
    let evil = stranger
        .form(
            "account/sign_in",
            &[
                ("email", &email("Sam Student")),
                ("password", PASSWORD),
                ("next", "https://evil.example/"),
            ],
        )
        .await;
    cases.is(
        "a way out of the house",
        evil.header("location").starts_with('/') && !evil.header("location").contains("evil"),
        evil.header("location"),
    );
    let elsewhere = school
        .teacher
        .request(Method::POST, "/rpc/course/archive")
        .header("origin", "https://evil.example")
        .form(&[("course", school.id("course"))]);
    cases.expect(
        "another website's form",
        &school.teacher.send(elsewhere).await,
        403,
        "another website",
    );
    let fetch = school
        .teacher
        .request(
            Method::POST,
            &format!("/api/v1/courses/{}/archive", school.id("course")),
        )
        .header("sec-fetch-site", "cross-site");
    cases.expect(
        "another website's script",
        &school.teacher.send(fetch).await,
        403,
        "another website",
    );
    cases.expect(
        "no id in a form",
        &school
            .teacher
            .rpc(
                "course/update",
                &[
                    ("course", "1"),
                    ("code", "A"),
                    ("title", "B"),
                    ("term", ""),
                    ("description", ""),
                ],
            )
            .await,
        422,
        "",
    );
    cases.expect(
        "an unknown server function",
        &school.teacher.rpc("course/burn", &[]).await,
        404,
        "",
    );

    // Submitting twice, in one form and in the other, gives one receipt.
    school.hand_in("Once.").await;
    let submission = school.id("submission").to_owned();
    let first = school
        .student
        .rpc("submission/submit", &[("submission", &submission)])
        .await;
    let second = school
        .student
        .rpc("submission/submit", &[("submission", &submission)])
        .await;
    cases.is(
        "a replayed form",
        first.status == second.status && first.text == second.text,
        &second.text,
    );
    let frozen = school.student.rpc_json("submission/save", &json!({ "submission": submission, "sent_at": 0, "changes": [
        { "id": uuid::Uuid::now_v7(), "question": school.id("question"), "typed_at": 0, "value": { "is": "text", "value": "More" } }] })).await;
    cases.expect("words after submitting", &frozen, 409, "submitted");

    // Guessing passwords ends soon, and ends for the guesser alone.
    let mut last = Reply {
        status: 0,
        headers: Default::default(),
        text: String::new(),
        json: Value::Null,
    };
    for _ in 0..12 {
        last = stranger
            .rpc(
                "account/sign_in",
                &[("email", &email("Nia Neighbour")), ("password", "guess")],
            )
            .await;
    }
    cases.expect("the eleventh guess", &last, 429, "wait");
    app.parts.state.clock.advance(20 * app::time::Timestamp::MINUTE);
    let later = stranger
        .rpc(
            "account/sign_in",
            &[("email", &email("Nia Neighbour")), ("password", PASSWORD)],
        )
        .await;
    cases.is("after a while it works", later.status < 400, &later.text);
    cases.end(15);
}

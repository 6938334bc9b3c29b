//! Well-formed, and yet it makes no sense.

use super::Cases;
use crate::support::{School, TestApp, save};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_make_sense() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let (teacher, mut cases) = (&school.teacher, Cases::default());
    let assignments = format!("/courses/{}/assignments", school.id("course"));
    let dated = |due: Value, closes: Value| json!({ "title": "T", "due_at": due, "closes_at": closes });
    cases.expect(
        "the year 300000",
        &teacher
            .post(&assignments, dated(json!(9_000_000_000_000_000_000_i64), Value::Null))
            .await,
        422,
        "between the years",
    );
    cases.expect(
        "closing before due",
        &teacher
            .post(
                &assignments,
                dated(json!(1_800_000_000_000_000_i64), json!(1_700_000_000_000_000_i64)),
            )
            .await,
        422,
        "before it is due",
    );
    let untitled = json!({ "title": " ", "due_at": null, "closes_at": null });
    cases.expect("no title", &teacher.post(&assignments, untitled).await, 422, "title");
    cases.expect(
        "a date that is no number",
        &teacher.post(&assignments, dated(json!("tomorrow"), Value::Null)).await,
        422,
        "due_at",
    );
    let harsh = json!({ "title": "T", "due_at": null, "closes_at": null, "late_percent_per_day": 101 });
    cases.expect(
        "101 percent",
        &teacher.post(&assignments, harsh).await,
        422,
        "between 0 and 100",
    );
    let draft = teacher
        .make(
            &assignments,
            json!({ "title": "Draft", "due_at": null, "closes_at": null }),
        )
        .await;
    let questions = format!("/assignments/{draft}/questions");
    let question = |points: Value, key: Value| json!({ "prompt": "P", "points": points, "key": key });
    let truth = json!({ "kind": "true_false", "correct": true });
    cases.expect(
        "negative points",
        &teacher.post(&questions, question(json!(-1), truth.clone())).await,
        422,
        "more than 0",
    );
    cases.expect(
        "too many points",
        &teacher.post(&questions, question(json!(1e30), truth.clone())).await,
        422,
        "points",
    );
    cases.expect(
        "half a hundredth",
        &teacher.post(&questions, question(json!(0.5), truth.clone())).await,
        422,
        "points",
    );
    cases.expect(
        "an unknown kind",
        &teacher
            .post(&questions, question(json!(100), json!({ "kind": "essay" })))
            .await,
        422,
        "kind",
    );
    cases.expect(
        "a choice without options",
        &teacher
            .post(
                &questions,
                question(json!(100), json!({ "kind": "single_choice", "options": [] })),
            )
            .await,
        422,
        "",
    );
    let number = json!({ "kind": "numeric", "value": "NaN", "tolerance": "-1", "unit": "" });
    cases.expect(
        "no number",
        &teacher.post(&questions, question(json!(100), number)).await,
        422,
        "",
    );
    let blank = json!({ "prompt": " \u{0} ", "points": 100, "key": truth });
    cases.expect("a null in a question", &teacher.post(&questions, blank).await, 422, "");

    // Answers that do not fit are refused one by one; the others are taken.
    let submission = school
        .student
        .make(
            &format!("/assignments/{}/submission", school.id("assignment")),
            Value::Null,
        )
        .await;
    let change = |question: &str, value: Value| json!({ "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0, "value": value });
    let mine = school.id("question");
    let changes = json!({ "changes": [
        change(mine, json!({ "is": "choice", "value": [0] })),
        change(mine, json!({ "is": "text", "value": "x".repeat(60_000) })),
        change(mine, json!({ "is": "text", "value": "a\0b" })),
        change(mine, json!({ "is": "file", "value": { "file": uuid::Uuid::now_v7(), "text": "" } })),
        change(&uuid::Uuid::now_v7().to_string(), json!({ "is": "text", "value": "nobody asked" })),
        change(mine, json!({ "is": "text", "value": "This one is right." })),
    ]});
    let path = format!("/submissions/{submission}/changes");
    let saved = school.student.ok(Method::POST, &path, Some(changes)).await;
    cases.is(
        "five of six are refused",
        saved["refused"].as_array().map(Vec::len) == Some(5)
            && saved["acknowledged"].as_array().map(Vec::len) == Some(1),
        &saved,
    );
    let many: Vec<Value> = (0..201)
        .map(|_| change(mine, json!({ "is": "text", "value": "x" })))
        .collect();
    cases.expect(
        "201 changes",
        &school.student.post(&path, json!({ "changes": many })).await,
        422,
        "at most 200",
    );

    // The same change again is acknowledged and not applied; a clock that is wrong loses nothing.
    let twice = json!({ "changes": [change(mine, json!({ "is": "text", "value": "Only once." }))], "sent_at": 0 });
    school.student.ok(Method::POST, &path, Some(twice.clone())).await;
    let before = school
        .student
        .ok(Method::GET, &format!("/submissions/{submission}"), None)
        .await;
    let again = school.student.ok(Method::POST, &path, Some(twice)).await;
    let after = school
        .student
        .ok(Method::GET, &format!("/submissions/{submission}"), None)
        .await;
    cases.is(
        "a replayed change",
        again["acknowledged"].as_array().map(Vec::len) == Some(1) && before["answers"] == after["answers"],
        &after,
    );
    for (what, typed_at, sent_at) in [
        ("a clock from 1970", 0, 1),
        (
            "a clock from 2100",
            4_102_444_800_000_000_i64,
            4_102_444_800_000_001_i64,
        ),
        ("a clock before time", i64::MIN, i64::MAX),
    ] {
        let change = json!({ "id": uuid::Uuid::now_v7(), "question": mine, "typed_at": typed_at, "value": { "is": "text", "value": what } });
        let reply = school
            .student
            .post(&path, json!({ "changes": [change], "sent_at": sent_at }))
            .await;
        cases.expect(what, &reply, 200, "acknowledged");
    }
    let last = save(&school.student, &submission, mine, "The newest words.").await;
    cases.is(
        "the newest words after all clocks",
        last["acknowledged"].as_array().map(Vec::len) == Some(1),
        &last,
    );
    let sheet = school
        .student
        .ok(Method::GET, &format!("/submissions/{submission}"), None)
        .await;
    cases.is(
        "they count",
        sheet["answers"][0]["value"]["value"] == "The newest words.",
        &sheet["answers"],
    );
    cases.end(20);
}

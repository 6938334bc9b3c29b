//! What people and programs should not send. Each is refused with the right status and clear words, or taken without harm; nothing is
//! lost, nothing panics, and the log holds neither passwords nor answers.

use super::support::{Client, PASSWORD, Reply, School, TestApp, email, logged, save, short_answer};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Collects what surprised, so that one run shows all of it.
#[derive(Default)]
struct Cases {
    tried: u32,
    wrong: Vec<String>,
}

impl Cases {
    /// The status, and a part of the words.
    fn expect(&mut self, what: &str, reply: &Reply, status: u16, says: &str) {
        self.tried += 1;
        if reply.status != status || !reply.text.contains(says) {
            let text: String = reply.text.chars().take(300).collect();
            self.wrong.push(format!(
                "{what}: {} instead of {status} with “{says}”: {text}",
                reply.status
            ));
        }
        let revealing = ["panicked", "sqlx", "SELECT ", "INSERT ", ".rs:", "src/"];
        if let Some(word) = revealing.iter().find(|word| reply.text.contains(**word)) {
            self.wrong
                .push(format!("{what}: the answer tells about the inside: {word}"));
        }
    }

    fn is(&mut self, what: &str, good: bool, otherwise: impl std::fmt::Display) {
        self.tried += 1;
        if !good {
            self.wrong.push(format!("{what}: {otherwise}"));
        }
    }

    fn end(self, least: u32) {
        assert!(
            self.wrong.is_empty(),
            "{} of {} cases:\n{}",
            self.wrong.len(),
            self.tried,
            self.wrong.join("\n")
        );
        assert!(self.tried >= least, "only {} cases", self.tried);
        assert!(!logged().contains("panic:"), "something panicked");
    }
}

async fn raw(client: &Client, method: Method, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    client
        .send(client.request(method, path).header("content-type", kind).body(body))
        .await
}

async fn json_text(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> Reply {
    raw(
        client,
        Method::POST,
        &format!("/api/v1{path}"),
        "application/json",
        body,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_and_maintenance() {
    let app = TestApp::configured(super::support::Database::Sqlite, |config| {
        config.mail.url = Some("smtp://127.0.0.1:9?tls=none".into());
    })
    .await;
    let school = School::open(&app).await;
    let (admin, student, stranger, mut cases) = (&school.admin, &school.student, &school.anonymous, Cases::default());
    let long = "x".repeat(100_000);
    for (what, name, fields, status, says) in [
        (
            "no address",
            "account/forgot_password",
            vec![("email", "nobody")],
            422,
            "e-mail",
        ),
        (
            "a header in an address",
            "account/forgot_password",
            vec![("email", "a@b.example\r\nBcc: c@d.example")],
            422,
            "e-mail",
        ),
        (
            "a long address",
            "account/forgot_password",
            vec![("email", &*long)],
            422,
            "",
        ),
        (
            "no token",
            "account/reset_password",
            vec![("password", "a good long sentence")],
            422,
            "",
        ),
        (
            "a wrong token",
            "account/reset_password",
            vec![("token", "0"), ("password", "a good long sentence")],
            409,
            "ended",
        ),
        (
            "a huge token",
            "account/verify_email",
            vec![("token", &*long)],
            409,
            "ended",
        ),
        (
            "a token of other letters",
            "account/verify_email",
            vec![("token", "' OR 1=1 --")],
            409,
            "ended",
        ),
    ] {
        cases.expect(what, &stranger.rpc(name, &fields).await, status, says);
    }
    for (what, from, until, zone, says) in [
        ("one time alone", "22:00", "", "", "such as 22:00"),
        ("no time", "late", "early", "", "such as 22:00"),
        ("beyond the day", "24:00", "07:00", "", "such as 22:00"),
        ("no zone", "22:00", "07:00", "Mars/Olympus", "no time zone"),
    ] {
        let fields = [("quiet_from", from), ("quiet_until", until), ("time_zone", zone)];
        cases.expect(what, &student.rpc("mail/save_preferences", &fields).await, 422, says);
    }
    cases.expect(
        "a note that is none",
        &student.rpc("mail/mark_read", &[("note", "x")]).await,
        422,
        "",
    );
    for query in [
        "",
        "?user=1&kind=2&key=3",
        "?user=00000000-0000-0000-0000-000000000000&kind=maintenance&key=%FF",
    ] {
        let reply = stranger
            .send(stranger.request(Method::POST, &format!("/unsubscribe{query}")))
            .await;
        cases.is(
            &format!("unsubscribe{query}"),
            (400..=422).contains(&reply.status),
            &reply.text,
        );
    }
    cases.expect(
        "a test to nobody",
        &admin.rpc("mail/test", &[("to", "nobody")]).await,
        422,
        "e-mail",
    );
    cases.expect(
        "an unknown mail",
        &admin.rpc("mail/retry", &[("mail", "x")]).await,
        422,
        "",
    );
    for (what, message, from, until, says) in [
        ("no time", "x", "soon", "", "date and a time"),
        (
            "an end before the beginning",
            "x",
            "2037-01-02T00:00",
            "2037-01-01T00:00",
            "after the beginning",
        ),
        ("a long message", &*long, "", "", "500 characters"),
    ] {
        let fields = [("message", message), ("from", from), ("until", until)];
        cases.expect(what, &admin.rpc("maintenance/plan", &fields).await, 422, says);
    }
    cases.expect(
        "no window to end",
        &admin.rpc("maintenance/end", &[]).await,
        409,
        "no maintenance",
    );
    cases.end(20);
}

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_and_files() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let mut cases = Cases::default();
    let import = format!("/api/v1/courses/{}/people/import", school.id("course"));
    let table = |text: Vec<u8>| raw(&school.teacher, Method::POST, &import, "text/csv", text);
    cases.expect(
        "no UTF-8",
        &table(b"email,name\n\xff\xfe@b.c,X\n".to_vec()).await,
        422,
        "UTF-8",
    );
    cases.expect("no head", &table(b"hello".to_vec()).await, 422, "");
    cases.expect("nothing", &table(Vec::new()).await, 422, "");
    let bad_lines = table(b"email,name\nnot an address,X\na@test.example,\n".to_vec()).await;
    cases.expect("wrong lines", &bad_lines, 422, "line 2");
    let rows: String = (0..1500).map(|n| format!("p{n}@test.example,P\n")).collect();
    cases.expect(
        "too many lines",
        &table(format!("email,name\n{rows}").into_bytes()).await,
        422,
        "",
    );
    cases.expect("too many bytes", &table(vec![b'x'; 1_500_000]).await, 413, "too large");
    cases.expect(
        "one endless quote",
        &table(format!("email,name\n\"{}", "a\n".repeat(10_000)).into_bytes()).await,
        422,
        "",
    );
    cases.expect(
        "null characters",
        &table(b"email,name\na\0b@test.example,X\n".to_vec()).await,
        422,
        "",
    );
    // Names that a spreadsheet would run come back as text.
    let bomb =
        table(b"email,name\nboss@test.example,\"=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\"\n".to_vec()).await;
    cases.is("a formula as a name", matches!(bomb.status, 201 | 422), &bomb.text);
    let csv = school
        .teacher
        .get(&format!("/courses/{}/gradebook.csv", school.id("course")))
        .await;
    cases.is(
        "it never runs",
        !csv.text.contains("\n=") && !csv.text.contains(",=") && !csv.text.contains("\n\"="),
        &csv.text,
    );

    let submission = school
        .student
        .make(
            &format!("/assignments/{}/submission", school.id("assignment")),
            Value::Null,
        )
        .await;
    let files = format!("/submissions/{submission}/files");
    let announce = |name: &str, kind: &str, size: i64| json!({ "question": school.id("question"), "name": name, "media_type": kind, "size": size });
    let student = &school.student;
    cases.expect(
        "too large a file",
        &student.post(&files, announce("a.txt", "text/plain", 2_000_000)).await,
        413,
        "too large",
    );
    cases.expect(
        "a negative size",
        &student.post(&files, announce("a.txt", "text/plain", -1)).await,
        422,
        "",
    );
    cases.expect(
        "an empty file",
        &student.post(&files, announce("a.txt", "text/plain", 0)).await,
        422,
        "",
    );
    cases.expect(
        "a program",
        &student
            .post(&files, announce("a.exe", "application/x-msdownload", 10))
            .await,
        422,
        "",
    );
    cases.expect(
        "somebody else's question",
        &student
            .post(
                &files,
                json!({ "question": uuid::Uuid::now_v7(), "name": "a.txt", "media_type": "text/plain", "size": 1 }),
            )
            .await,
        404,
        "",
    );
    let climbing = student
        .ok(
            Method::POST,
            &files,
            Some(announce("../../../etc/passwd.txt", "text/plain", 5)),
        )
        .await;
    let file = climbing["file"].as_str().unwrap().to_owned();
    let url = climbing["url"].as_str().unwrap().to_owned();
    let known = student.ok(Method::GET, &format!("/files/{file}"), None).await;
    cases.is(
        "a name that climbs",
        known["name"] == "passwd.txt" && !url.contains(".."),
        &known,
    );
    cases.expect(
        "finished before it arrived",
        &student.post(&format!("/files/{file}/finish"), json!({})).await,
        409,
        "not arrived",
    );

    let put = |url: String, headers: Value, body: &'static str| {
        let mut request = app.stranger().request(Method::PUT, &url).body(body);
        for header in headers.as_array().into_iter().flatten() {
            request = request.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
        }
        let client = app.stranger();
        async move { client.send(request).await }
    };
    let altered = url.replace("X-Amz-Expires=", "X-Amz-Expires=9");
    cases.expect(
        "an address made to last",
        &put(altered, climbing["headers"].clone(), "hello").await,
        403,
        "",
    );
    let other_place = url.replace(&file, &uuid::Uuid::now_v7().to_string());
    cases.is(
        "an address for another place",
        other_place == url || put(other_place, climbing["headers"].clone(), "hello").await.status == 403,
        "taken",
    );
    cases.expect(
        "no signature",
        &put(url.split('?').next().unwrap().to_owned(), json!([]), "hello").await,
        403,
        "",
    );
    let short = app
        .parts
        .state
        .blobs
        .presign_put("incoming/late", &app.base, "text/plain", 5, Duration::from_secs(1))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let headers: Value = short.headers.iter().map(|(name, value)| json!([name, value])).collect();
    cases.expect(
        "an address that has ended",
        &put(short.url, headers, "hello").await,
        403,
        "",
    );
    let right = put(url.clone(), climbing["headers"].clone(), "hello").await;
    cases.expect("the right address", &right, 200, "");
    let changed = student
        .post(&format!("/files/{file}/finish"), json!({ "sha256": "0".repeat(64) }))
        .await;
    cases.is(
        "another content than sent",
        changed.status >= 400 || changed.json["state"] == "rejected",
        &changed.text,
    );

    // Files that are not what they say: kept out, with words for the student.
    for (name, kind, body) in [
        ("broken.pdf", "application/pdf", "%PDF-1.7\nthis is no document"),
        ("none.pdf", "application/pdf", "MZ\u{1}\u{2}"),
        (
            "broken.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "PK\u{3}\u{4}not a zip",
        ),
    ] {
        let upload = student
            .ok(Method::POST, &files, Some(announce(name, kind, body.len() as i64)))
            .await;
        let sent = put(
            upload["url"].as_str().unwrap().to_owned(),
            upload["headers"].clone(),
            body,
        )
        .await;
        assert_eq!(sent.status, 200, "{name}: {}", sent.text);
        let checked = student
            .post(
                &format!("/files/{}/finish", upload["file"].as_str().unwrap()),
                json!({}),
            )
            .await;
        let told = checked.status == 422 || checked.json["problem"].as_str().is_some_and(|words| words.len() > 10);
        cases.is(name, told, format!("{} {}", checked.status, checked.text));
    }
    cases.end(24);
}

/// Every text somebody can enter, full of markup: it is shown as text, wherever it is shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_is_only_text() {
    const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";
    let mut app = TestApp::start().await;
    app.grade_with(grading::Grader::start_fake()).await;
    let mut school = School::open(&app).await;
    let mut cases = Cases::default();
    let course = school.id("course").to_owned();
    let form = json!({ "code": "<b>X</b>", "title": EVIL, "term": "<i>T</i>", "description": EVIL });
    school
        .teacher
        .ok(Method::PUT, &format!("/courses/{course}"), Some(form))
        .await;
    let content = json!({ "title": EVIL, "instructions": EVIL, "due_at": null, "closes_at": null });
    let assignment = school
        .teacher
        .make(&format!("/courses/{course}/assignments"), content)
        .await;
    let mut question = short_answer();
    question["prompt"] = json!(EVIL);
    question["references"] = json!([EVIL]);
    let question = school
        .teacher
        .make(&format!("/assignments/{assignment}/questions"), question)
        .await;
    school
        .teacher
        .ok(Method::POST, &format!("/assignments/{assignment}/publish"), None)
        .await;
    school.student.rpc("account/rename", &[("name", EVIL)]).await;
    school
        .ids
        .extend([("assignment", assignment.clone()), ("question", question.clone())]);
    school.hand_in(EVIL).await;
    let submission = school.id("submission").to_owned();
    let grade = loop {
        let waiting = school
            .teacher
            .ok(
                Method::GET,
                &format!("/assignments/{assignment}/review?state=waiting"),
                None,
            )
            .await;
        let accepted = school
            .teacher
            .ok(
                Method::GET,
                &format!("/assignments/{assignment}/review?state=accepted"),
                None,
            )
            .await;
        let first = [&waiting, &accepted]
            .into_iter()
            .find_map(|queue| queue["items"].get(0).cloned());
        match first {
            Some(item) => break item,
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let decision = json!({ "version": grade["version"], "points": 100, "comment": EVIL });
    school
        .teacher
        .ok(
            Method::POST,
            &format!("/grades/{}/decision", grade["grade"].as_str().unwrap()),
            Some(decision),
        )
        .await;
    school
        .teacher
        .ok(
            Method::POST,
            &format!("/assignments/{assignment}/grades/publish"),
            Some(json!({ "even_if_unreviewed": true })),
        )
        .await;

    let staff = [
        "/courses".into(),
        format!("/courses/{course}"),
        format!("/courses/{course}/edit"),
        format!("/courses/{course}/people"),
        format!("/courses/{course}/gradebook"),
        format!("/assignments/{assignment}"),
        format!("/assignments/{assignment}/edit"),
        format!("/questions/{question}/edit"),
        format!("/assignments/{assignment}/grading"),
        format!("/assignments/{assignment}/review?state=reviewed"),
        format!("/submissions/{submission}/result"),
    ];
    let own = [
        "/".into(),
        "/profile".into(),
        format!("/assignments/{assignment}"),
        format!("/submissions/{submission}/receipt"),
        format!("/submissions/{submission}/result"),
    ];
    for (client, pages) in [(&school.teacher, &staff[..]), (&school.student, &own[..])] {
        for page in pages {
            let reply = client.get(page).await;
            let clean = reply.status == 200
                && !reply.text.contains("<script>alert")
                && !reply.text.contains("<img src=x")
                && !reply.text.contains("<b>X</b>");
            let at = reply
                .text
                .find("<script>alert")
                .or(reply.text.find("<img src=x"))
                .unwrap_or(0);
            cases.is(
                page,
                clean,
                format!(
                    "{} {}",
                    reply.status,
                    reply
                        .text
                        .chars()
                        .skip(at.saturating_sub(80))
                        .take(240)
                        .collect::<String>()
                ),
            );
            let policy = reply.header("content-security-policy");
            cases.is(
                page,
                policy.contains("script-src") && !policy.contains("'unsafe-inline'"),
                policy,
            );
        }
    }
    cases.end(30);
}

/// The log of everything above, and of a day's ordinary work.
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

/// Asked without a token, the API answers before it has read anything; who goes on sending must still get to read the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_answer_survives_what_is_still_being_sent() {
    const BYTES: usize = 12_000_000;
    let app = TestApp::start().await;
    let address = app.base.strip_prefix("http://").unwrap().to_owned();
    for round in 0..5 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /api/v1/courses HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {BYTES}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..BYTES / 1_000_000 {
            let sent = stream.write_all(&[b' '; 1_000_000]).await;
            sent.unwrap_or_else(|error| panic!("round {round}: cut off: {error}"));
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "round {round}: {answer}");
    }
}

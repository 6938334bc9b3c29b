//! The REST API as such: its description, its errors, paging, idempotency and scopes.

use super::support::{Client, Database, School, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_description_is_whole() {
    let document = serde_json::to_value(server::rest::openapi()).unwrap();
    let mut dangling = BTreeSet::new();
    references(&document, &mut |reference| {
        let found = document.pointer(reference.trim_start_matches('#')).is_some();
        if !found {
            dangling.insert(reference.to_owned());
        }
    });
    assert!(
        dangling.is_empty(),
        "the description refers to what it does not hold: {dangling:?}"
    );
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/v1/"), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|words| !words.is_empty()),
                "{method} {path} says nothing about itself"
            );
            assert!(operation["tags"][0].is_string(), "{method} {path} belongs to no noun");
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "two operations are called {name}");
        }
    }
    assert!(document["components"]["securitySchemes"]["bearer"].is_object());
}

fn references(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                seen(reference);
            }
            map.values().for_each(|value| references(value, seen));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, seen)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_and_its_page_are_served() {
    let app = TestApp::start().await;
    let document = app.stranger().get("/api/openapi.json").await;
    assert_eq!(document.status, 200);
    assert_eq!(document.json["info"]["title"], "Auto-Grader");
    let page = app.stranger().get("/api/docs").await;
    assert!(
        page.header("content-type").starts_with("text/html")
            && page.text.contains("/api/v1/submissions/{submission}/submit")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_is_problem_json() {
    let app = TestApp::start().await;
    let (_, person) = app.person("Pia", false).await;
    for (reply, status) in [
        (app.stranger().rest(Method::GET, "/me", None).await, 401),
        (person.rest(Method::GET, "/nothing/here", None).await, 404),
        (person.rest(Method::DELETE, "/courses", None).await, 405),
        (person.rest(Method::GET, "/courses?colour=red", None).await, 400),
        (person.post("/courses", json!({ "code": "X", "title": "Y" })).await, 403),
    ] {
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(
            reply.header("content-type"),
            "application/problem+json",
            "{}",
            reply.text
        );
        assert_eq!(reply.json["status"], status);
        assert!(
            reply.json["detail"].as_str().is_some_and(|words| words.len() > 10),
            "{}",
            reply.text
        );
        assert!(!reply.header("x-incident-id").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_read_page_by_page() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let mut table = String::from("email,name\n");
    for n in 0..23 {
        table.push_str(&format!("pupil{n}@test.example,Pupil {n:02}\n"));
    }
    let path = format!("/api/v1/courses/{}/people/import", school.id("course"));
    let dry = school
        .teacher
        .send(
            school
                .teacher
                .request(Method::POST, &format!("{path}?dry_run=true"))
                .header("content-type", "text/csv")
                .body(table.clone()),
        )
        .await;
    assert_eq!((dry.status, dry.json["rows"].as_array().unwrap().len()), (200, 23));
    let done = school
        .teacher
        .send(
            school
                .teacher
                .request(Method::POST, &path)
                .header("content-type", "text/csv")
                .body(table),
        )
        .await;
    assert_eq!(
        (done.status, done.json["joined"].as_u64()),
        (201, Some(23)),
        "{}",
        done.text
    );

    let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = school
            .teacher
            .ok(
                Method::GET,
                &format!("/courses/{}/people?role=student&limit=10{after}", school.id("course")),
                None,
            )
            .await;
        seen.extend(
            page["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|member| member["email"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let unique: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), unique.len(), pages), (26, 26, 3));
}

fn with_key(client: &Client, path: &str, key: &str, body: &Value) -> reqwest::RequestBuilder {
    client
        .request(Method::POST, &format!("/api/v1{path}"))
        .header("idempotency-key", key)
        .json(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sent_again_is_done_once() {
    let app = TestApp::start().await;
    let (_, admin) = app.person("Root", true).await;
    let course =
        json!({ "code": "ONE", "title": "Once", "teacher": { "email": "new@test.example", "name": "New Teacher" } });
    let first = admin.send(with_key(&admin, "/courses", "key-1", &course)).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let password = first.json["accounts"][0]["password"].as_str().unwrap().to_owned();
    let again = admin.send(with_key(&admin, "/courses", "key-1", &course)).await;
    assert_eq!((again.status, &again.json["id"]), (201, &first.json["id"]));
    assert_eq!(
        (again.header("idempotency-replayed"), again.header("location")),
        ("true", first.header("location"))
    );
    assert!(!again.text.contains(&password), "a one-time password must not be kept");
    let other = admin
        .send(with_key(
            &admin,
            "/courses",
            "key-1",
            &json!({ "code": "TWO", "title": "Two" }),
        ))
        .await;
    assert_eq!(other.status, 409, "{}", other.text);

    // A refusal is an answer, too; and one person's key is nobody else's.
    let refused = admin
        .send(with_key(
            &admin,
            "/courses",
            "key-2",
            &json!({ "code": "ONE", "title": "Once" }),
        ))
        .await;
    let replayed = admin
        .send(with_key(
            &admin,
            "/courses",
            "key-2",
            &json!({ "code": "ONE", "title": "Once" }),
        ))
        .await;
    assert_eq!(
        (refused.status, replayed.status, replayed.header("content-type")),
        (422, 422, "application/problem+json")
    );
    let (_, second) = app.person("Second", true).await;
    let theirs = second
        .send(with_key(
            &second,
            "/courses",
            "key-1",
            &json!({ "code": "THREE", "title": "Three" }),
        ))
        .await;
    assert_eq!(theirs.status, 201, "{}", theirs.text);

    // Many at once: one does it, the others are told to wait or get its answer.
    let body = json!({ "code": "RACE", "title": "Race" });
    let all = futures::future::join_all((0..8).map(|_| admin.send(with_key(&admin, "/courses", "key-3", &body)))).await;
    assert!(all.iter().all(|reply| matches!(reply.status, 201 | 409)), "{all:?}");
    let courses = admin.ok(Method::GET, "/courses", None).await;
    let made = courses["courses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|course| course["code"] == "RACE")
        .count();
    assert_eq!(made, 1);
    // After a day the key is free again.
    let fields = [("name", "t"), ("days", "2"), ("scopes[0]", "write")];
    let token = admin.rpc("account/create_token", &fields).await;
    let program = admin.with_token(token.json.as_str().unwrap());
    app.parts.state.clock.advance(25 * app::time::Timestamp::HOUR);
    let late = json!({ "code": "LATE", "title": "Late" });
    let late = program.send(with_key(&program, "/courses", "key-3", &late)).await;
    assert_eq!(late.status, 201, "{}", late.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_reaches_as_far_as_its_scopes() {
    let app = TestApp::start().await;
    let school = School::open(&app).await;
    let token = |client: &Client, scopes: &[&str]| {
        let mut fields = vec![("name", "test"), ("days", "1")];
        let names: Vec<String> = (0..scopes.len()).map(|n| format!("scopes[{n}]")).collect();
        let pairs: Vec<(String, String)> = names.into_iter().zip(scopes.iter().map(|s| (*s).to_owned())).collect();
        let client = client.clone();
        fields.retain(|_| true);
        async move {
            let mut all: Vec<(&str, &str)> = fields;
            all.extend(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            let reply = client.rpc("account/create_token", &all).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            client.with_token(reply.json.as_str().unwrap())
        }
    };
    let reader = token(&school.teacher, &["read"]).await;
    let writer = token(&school.teacher, &["read", "write"]).await;
    let course = format!("/courses/{}", school.id("course"));
    let change = json!({ "code": "BIO101", "title": "Renamed" });
    assert_eq!(reader.rest(Method::GET, &course, None).await.status, 200);
    assert_eq!(
        reader.rest(Method::PUT, &course, Some(change.clone())).await.status,
        403
    );
    assert_eq!(writer.rest(Method::PUT, &course, Some(change)).await.status, 204);
    assert_eq!(reader.get(&format!("{course}/gradebook.csv")).await.status, 200);
    // Beside the API a token is worth nothing: server functions know no scopes.
    assert_eq!(
        reader
            .rpc("course/archive", &[("course", school.id("course"))])
            .await
            .status,
        403
    );
    assert_eq!(writer.get("/profile").await.status, 403);

    let half = token(&school.admin, &["read", "write"]).await;
    let whole = token(&school.admin, &["read", "admin"]).await;
    assert_eq!(half.rest(Method::GET, "/admin/users", None).await.status, 403);
    assert_eq!(whole.rest(Method::GET, "/admin/users", None).await.status, 200);
    assert_eq!(
        whole
            .post("/admin/users", json!({ "email": "x@test.example", "name": "X" }))
            .await
            .status,
        403
    );
    assert_eq!(
        whole.rest(Method::GET, "/me", None).await.json["scopes"],
        json!(["read", "admin"])
    );
    // A token ends with its account.
    let me = reader.rest(Method::GET, "/me", None).await.json["person"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    school
        .admin
        .ok(Method::POST, &format!("/admin/users/{me}/deactivate"), None)
        .await;
    assert_eq!(reader.rest(Method::GET, "/me", None).await.status, 401);
}

/// The audit log is one chain, however many write at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_act_at_once_are_written_down_one_after_another() {
    for database in Database::all() {
        let app = TestApp::on(database).await;
        // Every installation has its administrator, and so a first entry to queue for, before many people come at once.
        app.user("Administrator", true).await;
        let names: Vec<String> = (0..16).map(|number| format!("Person {number}")).collect();
        futures::future::join_all(names.iter().map(|name| app.user(name, false))).await;
        let signed_in = futures::future::join_all(names.iter().map(|name| app.sign_in(name))).await;
        assert_eq!(signed_in.len(), 16);
        let broken = app::audit::store::first_break(app.ctx.db()).await.unwrap();
        assert_eq!(broken, None, "{database:?}");
    }
}

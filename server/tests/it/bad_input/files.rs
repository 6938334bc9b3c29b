//! Tables and files.

use super::{Cases, raw};
use crate::support::{School, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

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

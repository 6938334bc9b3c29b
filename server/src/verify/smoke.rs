//! `verify smoke`: the main job on a running installation.
//!
//! Without a token only what anyone may do is checked. With an administrator's token (scopes read, write and admin) a course and a student
//! are made, a file attached, an answer given, submitted, graded, published and read; then the course is archived and the student's account
//! deactivated, so that nothing of the check is left in use.

use super::walk::{Walk, id, text};
use super::{Checks, Seen, well};
use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// How long the grader may take for one answer, with everything before it in the queue.
const PATIENCE: Duration = Duration::from_secs(120);
const FILE: &[u8] = b"Light is caught by chlorophyll. This file belongs to a check of the installation.";

/// What anyone may see.
pub async fn public(walk: &Walk, checks: &mut Checks) {
    for (id, path, says) in [
        ("smoke.health", "/health", "ok"),
        ("smoke.ready", "/health/ready", "ready"),
        ("smoke.sign_in", "/sign-in", "Sign in"),
        ("smoke.register", "/register", "egister"),
        ("smoke.openapi", "/api/openapi.json", "openapi"),
    ] {
        checks.run(id, path, async { well(walk.page(path, says).await?) }).await;
    }
    let refused = async { well(walk.refuses("/api/v1/me").await?) };
    checks.run("smoke.strangers", "strangers are refused", refused).await;
}

/// What is to be cleaned up.
#[derive(Default)]
struct Made {
    course: Option<String>,
    student: Option<String>,
}

/// The main job. Cleans up whatever happened.
pub async fn main_job(walk: &Walk, token: &str, checks: &mut Checks) {
    let mut made = Made::default();
    let began = Instant::now();
    let went = steps(walk, token, &mut made, checks).await;
    let went = went.and_then(|()| well("from an empty course to a published result"));
    checks.note("smoke.main_job", "the main job", began, went);
    let began = Instant::now();
    let cleaned = async {
        if let Some(course) = &made.course {
            walk.api(Method::POST, &format!("/courses/{course}/archive"), token, None)
                .await
                .context("archiving the course")?;
        }
        if let Some(student) = &made.student {
            walk.api(Method::POST, &format!("/admin/users/{student}/deactivate"), token, None)
                .await
                .context("deactivating the student")?;
        }
        well("the course is archived, the student deactivated")
    };
    let cleaned = cleaned.await;
    checks.note("smoke.clean_up", "clean up", began, cleaned);
}

/// Notes a step that went well and starts the clock of the next.
fn pass(checks: &mut Checks, began: &mut Instant, id: &str, name: &str, words: &str) {
    checks.note(&format!("smoke.{id}"), name, *began, Ok(Seen::Well(words.to_owned())));
    *began = Instant::now();
}

async fn steps(walk: &Walk, token: &str, made: &mut Made, checks: &mut Checks) -> anyhow::Result<()> {
    let mut began = Instant::now();
    // Unique, so that the check can be repeated.
    let mark = uuid::Uuid::now_v7().simple().to_string();
    let course = json!({ "code": format!("SMOKE-{}", &mark[..12]), "title": "Check of the installation" });
    let course = id(&walk
        .api(Method::POST, "/courses", token, Some(course))
        .await
        .context("making a course")?)?;
    made.course = Some(course.clone());
    let student =
        json!({ "email": format!("smoke-{mark}@localhost.localdomain"), "name": "Check of the installation" });
    let answer = walk
        .api(Method::POST, "/admin/users", token, Some(student))
        .await
        .context("making a student")?;
    made.student = Some(id(&answer)?);
    let (email, password) = (
        text(&answer["account"]["email"])?,
        text(&answer["account"]["password"])?,
    );
    let enrol = json!({ "email": email, "role": "student" });
    walk.api(Method::POST, &format!("/courses/{course}/people"), token, Some(enrol))
        .await
        .context("enrolling the student")?;
    pass(checks, &mut began, "people", "course and student", "made and enrolled");

    let assignment = json!({ "title": "Check", "due_at": null, "closes_at": null });
    let place = format!("/courses/{course}/assignments");
    let assignment = id(&walk
        .api(Method::POST, &place, token, Some(assignment))
        .await
        .context("making an assignment")?)?;
    let question = json!({
        "prompt": "What do plants turn into sugar and oxygen in photosynthesis?",
        "points": 200,
        "key": { "kind": "short_answer", "allow_file": true },
        "references": ["Plants turn carbon dioxide and water into sugar and oxygen, using light."],
    });
    let place = format!("/assignments/{assignment}/questions");
    let question = id(&walk
        .api(Method::POST, &place, token, Some(question))
        .await
        .context("adding a question")?)?;
    walk.api(Method::POST, &format!("/assignments/{assignment}/publish"), token, None)
        .await
        .context("publishing the assignment")?;
    pass(checks, &mut began, "assignment", "assignment", "made and published");

    let student = walk
        .sign_in(&email, &password)
        .await
        .context("signing in as the student")?;
    pass(checks, &mut began, "signed_in", "sign in", "as the new student");
    let place = format!("/assignments/{assignment}/submission");
    let submission = id(&walk
        .signed_in(&student, Method::POST, &place, None)
        .await
        .context("starting")?)?;
    upload(walk, &student, &submission, &question)
        .await
        .context("sending a file")?;
    pass(
        checks,
        &mut began,
        "file",
        "upload and download",
        "the file came back byte for byte",
    );
    save(walk, &student, &submission, &question)
        .await
        .context("saving an answer")?;
    let place = format!("/submissions/{submission}/submit");
    let receipt = walk
        .signed_in(&student, Method::POST, &place, None)
        .await
        .context("submitting")?;
    check_receipt(walk, &receipt).await.context("checking the receipt")?;
    pass(
        checks,
        &mut began,
        "submit",
        "submission",
        "taken, and its receipt holds",
    );

    graded(walk, token, &assignment).await?;
    let words = format!("after {:.1} s", began.elapsed().as_secs_f32());
    pass(checks, &mut began, "graded", "automated grading", &words);
    let publish = json!({ "even_if_unreviewed": true });
    walk.api(
        Method::POST,
        &format!("/assignments/{assignment}/grades/publish"),
        token,
        Some(publish),
    )
    .await
    .context("publishing the grades")?;
    let place = format!("/submissions/{submission}/result");
    let result = walk
        .signed_in(&student, Method::GET, &place, None)
        .await
        .context("reading the result")?;
    ensure!(
        result["of"] == 200 && result["total"].is_i64(),
        "the result is not whole: {result}"
    );
    pass(
        checks,
        &mut began,
        "result",
        "result",
        "published and read by the student",
    );
    for (path, says) in [("/", "SMOKE-"), (&*format!("/submissions/{submission}/result"), "2")] {
        let response = student.get(format!("{}{path}", walk.base)).send().await?;
        let status = response.status();
        ensure!(status.is_success(), "{path} answered {status}");
        ensure!(response.text().await?.contains(says), "{path} does not show it");
    }
    pass(
        checks,
        &mut began,
        "dashboard",
        "dashboards",
        "the student's pages show the course and the result",
    );
    let response = student.get(format!("{}/tour?tour=student-1", walk.base)).send().await?;
    let said = response.error_for_status()?.text().await?;
    ensure!(said.contains("1 of "), "/tour does not lead through the pages");
    pass(
        checks,
        &mut began,
        "tour",
        "tour",
        "the student is led through the pages",
    );
    Ok(())
}

async fn upload(walk: &Walk, student: &Client, submission: &str, question: &str) -> anyhow::Result<()> {
    let announced =
        json!({ "question": question, "name": "check.txt", "media_type": "text/plain", "size": FILE.len() });
    let place = format!("/submissions/{submission}/files");
    let upload = walk.signed_in(student, Method::POST, &place, Some(announced)).await?;
    let address = text(&upload["url"])?;
    // The store itself, not us: our cookie is not for it.
    let mut put = walk.client.put(absolute(walk, &address)).body(FILE.to_vec());
    for header in upload["headers"].as_array().context("no headers")? {
        put = put.header(text(&header[0])?, text(&header[1])?);
    }
    let sent = put.send().await?.status();
    ensure!(sent.is_success(), "the store answered {sent}");
    let file = text(&upload["file"])?;
    let hash = json!({ "sha256": hex::encode(Sha256::digest(FILE)) });
    let finished = walk
        .signed_in(student, Method::POST, &format!("/files/{file}/finish"), Some(hash))
        .await?;
    ensure!(
        finished["state"] == "ready",
        "the file was not taken: {}",
        finished["problem"]
    );
    let found = student
        .get(format!("{}/api/v1/files/{file}/content", walk.base))
        .send()
        .await?;
    let found = match found.headers().get("location") {
        Some(place) => walk.client.get(absolute(walk, place.to_str()?)).send().await?,
        None => found,
    };
    ensure!(found.status().is_success(), "fetching it answered {}", found.status());
    ensure!(found.bytes().await? == FILE, "other bytes came back");
    Ok(())
}

fn absolute(walk: &Walk, address: &str) -> String {
    match address.starts_with('/') {
        true => format!("{}{address}", walk.base),
        false => address.to_owned(),
    }
}

async fn save(walk: &Walk, student: &Client, submission: &str, question: &str) -> anyhow::Result<()> {
    let change = json!({ "changes": [{
        "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0,
        "value": { "is": "text", "value": "Carbon dioxide and water, with the energy of light." },
    }]});
    let place = format!("/submissions/{submission}/changes");
    let saved = walk.signed_in(student, Method::POST, &place, Some(change)).await?;
    ensure!(
        saved["acknowledged"].as_array().is_some_and(|list| list.len() == 1),
        "the answer was not acknowledged: {saved}"
    );
    Ok(())
}

async fn graded(walk: &Walk, token: &str, assignment: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let place = format!("/assignments/{assignment}/progress");
        let progress = walk
            .api(Method::GET, &place, token, None)
            .await
            .context("watching the grader")?;
        let first = &progress["questions"][0];
        match (first["graded"].as_u64(), first["failed"].as_u64()) {
            (Some(1..), Some(0)) => return Ok(()),
            (_, Some(1..)) => bail!("the answer could not be graded"),
            _ if began.elapsed() > PATIENCE => {
                bail!("the answer was not graded within {} seconds", PATIENCE.as_secs())
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn check_receipt(walk: &Walk, receipt: &Value) -> anyhow::Result<()> {
    let submission = text(&receipt["submission"])?;
    let at = receipt["submitted_at"]["at"].as_i64().context("no time")?;
    let (hash, signature) = (text(&receipt["content_hash"])?, text(&receipt["signature"])?);
    let paper = format!("submission {submission}\nsubmitted {at}\nsha256 {hash}\n{signature}\n");
    let body = Some(json!({ "text": paper }));
    let (_, verdict) = walk.call(Method::POST, "/api/v1/receipts/verify", None, body).await?;
    ensure!(verdict["valid"] == true, "not valid: {verdict}");
    Ok(())
}

//! Markup is only text.

use super::Cases;
use crate::support::{School, TestApp, short_answer};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

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

//! `verify smoke`: the main job on a running installation, one line per check.
//!
//! Without a token only what anyone may do is checked. With an administrator's token (scopes read, write and admin) a course and a student
//! are made, an answer is given, submitted, graded, published and read; then the course is archived and the student's account deactivated,
//! so that nothing of the check is left in use.

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the grader may take for one answer, with everything before it in the queue.
const PATIENCE: Duration = Duration::from_secs(120);

/// Walks the main job on a running server; a failure when any check fails.
pub async fn smoke(base_url: &str, token: Option<&str>) -> anyhow::Result<ExitCode> {
    let base = base_url.trim_end_matches('/').to_owned();
    ensure!(
        base.starts_with("http://"),
        "this check speaks plain HTTP: give an http:// address of the server itself, behind its proxy"
    );
    let client = Client::builder()
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut walk = Walk {
        base,
        client,
        failed: 0,
    };
    walk.public().await;
    match token {
        Some(token) => walk.main_job(token).await,
        None => say("skip", "the main job: give an administrator's token with --token"),
    }
    Ok(if walk.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Walk {
    base: String,
    client: Client,
    failed: u32,
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
fn say(verdict: &str, what: &str) {
    println!("{verdict:4}  {what}");
}

impl Walk {
    async fn public(&mut self) {
        for (path, says) in [
            ("/health", "ok"),
            ("/health/ready", "ready"),
            ("/sign-in", "Sign in"),
            ("/register", "egister"),
            ("/api/openapi.json", "openapi"),
        ] {
            let found = self.page(path, says).await;
            self.note(path, found);
        }
        let refused = self
            .call(Method::GET, "/api/v1/me", None, None)
            .await
            .map(|(status, _)| status);
        let refused = refused.and_then(|status| {
            if status == StatusCode::UNAUTHORIZED {
                Ok(())
            } else {
                bail!("answered {status} to a stranger")
            }
        });
        self.note("strangers are refused", refused);
    }

    async fn page(&self, path: &str, says: &str) -> anyhow::Result<()> {
        let response = self.client.get(format!("{}{path}", self.base)).send().await?;
        let status = response.status();
        ensure!(status.is_success(), "answered {status}");
        ensure!(response.text().await?.contains(says), "does not say “{says}”");
        Ok(())
    }

    /// Cleans up whatever happened.
    async fn main_job(&mut self, token: &str) {
        let mut made = Made::default();
        let went = self.steps(token, &mut made).await;
        self.note("the main job", went);
        if let Some(course) = &made.course {
            let cleaned = self
                .api(Method::POST, &format!("/courses/{course}/archive"), token, None)
                .await
                .map(drop);
            self.note("clean up: archive the course", cleaned);
        }
        if let Some(student) = &made.student {
            let cleaned = self
                .api(Method::POST, &format!("/admin/users/{student}/deactivate"), token, None)
                .await
                .map(drop);
            self.note("clean up: deactivate the student", cleaned);
        }
    }

    async fn steps(&mut self, token: &str, made: &mut Made) -> anyhow::Result<()> {
        // Unique, so that the check can be repeated.
        let mark = uuid::Uuid::now_v7().simple().to_string();
        let course = json!({ "code": format!("SMOKE-{}", &mark[..12]), "title": "Check of the installation" });
        let course = id(&self
            .api(Method::POST, "/courses", token, Some(course))
            .await
            .context("making a course")?)?;
        made.course = Some(course.clone());
        self.pass("make a course");

        let student =
            json!({ "email": format!("smoke-{mark}@localhost.localdomain"), "name": "Check of the installation" });
        let answer = self
            .api(Method::POST, "/admin/users", token, Some(student))
            .await
            .context("making a student")?;
        made.student = Some(id(&answer)?);
        let (email, password) = (
            text(&answer["account"]["email"])?,
            text(&answer["account"]["password"])?,
        );
        let enrol = json!({ "email": email, "role": "student" });
        self.api(Method::POST, &format!("/courses/{course}/people"), token, Some(enrol))
            .await
            .context("enrolling the student")?;
        self.pass("make a student and enrol them");

        let assignment = json!({ "title": "Check", "due_at": null, "closes_at": null });
        let assignment = id(&self
            .api(
                Method::POST,
                &format!("/courses/{course}/assignments"),
                token,
                Some(assignment),
            )
            .await
            .context("making an assignment")?)?;
        let question = json!({
            "prompt": "What do plants turn into sugar and oxygen in photosynthesis?",
            "points": 200,
            "key": { "kind": "short_answer", "allow_file": false },
            "references": ["Plants turn carbon dioxide and water into sugar and oxygen, using light."],
        });
        let question = id(&self
            .api(
                Method::POST,
                &format!("/assignments/{assignment}/questions"),
                token,
                Some(question),
            )
            .await
            .context("adding a question")?)?;
        self.api(Method::POST, &format!("/assignments/{assignment}/publish"), token, None)
            .await
            .context("publishing the assignment")?;
        self.pass("make an assignment and publish it");

        let student = self
            .sign_in(&email, &password)
            .await
            .context("signing in as the student")?;
        self.pass("sign in as the student");
        let submission = id(&self
            .as_student(
                &student,
                Method::POST,
                &format!("/assignments/{assignment}/submission"),
                None,
            )
            .await
            .context("starting")?)?;
        let change = json!({ "changes": [{
            "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0,
            "value": { "is": "text", "value": "Carbon dioxide and water, with the energy of light." },
        }]});
        let saved = self
            .as_student(
                &student,
                Method::POST,
                &format!("/submissions/{submission}/changes"),
                Some(change),
            )
            .await
            .context("saving an answer")?;
        ensure!(
            saved["acknowledged"].as_array().is_some_and(|list| list.len() == 1),
            "the answer was not acknowledged: {saved}"
        );
        self.pass("save an answer");
        let receipt = self
            .as_student(
                &student,
                Method::POST,
                &format!("/submissions/{submission}/submit"),
                None,
            )
            .await
            .context("submitting")?;
        self.check_receipt(&receipt).await.context("checking the receipt")?;
        self.pass("submit, and check the receipt");

        let began = Instant::now();
        loop {
            let progress = self
                .api(Method::GET, &format!("/assignments/{assignment}/progress"), token, None)
                .await
                .context("watching the grader")?;
            let first = &progress["questions"][0];
            match (first["graded"].as_u64(), first["failed"].as_u64()) {
                (Some(1..), Some(0)) => break,
                (_, Some(1..)) => bail!("the answer could not be graded"),
                _ if began.elapsed() > PATIENCE => {
                    bail!("the answer was not graded within {} seconds", PATIENCE.as_secs())
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        self.pass(&format!("graded after {:.1} s", began.elapsed().as_secs_f32()));
        let publish = json!({ "even_if_unreviewed": true });
        self.api(
            Method::POST,
            &format!("/assignments/{assignment}/grades/publish"),
            token,
            Some(publish),
        )
        .await
        .context("publishing the grades")?;
        let result = self
            .as_student(
                &student,
                Method::GET,
                &format!("/submissions/{submission}/result"),
                None,
            )
            .await
            .context("reading the result")?;
        ensure!(
            result["of"] == 200 && result["total"].is_i64(),
            "the result is not whole: {result}"
        );
        self.pass("publish, and read the result");
        Ok(())
    }

    async fn check_receipt(&self, receipt: &Value) -> anyhow::Result<()> {
        let (submission, at) = (
            text(&receipt["submission"])?,
            receipt["submitted_at"]["at"].as_i64().context("no time")?,
        );
        let (hash, signature) = (text(&receipt["content_hash"])?, text(&receipt["signature"])?);
        let paper = format!("submission {submission}\nsubmitted {at}\nsha256 {hash}\n{signature}\n");
        let (_, verdict) = self
            .call(
                Method::POST,
                "/api/v1/receipts/verify",
                None,
                Some(json!({ "text": paper })),
            )
            .await?;
        ensure!(verdict["valid"] == true, "not valid: {verdict}");
        Ok(())
    }

    /// A client that is signed in as a browser would be.
    async fn sign_in(&self, email: &str, password: &str) -> anyhow::Result<Client> {
        let client = Client::builder()
            .timeout(Duration::from_secs(30))
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let form = [("email", email), ("password", password)];
        let response = client
            .post(format!("{}/rpc/account/sign_in", self.base))
            .form(&form)
            .send()
            .await?;
        ensure!(
            response.status().is_success() || response.status().is_redirection(),
            "answered {}",
            response.status()
        );
        Ok(client)
    }

    async fn as_student(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let request = client.request(method, format!("{}/api/v1{path}", self.base));
        whole(send(request, body).await?)
    }

    async fn api(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> anyhow::Result<Value> {
        whole(self.call(method, &format!("/api/v1{path}"), Some(token), body).await?)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        send(request, body).await
    }

    fn pass(&self, what: &str) {
        say("ok", what);
    }

    fn note(&mut self, what: &str, result: anyhow::Result<()>) {
        match result {
            Ok(()) => self.pass(what),
            Err(error) => {
                self.failed += 1;
                say("FAIL", &format!("{what}: {error:#}"));
            }
        }
    }
}

/// What is to be cleaned up.
#[derive(Default)]
struct Made {
    course: Option<String>,
    student: Option<String>,
}

async fn send(mut request: reqwest::RequestBuilder, body: Option<Value>) -> anyhow::Result<(StatusCode, Value)> {
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

fn whole((status, body): (StatusCode, Value)) -> anyhow::Result<Value> {
    ensure!(
        status.is_success(),
        "answered {status}: {}",
        body["detail"].as_str().unwrap_or_default()
    );
    Ok(body)
}

fn id(answer: &Value) -> anyhow::Result<String> {
    text(&answer["id"])
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).context("the answer lacks a part")
}

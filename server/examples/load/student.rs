//! One browser: opens the page, types, saves what was not acknowledged yet, perhaps attaches a file, perhaps submits.

use crate::Options;
use crate::people::{PASSWORD, Place};
use crate::report::{Kind, Results};
use anyhow::{Context, ensure};
use app::ids::{JournalId, QuestionId, SubmissionId};
use app::question::model::AnswerValue;
use app::submission::model::{Change, Saved};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::multipart::{Form, Part};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How each browser reaches the server.
pub struct Clients {
    base: String,
    ca: Option<reqwest::Certificate>,
    connect: Option<(String, std::net::SocketAddr)>,
}

impl Clients {
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        let ca = match &options.ca {
            Some(file) => Some(reqwest::Certificate::from_pem(&std::fs::read(file)?)?),
            None => None,
        };
        let base = options.base_url.trim_end_matches('/').to_owned();
        let host = reqwest::Url::parse(&base)?
            .host_str()
            .context("--base-url names no host")?
            .to_owned();
        let connect = options.connect.map(|address| (host, address));
        Ok(Self { base, ca, connect })
    }

    fn client(&self) -> anyhow::Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30));
        if let Some(ca) = &self.ca {
            builder = builder.add_root_certificate(ca.clone());
        }
        if let Some((host, address)) = &self.connect {
            builder = builder.resolve(host, *address);
        }
        Ok(builder.build()?)
    }
}

/// When a run ends and what its students do.
#[derive(Clone, Copy)]
pub struct Plan {
    pub began: Instant,
    pub until: Instant,
    pub submit: bool,
    pub students: usize,
    pub uploaders: usize,
}

pub struct Student {
    http: reqwest::Client,
    base: String,
    page: String,
    submission: SubmissionId,
    question: QuestionId,
    number: usize,
    /// Typed, but not acknowledged yet.
    unsent: Vec<Change>,
    submitted: bool,
}

/// Signs everyone in and opens their submissions, a few at a time.
pub async fn start_all(clients: &Clients, students: usize, place: &Place) -> anyhow::Result<Vec<Student>> {
    stream::iter(0..students)
        .map(|number| Student::start(clients, number, place))
        .buffer_unordered(8)
        .try_collect()
        .await
}

impl Student {
    async fn start(clients: &Clients, number: usize, place: &Place) -> anyhow::Result<Student> {
        let (http, base) = (clients.client()?, clients.base.clone());
        let sign_in = [("email", place.email(number)), ("password", PASSWORD.to_owned())];
        let answer = http
            .post(format!("{base}/rpc/account/sign_in"))
            .form(&sign_in)
            .send()
            .await?;
        let fine = answer.status().is_success() || answer.status().is_redirection();
        ensure!(fine, "signing in: {}", answer.status());
        let answer = http
            .post(format!("{base}/rpc/submission/start"))
            .header("accept", "application/json")
            .form(&[("assignment", place.assignment.to_string())])
            .send()
            .await?;
        ensure!(
            !answer.status().is_client_error() && !answer.status().is_server_error(),
            "starting: {}",
            answer.status()
        );
        Ok(Student {
            http,
            page: format!("{base}/assignments/{}/answer", place.assignment),
            base,
            submission: answer.json().await?,
            question: place.question,
            number,
            unsent: Vec::new(),
            submitted: false,
        })
    }

    pub async fn work(mut self, results: Arc<Results>, plan: Plan) {
        // Spread over the first second, as people are.
        tokio::time::sleep(Duration::from_millis(self.number as u64 * 7 % 1000)).await;
        let mut next = Instant::now();
        let mut round = self.number;
        let length = plan.until - plan.began;
        let hand_in = plan.began + length.mul_f64(0.1 + 0.8 * self.number as f64 / plan.students.max(1) as f64);
        while Instant::now() < plan.until {
            if round.is_multiple_of(10) {
                results.measure(Kind::Page, self.http.get(&self.page).send()).await;
            }
            if plan.uploaders > 0
                && self.number.is_multiple_of(plan.uploaders)
                && round.is_multiple_of(5)
                && !self.submitted
            {
                self.upload(&results).await;
            }
            if !self.submitted {
                self.type_something(round);
                self.save(&results).await;
                if plan.submit && Instant::now() >= hand_in && self.unsent.is_empty() {
                    self.submit(&results).await;
                }
            }
            round += 1;
            next += Duration::from_secs(1);
            let now = Instant::now();
            if next > now {
                tokio::time::sleep(next - now).await;
            } else {
                // Slower than a second a round: go on from here instead of running after the lost time.
                next = now;
            }
        }
    }

    fn type_something(&mut self, round: usize) {
        let text =
            format!("Round {round}: every change is written before it is acknowledged, and then the next one comes.");
        self.unsent.push(Change {
            id: JournalId::new(),
            question: self.question,
            value: AnswerValue::Text(text),
            typed_at: app::time::Timestamp(i64::try_from(round).unwrap_or_default()),
        });
    }

    async fn save(&mut self, results: &Results) {
        let sent_at = self.unsent.last().map(|change| change.typed_at);
        let body = json!({ "submission": self.submission, "changes": self.unsent, "sent_at": sent_at });
        let request = self
            .http
            .post(format!("{}/rpc/submission/save", self.base))
            .json(&body)
            .send();
        if let Some(body) = results.measure(Kind::Save, request).await
            && let Ok(saved) = serde_json::from_slice::<Saved>(&body)
        {
            self.unsent.retain(|change| !saved.acknowledged.contains(&change.id));
            results.saved(saved.acknowledged);
        }
    }

    async fn upload(&self, results: &Results) {
        let part = Part::bytes(format!("Notes of student {}", self.number).into_bytes()).file_name("notes.txt");
        let Ok(part) = part.mime_str("text/plain") else { return };
        let form = Form::new()
            .text("submission", self.submission.to_string())
            .text("question", self.question.to_string())
            .part("file", part);
        let request = self
            .http
            .post(format!("{}/files/upload", self.base))
            .multipart(form)
            .send();
        results.measure(Kind::Upload, request).await;
    }

    async fn submit(&mut self, results: &Results) {
        let request = self
            .http
            .post(format!("{}/api/v1/submissions/{}/submit", self.base, self.submission))
            .send();
        if results.measure(Kind::Submit, request).await.is_some() {
            self.submitted = true;
            results.submitted(self.submission);
        }
    }
}

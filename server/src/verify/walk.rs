//! A visitor of a running server: anonymous, with a token, or signed in as a browser would be.

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

#[derive(Clone)]
pub struct Walk {
    pub base: String,
    pub client: Client,
    ca: Option<reqwest::Certificate>,
}

impl Walk {
    /// `ca_file`: an authority to trust besides the system's.
    pub fn new(base_url: &str, ca_file: Option<&Path>) -> anyhow::Result<Walk> {
        let base = base_url.trim_end_matches('/').to_owned();
        ensure!(
            base.starts_with("http://") || base.starts_with("https://"),
            "{base} is no address: it must begin with https:// or http://"
        );
        let ca = match ca_file {
            Some(file) => {
                let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
                Some(reqwest::Certificate::from_pem(&text)?)
            }
            None => None,
        };
        let client = build(ca.as_ref(), false)?;
        Ok(Walk { base, client, ca })
    }

    pub async fn page(&self, path: &str, says: &str) -> anyhow::Result<String> {
        let response = self.client.get(format!("{}{path}", self.base)).send().await?;
        let status = response.status();
        ensure!(status.is_success(), "{path} answered {status}");
        ensure!(response.text().await?.contains(says), "{path} does not say “{says}”");
        Ok(format!("{path} answers"))
    }

    /// Signs in as a browser does; the client keeps the cookie.
    pub async fn sign_in(&self, email: &str, password: &str) -> anyhow::Result<Client> {
        let client = build(self.ca.as_ref(), true)?;
        let form = [("email", email), ("password", password)];
        let response = client
            .post(format!("{}/rpc/account/sign_in", self.base))
            .form(&form)
            .send()
            .await?;
        let status = response.status();
        ensure!(status.is_success() || status.is_redirection(), "answered {status}");
        Ok(client)
    }

    pub async fn signed_in(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        whole(send(client.request(method, format!("{}/api/v1{path}", self.base)), body).await?)
    }

    pub async fn api(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> anyhow::Result<Value> {
        whole(self.call(method, &format!("/api/v1{path}"), Some(token), body).await?)
    }

    pub async fn call(
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

    /// What a path answers to a stranger must be this status.
    pub async fn refuses(&self, path: &str) -> anyhow::Result<String> {
        match self.call(Method::GET, path, None, None).await?.0 {
            StatusCode::UNAUTHORIZED => Ok(format!("{path} answers 401 to a stranger")),
            status => bail!("{path} answered {status} to a stranger"),
        }
    }
}

fn build(ca: Option<&reqwest::Certificate>, cookies: bool) -> anyhow::Result<Client> {
    let mut builder = Client::builder()
        .timeout(Duration::from_secs(30))
        .cookie_store(cookies)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(ca) = ca {
        builder = builder.add_root_certificate(ca.clone());
    }
    Ok(builder.build()?)
}

pub async fn send(mut request: reqwest::RequestBuilder, body: Option<Value>) -> anyhow::Result<(StatusCode, Value)> {
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

pub fn whole((status, body): (StatusCode, Value)) -> anyhow::Result<Value> {
    ensure!(
        status.is_success(),
        "answered {status}: {}",
        body["detail"].as_str().unwrap_or_default()
    );
    Ok(body)
}

pub fn id(answer: &Value) -> anyhow::Result<String> {
    text(&answer["id"])
}

pub fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).context("the answer lacks a part")
}

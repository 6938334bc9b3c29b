//! Somebody's browser or program.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// Keeps cookies, follows no redirect.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub http: reqwest::Client,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null when it is no JSON.
    pub json: Value,
}

impl Client {
    pub fn new(base: &str) -> Client {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(60))
            .no_proxy()
            .build()
            .unwrap();
        Client {
            base: base.to_owned(),
            http,
            token: None,
        }
    }

    /// The same address with a token and without cookies.
    pub fn with_token(&self, token: &str) -> Client {
        Client {
            token: Some(token.to_owned()),
            ..Client::new(&self.base)
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let target = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let request = self.http.request(method, target);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Reply {
        Reply::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// A server function with an ordinary form.
    pub async fn rpc(&self, name: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(self.request(Method::POST, &format!("/rpc/{name}")).form(fields))
            .await
    }

    /// The same form from a browser without JavaScript.
    pub async fn form(&self, name: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self
            .request(Method::POST, &format!("/rpc/{name}"))
            .header("accept", "text/html,*/*")
            .form(fields);
        self.send(request).await
    }

    /// A server function that takes JSON.
    pub async fn rpc_json(&self, name: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, &format!("/rpc/{name}")).json(body))
            .await
    }

    /// The REST API; `path` without `/api/v1`.
    pub async fn rest(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.request(method, &format!("/api/v1{path}"));
        self.send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.rest(Method::POST, path, Some(body)).await
    }

    /// The answer, which must be a success.
    pub async fn ok(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let reply = self.rest(method.clone(), path, body).await;
        assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text);
        reply.json
    }

    /// The id of what a POST made.
    pub async fn make(&self, path: &str, body: Value) -> String {
        let made = self.ok(Method::POST, path, Some(body)).await;
        made["id"].as_str().unwrap().to_owned()
    }
}

impl Reply {
    pub async fn of(response: reqwest::Response) -> Reply {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_default();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            text,
            json,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// What a person is told.
    pub fn words(&self) -> String {
        let of = |name: &str| self.json[name].as_str().map(str::to_owned);
        of("detail")
            .or_else(|| of("message"))
            .unwrap_or_else(|| self.text.clone())
    }
}

//! Only our own pages may change things with a session: the second wall behind same-site cookies.

use app::error::AppError;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses unsafe requests that a browser sent from another site. Programs send neither header; bearer tokens need no cookie.
pub async fn check(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || same_site(request.headers()) || request.headers().contains_key(header::AUTHORIZATION) {
        next.run(request).await
    } else {
        AppError::forbidden("This request came from another website. Open the page here and try again.").into_response()
    }
}

fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None => true,
        Some(origin) => origin.split_once("://").map(|(_, host)| host) == text("host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn other_sites_are_refused() {
        assert!(same_site(&headers(&[])));
        assert!(same_site(&headers(&[
            ("host", "a.example"),
            ("origin", "https://a.example")
        ])));
        assert!(same_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!same_site(&headers(&[
            ("host", "a.example"),
            ("origin", "https://evil.example")
        ])));
        assert!(!same_site(&headers(&[("host", "a.example"), ("origin", "null")])));
        assert!(!same_site(&headers(&[
            ("sec-fetch-site", "cross-site"),
            ("host", "a.example"),
            ("origin", "https://a.example")
        ])));
    }
}

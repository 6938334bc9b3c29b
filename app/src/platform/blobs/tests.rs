use super::*;
use axum::body::Body;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

const ORIGIN: &str = "http://127.0.0.1:3000";
const MINUTE: Duration = Duration::from_secs(60);

fn store() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::embedded(folder.path(), &"5".repeat(64)).expect("a store");
    (folder, blobs)
}

async fn send(
    blobs: &Blobs,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &'static str,
) -> (StatusCode, String) {
    let url: url::Url = url.parse().expect("an address");
    let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:3000");
    if method == "PUT" {
        request = request.header("content-length", body.len());
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let router = blobs.router().expect("an embedded store has a route");
    let response = router
        .oneshot(request.body(Body::from(body)).expect("a request"))
        .await
        .expect("an answer");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .expect("a body");
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_file_comes_back_and_goes() {
    let (folder, blobs) = store();
    blobs
        .put("files/1", "one two".as_bytes().to_vec(), "text/plain")
        .await
        .expect("stored");
    assert_eq!(blobs.head("files/1").await.expect("head"), Some(Head { size: 7 }));
    assert_eq!(blobs.get("files/1").await.expect("read"), "one two");
    blobs.delete("files/1").await.expect("removed");
    blobs.delete("files/1").await.expect("removing twice is fine");
    assert_eq!(blobs.head("files/1").await.expect("head"), None);
    assert_eq!(
        blobs.get("files/1").await.expect_err("gone").kind,
        crate::error::ErrorKind::NotFound
    );
    assert!(blobs.probe().await.expect("works") > Duration::ZERO);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(Result::ok)
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["storage"], "nothing is left behind");
}

#[tokio::test]
async fn a_browser_uploads_and_downloads_with_signed_addresses() {
    let (_folder, blobs) = store();
    let put = blobs
        .presign_put("incoming/1", ORIGIN, "text/plain", 5, MINUTE)
        .await
        .expect("signed");
    assert!(
        put.url.starts_with("http://127.0.0.1:3000/storage/incoming/1?"),
        "{}",
        put.url
    );
    let (status, words) = send(&blobs, "PUT", &put.url, &put.headers, "hello").await;
    assert_eq!(status, StatusCode::OK, "{words}");
    let get = blobs
        .presign_get("incoming/1", ORIGIN, "Übung \"1\".txt", MINUTE)
        .await
        .expect("signed");
    assert_eq!(
        send(&blobs, "GET", &get, &[], "").await,
        (StatusCode::OK, "hello".into())
    );
}

#[tokio::test]
async fn what_was_not_signed_is_refused() {
    let (_folder, blobs) = store();
    let put = blobs
        .presign_put("incoming/1", ORIGIN, "text/plain", 5, MINUTE)
        .await
        .expect("signed");
    let refused = async |method: &str, url: &str, headers: &[(String, String)], body: &'static str| {
        let (status, words) = send(&blobs, method, url, headers, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {url} {words}");
    };
    refused("PUT", &put.url, &put.headers, "longer than signed").await;
    refused("PUT", &put.url, &put.headers, "hi").await;
    refused(
        "PUT",
        &put.url.replace("incoming/1", "incoming/2"),
        &put.headers,
        "hello",
    )
    .await;
    refused("PUT", &put.url, &[("content-type".into(), "text/html".into())], "hello").await;
    refused(
        "PUT",
        &put.url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        &put.headers,
        "hello",
    )
    .await;
    refused("GET", &put.url, &[], "").await;
    refused("DELETE", &put.url, &put.headers, "").await;
    refused("GET", "http://127.0.0.1:3000/storage/incoming/1", &[], "").await;
    assert_eq!(blobs.head("incoming/1").await.expect("head"), None);
}

#[tokio::test]
async fn an_expired_address_is_refused() {
    let (_folder, blobs) = store();
    let put = blobs
        .presign_put("incoming/1", ORIGIN, "text/plain", 5, Duration::from_secs(1))
        .await
        .expect("signed");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let (status, _) = send(&blobs, "PUT", &put.url, &put.headers, "hello").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_address_of_another_installation_is_refused() {
    let (_folder, blobs) = store();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = Blobs::embedded(elsewhere.path(), &"6".repeat(64)).expect("a store");
    let put = other
        .presign_put("incoming/1", ORIGIN, "text/plain", 5, MINUTE)
        .await
        .expect("signed");
    assert_eq!(
        send(&blobs, "PUT", &put.url, &put.headers, "hello").await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_outside_service_names_its_origin() {
    let s3 = S3Config {
        endpoint: Some("http://minio:9000".into()),
        public_endpoint: Some("https://files.school.example".into()),
        region: "eu-central-1".into(),
        bucket: "grader".into(),
        access_key: "a".into(),
        secret_key: "b".into(),
        path_style: true,
    };
    let blobs = Blobs::s3(s3.clone());
    assert_eq!(blobs.outside_origin().as_deref(), Some("https://files.school.example"));
    assert!(blobs.router().is_none());
    let amazon = Blobs::s3(S3Config {
        endpoint: None,
        public_endpoint: None,
        path_style: false,
        ..s3
    });
    assert_eq!(
        amazon.outside_origin().as_deref(),
        Some("https://grader.s3.eu-central-1.amazonaws.com")
    );
}

#[test]
fn the_secret_stays_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("storage.key");
    let first = load_or_create_secret(&path).expect("made");
    assert_eq!(first.len(), 64);
    assert_eq!(load_or_create_secret(&path).expect("read"), first);
}

#[test]
fn names_are_safe_in_a_header() {
    assert_eq!(
        attachment("a\"b\r\nü.pdf"),
        "attachment; filename=\"a_b___.pdf\"; filename*=UTF-8''a%22b%0D%0A%C3%BC.pdf"
    );
}

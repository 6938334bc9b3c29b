//! The S3 service inside this process: a folder, an in-process connection for our own client, and a route for browsers.

use aws_sdk_s3::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use s3s::service::{S3Service, S3ServiceBuilder};
use std::path::{Path, PathBuf};

/// The bucket's name is the first part of the path browsers see.
pub const BUCKET: &str = "storage";
pub const ACCESS_KEY: &str = "auto-grader";

pub struct Embedded {
    service: S3Service,
    folder: PathBuf,
}

impl Embedded {
    pub fn open(folder: &Path, secret: &str) -> std::io::Result<Embedded> {
        std::fs::create_dir_all(folder.join(BUCKET))?;
        let files = s3s_fs::FileSystem::new(folder)
            .map_err(|error| std::io::Error::other(format!("{}: {error:?}", folder.display())))?;
        let mut builder = S3ServiceBuilder::new(files);
        // With this, everything unsigned, altered or expired is refused.
        builder.set_auth(s3s::auth::SimpleAuth::from_single(ACCESS_KEY, secret));
        Ok(Embedded {
            service: builder.build(),
            folder: folder.to_owned(),
        })
    }

    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(InProcess(self.service.clone()))
    }

    pub fn router(&self) -> axum::Router {
        axum::Router::new()
            .route(&format!("/{BUCKET}/{{*key}}"), axum::routing::any(serve))
            .with_state(self.service.clone())
    }

    /// Waits until the file is on disk.
    pub async fn settle(&self, key: &str) -> std::io::Result<()> {
        tokio::fs::File::open(self.folder.join(BUCKET).join(key))
            .await?
            .sync_all()
            .await
    }

    /// Removes what the S3 implementation wrote down beside a file (its type, its checksums) and leaves behind on deletion.
    pub async fn forget_notes(&self, key: &str) {
        let stem = format!(
            ".bucket-{}.object-{}",
            URL_SAFE_NO_PAD.encode(BUCKET),
            URL_SAFE_NO_PAD.encode(key)
        );
        for ending in ["metadata.json", "internal.json"] {
            // Not there is as good as removed.
            let _ = tokio::fs::remove_file(self.folder.join(format!("{stem}.{ending}"))).await;
        }
    }
}

/// Reads the secret that signs requests to the folder, or makes one, readable by its owner alone.
pub fn load_or_create_secret(path: &Path) -> std::io::Result<String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            let secret = hex::encode(rand::random::<[u8; 32]>());
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let secret = std::fs::read_to_string(path)?.trim().to_owned();
            let whole = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
            if whole {
                Ok(secret)
            } else {
                Err(std::io::Error::other(format!(
                    "{} does not hold a storage secret",
                    path.display()
                )))
            }
        }
        Err(error) => Err(error),
    }
}

/// A browser with a pre-signed address. Reading and writing single files is all there is; no listing, no other operation.
async fn serve(State(service): State<S3Service>, mut request: Request) -> Response {
    let method_fits = matches!(*request.method(), Method::GET | Method::HEAD | Method::PUT);
    let signed = request
        .uri()
        .query()
        .is_some_and(|query| query.contains("X-Amz-Signature="));
    if !method_fits || !signed {
        return (
            StatusCode::FORBIDDEN,
            guard(HeaderMap::new()),
            "This address is not complete.\n",
        )
            .into_response();
    }
    let headers = request.headers_mut();
    headers.remove(header::COOKIE);
    headers.remove(header::AUTHORIZATION);
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => {
            let (mut parts, body) = response.into_parts();
            parts.headers = guard(parts.headers);
            Response::from_parts(parts, axum::body::Body::new(body))
        }
        Err(error) => {
            tracing::error!(cause = ?error, "the file store failed");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                guard(HeaderMap::new()),
                "The file store does not answer right now.\n",
            )
                .into_response()
        }
    }
}

/// A student's file must never act as a page of this application.
fn guard(mut headers: HeaderMap) -> HeaderMap {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers
}

/// The client's connection: a function call.
#[derive(Clone, Debug)]
struct InProcess(S3Service);

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move {
            let mut request = request.try_into_http1x().map_err(failed)?;
            if let Some(host) = request
                .uri()
                .authority()
                .and_then(|host| HeaderValue::from_str(host.as_str()).ok())
            {
                request.headers_mut().entry(header::HOST).or_insert(host);
            }
            let response = service.call(request.map(s3s::Body::http_body)).await.map_err(failed)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x)).map_err(failed)
        })
    }
}

fn failed(error: impl Into<aws_smithy_runtime_api::box_error::BoxError>) -> ConnectorError {
    ConnectorError::other(error.into(), None)
}

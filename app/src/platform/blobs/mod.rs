//! Files in an object store, always through the S3 protocol.
//!
//! Two places, one client: a bucket of any S3 service, or, by default, a folder served by an S3 implementation inside this
//! process. In the second case the client's requests never touch a network, and `router()` serves the same folder to browsers
//! below `/storage`, so that pre-signed addresses point at the application's own origin. Every request is signed, also inside.
//!
//! Nothing outside is contacted until the first request; credentials come from the configuration only.

mod bulk;
mod embedded;
mod lifecycle;
mod stand_alone;
#[cfg(test)]
mod tests;

use crate::error::{AppError, AppResult};
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
};
use aws_sdk_s3::config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::{Client, Config, primitives::ByteStream};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use axum::body::Bytes;
pub use bulk::{Listed, Listing};
pub use embedded::load_or_create_secret;
use sha2::Digest as _;
pub use stand_alone::StandAlone;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A handle to the store; cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    config: Config,
    bucket: String,
    /// Where browsers reach the store, if elsewhere than this process does.
    public_endpoint: Option<String>,
    outside_origin: Option<String>,
    embedded: Option<embedded::Embedded>,
}

/// Where an outside S3 service is and how to sign in there.
#[derive(Clone)]
pub struct S3Config {
    /// `https://s3.example.org`; without it, Amazon's own address of the region.
    pub endpoint: Option<String>,
    /// The same service as browsers reach it, where that differs.
    pub public_endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: String,
    /// `endpoint/bucket/key` rather than `bucket.endpoint/key`; most services other than Amazon's want this.
    pub path_style: bool,
}

/// What the store knows of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub size: i64,
}

/// An address that allows one thing until it expires, and the headers that must go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

impl S3Config {
    /// Scheme and host of the addresses handed to browsers.
    fn browser_origin(&self) -> Option<String> {
        let amazon = || format!("https://s3.{}.amazonaws.com", self.region);
        let endpoint = self
            .public_endpoint
            .clone()
            .or_else(|| self.endpoint.clone())
            .unwrap_or_else(amazon);
        let origin = endpoint.parse::<url::Url>().ok()?.origin().ascii_serialization();
        if self.path_style {
            Some(origin)
        } else {
            Some(origin.replacen("://", &format!("://{}.", self.bucket), 1))
        }
    }
}

impl Blobs {
    /// A bucket of an outside service.
    pub fn s3(s3: S3Config) -> Blobs {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let outside_origin = s3.browser_origin();
        let credentials = Credentials::new(s3.access_key, s3.secret_key, None, None, "configuration");
        let mut builder = config(s3.region, credentials, http).force_path_style(s3.path_style);
        builder.set_endpoint_url(s3.endpoint);
        let config = builder.build();
        let client = Client::from_conf(config.clone());
        Blobs {
            inner: Arc::new(Inner {
                client,
                config,
                bucket: s3.bucket,
                public_endpoint: s3.public_endpoint,
                outside_origin,
                embedded: None,
            }),
        }
    }

    /// A folder, served by this process. `secret` signs the requests: random, one per installation (`load_or_create_secret`).
    pub fn embedded(folder: &Path, secret: &str) -> std::io::Result<Blobs> {
        let embedded = embedded::Embedded::open(folder, secret)?;
        let credentials = Credentials::new(embedded::ACCESS_KEY, secret, None, None, "installation");
        let config = config("us-east-1".into(), credentials, embedded.http_client())
            .force_path_style(true)
            // Never looked up: the requests stay in the process.
            .endpoint_url("http://storage.internal")
            .build();
        let client = Client::from_conf(config.clone());
        let (bucket, embedded) = (embedded::BUCKET.into(), Some(embedded));
        Ok(Blobs {
            inner: Arc::new(Inner {
                client,
                config,
                bucket,
                public_endpoint: None,
                outside_origin: None,
                embedded,
            }),
        })
    }

    /// What browsers talk to: merged at the root of the server. None with an outside service.
    pub fn router(&self) -> Option<axum::Router> {
        self.inner.embedded.as_ref().map(embedded::Embedded::router)
    }

    /// The origin browsers must be allowed to talk to besides our own, for the content security policy.
    pub fn outside_origin(&self) -> Option<String> {
        self.inner.outside_origin.clone()
    }

    /// Stores a file, replacing one of the same key.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>, media_type: &str) -> AppResult<()> {
        let bytes: Bytes = bytes.into();
        let sum = hex::encode(sha2::Sha256::digest(&bytes));
        let body = ByteStream::from(bytes);
        let request = self
            .inner
            .client
            .put_object()
            .bucket(&self.inner.bucket)
            .key(key)
            .content_type(media_type)
            // For whoever looks at the store without the database.
            .metadata("sha256", sum)
            .body(body);
        request.send().await.map_err(trouble)?;
        match &self.inner.embedded {
            Some(embedded) => embedded.settle(key).await.map_err(AppError::internal),
            None => Ok(()),
        }
    }

    /// A whole file. Ask `head` for its size first.
    pub async fn get(&self, key: &str) -> AppResult<Bytes> {
        let found = self
            .inner
            .client
            .get_object()
            .bucket(&self.inner.bucket)
            .key(key)
            .send()
            .await
            .map_err(trouble)?;
        found
            .body
            .collect()
            .await
            .map(|data| data.into_bytes())
            .map_err(|error| {
                tracing::error!(cause = %error, key, "a file broke off while it was read");
                unavailable()
            })
    }

    /// Whether there is such a file, and its size.
    pub async fn head(&self, key: &str) -> AppResult<Option<Head>> {
        match self
            .inner
            .client
            .head_object()
            .bucket(&self.inner.bucket)
            .key(key)
            .send()
            .await
        {
            Ok(found) => Ok(Some(Head {
                size: found.content_length().unwrap_or(0),
            })),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(trouble(error)),
        }
    }

    /// Removes a file; one that is not there is fine.
    pub async fn delete(&self, key: &str) -> AppResult<()> {
        self.inner
            .client
            .delete_object()
            .bucket(&self.inner.bucket)
            .key(key)
            .send()
            .await
            .map_err(trouble)?;
        if let Some(embedded) = &self.inner.embedded {
            embedded.forget_notes(key).await;
        }
        Ok(())
    }

    /// An address where a browser may put exactly this file: this type, this many bytes, until it expires.
    /// `origin` is the application's as the browser sees it (`ctx.client.origin`).
    pub async fn presign_put(
        &self,
        key: &str,
        origin: &str,
        media_type: &str,
        size: i64,
        expires: Duration,
    ) -> AppResult<Presigned> {
        let until = PresigningConfig::expires_in(expires).map_err(AppError::internal)?;
        let request = self.signing(origin).put_object().bucket(&self.inner.bucket).key(key);
        let signed = request
            .content_type(media_type)
            .content_length(size)
            .presigned(until)
            .await;
        Ok(presigned(signed.map_err(AppError::internal)?))
    }

    /// An address where a browser may fetch the file until it expires, to be saved under `file_name`.
    pub async fn presign_get(&self, key: &str, origin: &str, file_name: &str, expires: Duration) -> AppResult<String> {
        let until = PresigningConfig::expires_in(expires).map_err(AppError::internal)?;
        let request = self.signing(origin).get_object().bucket(&self.inner.bucket).key(key);
        let signed = request
            .response_content_disposition(attachment(file_name))
            .presigned(until)
            .await;
        Ok(signed.map_err(AppError::internal)?.uri().to_owned())
    }

    /// Writes, reads and removes a small file; how long that took.
    pub async fn probe(&self) -> AppResult<Duration> {
        let started = Instant::now();
        let key = format!("probe/{}", uuid::Uuid::now_v7());
        let sent = key.clone().into_bytes();
        self.put(&key, sent.clone(), "text/plain").await?;
        let same = self.get(&key).await? == sent;
        self.delete(&key).await?;
        if same {
            Ok(started.elapsed())
        } else {
            Err(AppError::internal(
                "the file store returned other bytes than were stored",
            ))
        }
    }

    /// A client for signing addresses that a browser will use.
    fn signing(&self, origin: &str) -> Client {
        let endpoint = match (&self.inner.embedded, &self.inner.public_endpoint) {
            // A request without a host: the address will not help a browser, but asking for it is no error.
            (Some(_), _) if origin.is_empty() => "http://localhost",
            (Some(_), _) => origin,
            (None, Some(public)) => public,
            (None, None) => return self.inner.client.clone(),
        };
        Client::from_conf(self.inner.config.to_builder().endpoint_url(endpoint).build())
    }
}

fn config(region: String, credentials: Credentials, http: SharedHttpClient) -> aws_sdk_s3::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                // Per try, for a file of the largest size on a slow day; what pages wait for is bounded by `probe` and their own limits.
                .operation_attempt_timeout(Duration::from_secs(60))
                .read_timeout(Duration::from_secs(10))
                .operation_timeout(Duration::from_secs(90))
                .build(),
        )
        // Services other than Amazon's often refuse the newer checksum headers; content is checked by SHA-256 in the file room.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
}

fn presigned(request: PresignedRequest) -> Presigned {
    // Browsers set these two by themselves and let nobody else do it.
    let ours = |name: &str| !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("content-length");
    let headers = request
        .headers()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Presigned {
        url: request.uri().to_owned(),
        headers,
    }
}

/// `attachment; filename="plain.pdf"; filename*=UTF-8''…` (RFC 6266).
fn attachment(file_name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let ascii: String = file_name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let encoded: String = file_name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn trouble<E: std::error::Error + 'static>(error: SdkError<E, HttpResponse>) -> AppError {
    if status(&error) == Some(404) {
        return AppError::not_found("The file");
    }
    FAILURES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    tracing::error!(cause = %aws_sdk_s3::error::DisplayErrorContext(&error), "the file store failed");
    unavailable()
}

static FAILURES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// How many requests to object stores have failed in this process so far.
pub fn failures() -> u64 {
    FAILURES.load(std::sync::atomic::Ordering::Relaxed)
}

fn unavailable() -> AppError {
    AppError::unavailable("The file store does not answer right now. Nothing was changed; try again in a moment.")
}

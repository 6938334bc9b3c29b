//! The folder store as an S3 service of its own, for a process that does nothing else: several buckets, every S3 request, all signed.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3s::service::{S3Service, S3ServiceBuilder};
use std::path::Path;

pub struct StandAlone {
    service: S3Service,
}

impl StandAlone {
    /// Serves the folders in `folder` as buckets to whoever signs with these keys.
    pub fn open(folder: &Path, access_key: &str, secret_key: &str) -> std::io::Result<StandAlone> {
        let files = s3s_fs::FileSystem::new(folder)
            .map_err(|error| std::io::Error::other(format!("{}: {error:?}", folder.display())))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(s3s::auth::SimpleAuth::from_single(access_key, secret_key));
        Ok(StandAlone {
            service: builder.build(),
        })
    }

    /// Everything below the root, and `/health` for whoever watches (no bucket can have this name while it is asked without a signature).
    pub fn router(self) -> axum::Router {
        axum::Router::new()
            .route("/health", axum::routing::get(|| async { "ok\n" }))
            .fallback(serve)
            .with_state(self.service)
    }
}

async fn serve(State(service): State<S3Service>, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            Response::from_parts(parts, axum::body::Body::new(body))
        }
        Err(error) => {
            tracing::error!(cause = ?error, "the file store failed");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The file store does not answer right now.\n",
            )
                .into_response()
        }
    }
}

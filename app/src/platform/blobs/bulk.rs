//! Many files and large ones: listing a bucket page by page, sending and fetching files of the disk in pieces.
//!
//! What backups, restores and migrations of storage need; pages of the application never do.

use super::{Blobs, S3Config, trouble, unavailable};
use crate::error::{AppError, AppResult};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Files larger than this go up in pieces of this size, so that memory stays small and a broken connection costs one piece.
const PIECE: usize = 16 * 1024 * 1024;

/// What a listing says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    pub size: i64,
    /// Changes with the content; its form is the service's own affair. Falls back to the time of the last change.
    pub etag: String,
    /// Seconds since 1970.
    pub modified: i64,
}

/// One page of a listing, sorted by key.
#[derive(Debug, Default)]
pub struct Listing {
    pub files: Vec<Listed>,
    /// Where the next page starts; none after the last.
    pub next: Option<String>,
}

impl Blobs {
    /// Another bucket of the same kind of service.
    pub fn with_bucket(s3: S3Config, bucket: String) -> Blobs {
        Blobs::s3(S3Config { bucket, ..s3 })
    }

    /// Makes the bucket if it is not there. Needs the right to, when it is not.
    pub async fn ensure_bucket(&self) -> AppResult<()> {
        let (client, bucket) = (&self.inner.client, &self.inner.bucket);
        if client.head_bucket().bucket(bucket).send().await.is_ok() {
            return Ok(());
        }
        client
            .create_bucket()
            .bucket(bucket)
            .send()
            .await
            .map(drop)
            .map_err(trouble)
    }

    /// A page of the files whose keys start with `prefix`.
    pub async fn list(&self, prefix: &str, page: Option<String>) -> AppResult<Listing> {
        let request = self
            .inner
            .client
            .list_objects_v2()
            .bucket(&self.inner.bucket)
            .prefix(prefix);
        let found = request.set_continuation_token(page).send().await.map_err(trouble)?;
        let files = found.contents().iter().filter_map(|object| {
            let modified = object.last_modified().map_or(0, |at| at.secs());
            let etag = object.e_tag().map_or_else(|| modified.to_string(), str::to_owned);
            Some(Listed {
                key: object.key()?.to_owned(),
                size: object.size().unwrap_or(0),
                etag,
                modified,
            })
        });
        Ok(Listing {
            files: files.collect(),
            next: found.next_continuation_token().map(str::to_owned),
        })
    }

    /// Every file whose key starts with `prefix`, all pages.
    pub async fn list_all(&self, prefix: &str) -> AppResult<Vec<Listed>> {
        let (mut all, mut page) = (Vec::new(), None);
        loop {
            let listing = self.list(prefix, page).await?;
            all.extend(listing.files);
            match listing.next {
                Some(next) => page = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Stores a file of the disk, in pieces when it is large.
    pub async fn put_file(&self, key: &str, path: &Path, media_type: &str) -> AppResult<()> {
        let size = tokio::fs::metadata(path).await.map_err(AppError::internal)?.len();
        if size <= PIECE as u64 {
            let bytes = tokio::fs::read(path).await.map_err(AppError::internal)?;
            return self.put(key, bytes, media_type).await;
        }
        let (client, bucket) = (&self.inner.client, &self.inner.bucket);
        let begun = client
            .create_multipart_upload()
            .bucket(bucket)
            .key(key)
            .content_type(media_type);
        let begun = begun.send().await.map_err(trouble)?;
        let id = begun.upload_id().unwrap_or_default().to_owned();
        let sent = self.put_pieces(key, path, &id).await;
        match sent {
            Ok(parts) => {
                let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
                let finish = client
                    .complete_multipart_upload()
                    .bucket(bucket)
                    .key(key)
                    .upload_id(&id);
                finish.multipart_upload(parts).send().await.map_err(trouble)?;
                match &self.inner.embedded {
                    Some(embedded) => embedded.settle(key).await.map_err(AppError::internal),
                    None => Ok(()),
                }
            }
            Err(error) => {
                // Left alone, the pieces would be paid for until somebody notices.
                let _ = client
                    .abort_multipart_upload()
                    .bucket(bucket)
                    .key(key)
                    .upload_id(&id)
                    .send()
                    .await;
                Err(error)
            }
        }
    }

    async fn put_pieces(&self, key: &str, path: &Path, id: &str) -> AppResult<Vec<CompletedPart>> {
        let mut file = tokio::fs::File::open(path).await.map_err(AppError::internal)?;
        let mut parts = Vec::new();
        for number in 1.. {
            let mut piece = Vec::with_capacity(PIECE);
            (&mut file)
                .take(PIECE as u64)
                .read_to_end(&mut piece)
                .await
                .map_err(AppError::internal)?;
            if piece.is_empty() {
                break;
            }
            let request = self
                .inner
                .client
                .upload_part()
                .bucket(&self.inner.bucket)
                .key(key)
                .upload_id(id);
            let sent = request
                .part_number(number)
                .body(ByteStream::from(piece))
                .send()
                .await
                .map_err(trouble)?;
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag().map(str::to_owned))
                    .build(),
            );
        }
        Ok(parts)
    }

    /// Fetches a file onto the disk, piece by piece.
    pub async fn get_file(&self, key: &str, path: &Path) -> AppResult<()> {
        let request = self.inner.client.get_object().bucket(&self.inner.bucket).key(key);
        let mut found = request.send().await.map_err(trouble)?;
        let mut file = tokio::fs::File::create(path).await.map_err(AppError::internal)?;
        while let Some(bytes) = found.body.try_next().await.map_err(|error| {
            tracing::error!(cause = %error, key, "a file broke off while it was read");
            unavailable()
        })? {
            file.write_all(&bytes).await.map_err(AppError::internal)?;
        }
        file.flush().await.map_err(AppError::internal)
    }
}

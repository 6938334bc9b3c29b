//! Uploads in pieces that nobody finished: a rule for the store to forget them, and our own broom for stores that know no rules.

use super::{Blobs, status, trouble};
use crate::error::AppResult;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
};

const NOT_IMPLEMENTED: u16 = 501;

impl Blobs {
    /// Has the store remove the pieces of uploads that were begun and not finished within `days`. Not every store can. Replaces the rules
    /// of the bucket, so it is for a bucket that is ours alone.
    pub async fn forget_broken_uploads_after(&self, days: i32) -> AppResult<()> {
        let rule = LifecycleRule::builder()
            .id("forget-broken-uploads")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .abort_incomplete_multipart_upload(
                AbortIncompleteMultipartUpload::builder()
                    .days_after_initiation(days)
                    .build(),
            )
            .build()
            .map_err(crate::error::AppError::internal)?;
        let rules = BucketLifecycleConfiguration::builder()
            .rules(rule)
            .build()
            .map_err(crate::error::AppError::internal)?;
        let request = self.inner.client.put_bucket_lifecycle_configuration();
        let request = request.bucket(&self.inner.bucket).lifecycle_configuration(rules);
        request.send().await.map(drop).map_err(trouble)
    }

    /// Removes the pieces of uploads begun before `before` (seconds since 1970) and not finished; how many uploads. None where the store
    /// cannot list them.
    pub async fn remove_broken_uploads(&self, before: i64, dry_run: bool) -> AppResult<u32> {
        if self.inner.embedded.is_some() {
            return Ok(0);
        }
        let (client, bucket) = (&self.inner.client, &self.inner.bucket);
        let found = match client.list_multipart_uploads().bucket(bucket).send().await {
            Ok(found) => found,
            Err(error) if status(&error) == Some(NOT_IMPLEMENTED) => return Ok(0),
            Err(error) => return Err(trouble(error)),
        };
        let mut removed = 0;
        for upload in found.uploads() {
            let old = upload.initiated().is_some_and(|at| at.secs() < before);
            let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else {
                continue;
            };
            if old {
                removed += 1;
                if !dry_run {
                    let abort = client.abort_multipart_upload().bucket(bucket).key(key).upload_id(id);
                    abort.send().await.map_err(trouble)?;
                }
            }
        }
        Ok(removed)
    }
}

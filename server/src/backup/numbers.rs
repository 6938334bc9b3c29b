//! Numbers for Prometheus about backups and certificates: read when they are asked for.

use app::entity::backup;
use app::platform::AppState;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CertificateLabels {
    pub name: String,
}

/// Zero where there is none yet, so that an alert on age fires.
#[derive(Clone, Default)]
pub struct Numbers {
    created: Gauge,
    proven: Gauge,
    size: Gauge,
    certificates: Family<CertificateLabels, Gauge>,
    files: Arc<OnceLock<Vec<PathBuf>>>,
}

impl Numbers {
    pub fn register(&self, registry: &mut Registry) {
        let mut add = |name: &str, help: &str, gauge: &Gauge| registry.register(name, help, gauge.clone());
        add(
            "backup_last_created_timestamp_seconds",
            "When the newest backup was made; 0 without one",
            &self.created,
        );
        add(
            "backup_last_proven_timestamp_seconds",
            "When a backup was last restored to a scratch place and found equal; 0 without one",
            &self.proven,
        );
        add(
            "backup_last_size_bytes",
            "Size of the newest backup's database",
            &self.size,
        );
        registry.register(
            "tls_certificate_expiry_timestamp_seconds",
            "When a certificate ends",
            self.certificates.clone(),
        );
    }

    /// Names the certificates to watch; once, at the start.
    pub fn watch(&self, files: Option<&str>) {
        let files = files
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|file| !file.is_empty());
        // A second start in one process keeps the first list.
        let _ = self.files.set(files.map(PathBuf::from).collect());
    }

    /// Reads them now.
    pub async fn refresh(&self, state: &AppState) {
        let complete = backup::Entity::find().filter(backup::Column::State.eq("complete"));
        let newest = complete
            .clone()
            .order_by_desc(backup::Column::CreatedAt)
            .one(state.db.read())
            .await;
        let proven = complete
            .filter(backup::Column::ProvenAt.is_not_null())
            .order_by_desc(backup::Column::ProvenAt)
            .one(state.db.read())
            .await;
        let seconds = |at: Option<app::time::Timestamp>| at.map_or(0, |at| at.0 / 1_000_000);
        if let (Ok(newest), Ok(proven)) = (newest, proven) {
            self.created
                .set(seconds(newest.as_ref().and_then(|row| row.created_at)));
            self.size.set(newest.map_or(0, |row| row.size));
            self.proven.set(seconds(proven.and_then(|row| row.proven_at)));
        }
        for file in self.files.get().into_iter().flatten() {
            match crate::verify::certificate::of_file(file) {
                Ok(found) => {
                    let labels = CertificateLabels {
                        name: label(file, &found.name),
                    };
                    self.certificates.get_or_create(&labels).set(found.not_after);
                }
                Err(error) => {
                    // An unreadable certificate is as bad as an ended one.
                    let labels = CertificateLabels { name: label(file, "") };
                    self.certificates.get_or_create(&labels).set(0);
                    tracing::warn!(%error, "a certificate cannot be read");
                }
            }
        }
    }
}

fn label(file: &Path, name: &str) -> String {
    match name {
        "" => file.display().to_string(),
        name => name.to_owned(),
    }
}

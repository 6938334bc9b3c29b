//! What every request shares. Built once, in the server's `boot.rs`.

use crate::error::AppResult;
use crate::grader_model::bars::Bar;
use crate::platform::blobs::Blobs;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::hints::Hints;
use crate::platform::signer::Signer;
use crate::settings::model::Institution;
use crate::time::Timestamp;
use async_trait::async_trait;
use leptos::config::LeptosOptions;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, RwLock};

#[derive(Clone)]
pub struct AppState {
    pub db: Db,
    pub blobs: Blobs,
    pub clock: Clock,
    pub signer: Signer,
    pub hints: Hints,
    pub cache: crate::platform::cache::SharedCache,
    pub journal: crate::submission::journal::Journal,
    pub grader: Arc<dyn GraderStatus>,
    pub counters: Arc<dyn Counters>,
    pub limits: UploadLimits,
    pub mail: crate::mail::Settings,
    pub maintenance: crate::maintenance::Cache,
    pub papers: crate::question::cache::Papers,
    pub leptos: LeptosOptions,
    pub institution: InstitutionCache,
}

impl axum::extract::FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Limits on what people send.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// Largest file, in bytes.
    pub file_bytes: i64,
}

/// How the grader of this process is doing; the server fills it in, because only the server knows the grader.
#[async_trait]
pub trait GraderStatus: Send + Sync {
    async fn report(&self) -> GraderReport;

    /// What a head's file is, if it can be used here; else why not, in words that go on after "cannot be used".
    async fn read_head(&self, _head: &[u8]) -> Result<HeadFacts, String> {
        Err("this process cannot read heads".into())
    }
}

/// What is known about a head from its file.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadFacts {
    /// The name of the model it makes with this installation's encoder.
    pub name: String,
    pub bars: Vec<Bar>,
}

/// Numbers for `/metrics` that arise inside services; the server keeps them.
pub trait Counters: Send + Sync {
    fn failed_sign_in(&self);
    fn failed_upload(&self);
    /// Somebody was refused because of the limit of this name.
    fn refused(&self, _limit: &'static str) {}
    fn saved(&self, changes: u32);
    fn submitted(&self);
}

/// The grader at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraderReport {
    /// `false` in a process that does not grade by itself.
    pub runs_here: bool,
    pub healthy: bool,
    /// Name and hash of the model, or why there is none.
    pub model: String,
    pub device: String,
    /// Answers waiting inside the grader.
    pub waiting: u32,
}

/// The institution's settings, read at most every few seconds.
#[derive(Clone, Default)]
pub struct InstitutionCache {
    held: Arc<RwLock<Option<(Timestamp, Arc<Institution>)>>>,
}

impl InstitutionCache {
    const FRESH: i64 = 5 * Timestamp::SECOND;

    pub async fn get(&self, db: &Db, now: Timestamp) -> AppResult<Arc<Institution>> {
        if let Some((read_at, institution)) = self.held.read().ok().and_then(|held| held.clone())
            && now.0 - read_at.0 < Self::FRESH
        {
            return Ok(institution);
        }
        let institution = Arc::new(crate::settings::store::institution(db.read()).await?);
        if let Ok(mut held) = self.held.write() {
            *held = Some((now, institution.clone()));
        }
        Ok(institution)
    }

    /// What was read last, without asking the database.
    pub fn seen(&self) -> Option<Arc<Institution>> {
        self.held
            .read()
            .ok()?
            .as_ref()
            .map(|(_, institution)| institution.clone())
    }

    /// After a change: read again at once.
    pub fn forget(&self) {
        if let Ok(mut held) = self.held.write() {
            *held = None;
        }
    }
}

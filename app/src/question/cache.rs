//! The questions of assignments as their students see them, read from the database at most every two seconds by each process: while a class
//! writes, every save and every page asks for the same ones.
//!
//! What the process changes itself is read anew; a change by another process shows after two seconds. That may be late because questions come
//! and go only while an assignment is a draft, and nothing is refused by what is held: see `submission::service::save`.

use super::model::QuestionPaper;
use crate::error::AppResult;
use crate::ids::AssignmentId;
use crate::platform::db::Db;
use crate::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Cheap to clone; all clones hold the same.
#[derive(Clone, Default)]
pub struct Papers {
    held: Arc<Mutex<HashMap<AssignmentId, Held>>>,
}

type Held = (Timestamp, Arc<[QuestionPaper]>);

impl Papers {
    const FRESH: i64 = 2 * Timestamp::SECOND;
    /// More assignments than this are not held at once.
    const MOST: usize = 500;

    /// The questions in order.
    pub async fn of(&self, db: &Db, assignment: AssignmentId, now: Timestamp) -> AppResult<Arc<[QuestionPaper]>> {
        if let Some((_, papers)) = self.held().get(&assignment).filter(|held| is_fresh(held, now)) {
            return Ok(papers.clone());
        }
        let papers: Arc<[QuestionPaper]> = super::store::papers(db.read(), assignment).await?.into();
        let mut held = self.held();
        if held.len() >= Self::MOST {
            held.retain(|_, held| is_fresh(held, now));
        }
        if held.len() < Self::MOST {
            held.insert(assignment, (now, papers.clone()));
        }
        Ok(papers)
    }

    /// As they are now.
    pub async fn anew(&self, db: &Db, assignment: AssignmentId, now: Timestamp) -> AppResult<Arc<[QuestionPaper]>> {
        self.forget(assignment);
        self.of(db, assignment, now).await
    }

    /// After a change.
    pub fn forget(&self, assignment: AssignmentId) {
        self.held().remove(&assignment);
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<AssignmentId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh((read_at, _): &Held, now: Timestamp) -> bool {
    (0..Papers::FRESH).contains(&(now.0 - read_at.0))
}

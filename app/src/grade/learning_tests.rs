//! Stories about learning from decisions, the risk dial and its sample, answer groups, and the radar.

mod cost;
mod dial;
mod groups;
mod lessons;
mod sample;

use crate::entity::{audit_entry, grade};
use crate::grade::model::{Decision, Evidence, Suggestion};
use crate::grade::service::{self, Learned, Lesson};
use crate::grade::tests::{Class, grades};
use crate::ids::GradeId;
use crate::points::Points;
use crate::testing::TestApp;
use sea_orm::EntityTrait;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

async fn lesson(app: &TestApp, worker: &str) -> Option<Lesson> {
    service::claim_lesson(&app.ctx, worker, LEASE)
        .await
        .expect("a question")
}

/// As a grader that believes the last decision about everything, more surely with each.
fn believe(lesson: &Lesson) -> Learned {
    let points = lesson.examples.last().map_or(Points(300), |taught| taught.points);
    let confidence = 0.5 + 0.1 * lesson.examples.len() as f32;
    let one = Suggestion {
        points,
        confidence: Some(confidence),
        decision: if confidence > 0.65 {
            Decision::Accept
        } else {
            Decision::Review
        },
        reason: (confidence <= 0.65).then(|| "unsure".into()),
        evidence: Evidence::default(),
        model: "test-model".into(),
        input_hash: format!("{:064}", lesson.examples.len()),
    };
    Learned {
        suggestions: vec![one; lesson.answers.len()],
        // Two groups: the first four answers by id, and the others.
        groups: if lesson.regroup {
            let mut ids: Vec<GradeId> = lesson
                .answers
                .iter()
                .chain(&lesson.decided)
                .map(|pupil| pupil.row.id)
                .collect();
            let places = ids.clone();
            ids.sort();
            places
                .iter()
                .map(|id| u32::from(ids.iter().position(|other| other == id) >= Some(4)))
                .collect()
        } else {
            Vec::new()
        },
        model: "test-model".into(),
        input_hash: "f".repeat(64),
        took: Duration::from_millis(7),
    }
}

/// Learns until there is nothing more to learn; how many lessons it took.
async fn learn_all(app: &TestApp) -> usize {
    let mut lessons = 0;
    while let Some(lesson) = lesson(app, "w").await {
        let learned = believe(&lesson);
        service::record_lesson(&app.ctx, &lesson, learned)
            .await
            .expect("records");
        lessons += 1;
    }
    lessons
}

async fn free(app: &TestApp, class: &Class) -> Vec<grade::Model> {
    let mut rows: Vec<_> = grades(app).await;
    rows.retain(|row| row.question_id == class.free);
    rows.sort_by_key(|row| row.id);
    rows
}

async fn acts(app: &TestApp) -> Vec<String> {
    let rows = audit_entry::Entity::find().all(app.ctx.db()).await.expect("log");
    rows.into_iter().map(|row| row.action).collect()
}

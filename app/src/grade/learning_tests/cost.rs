//! What a lesson costs the database. Numbers to look at, so it only runs when asked for:
//! `scripts/test-services.sh cargo test --release -p app --features ssr --lib what_a_lesson_costs -- --ignored --nocapture`

use super::{free, learn_all, lesson};
use crate::entity::{answer, grade, submission};
use crate::grade::model::{Decision, Evidence, EvidenceSpan, RubricMatch, Suggestion, review_order};
use crate::grade::service::{self, Learned, Lesson};
use crate::grade::store::grades;
use crate::grade::tests::{Class, class, grade_all};
use crate::ids::{AnswerId, GradeId, SubmissionId};
use crate::points::Points;
use crate::question::model::AnswerValue;
use crate::testing::{TestApp, id_of, on_each_database};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::time::{Duration, Instant};

/// Further open answers to the question, as many attempts of one student.
async fn more(app: &TestApp, class: &Class, like: &grade::Model, many: usize) {
    let now = app.ctx.now();
    let (mut submissions, mut answers, mut grades) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..many {
        let submission = submission::Model {
            id: SubmissionId::new(),
            assignment_id: class.assignment,
            user_id: id_of(&class.students[0]),
            attempt: n as i32 + 2,
            started_at: now,
            submitted_at: Some(now),
            late_percent: 0,
            content_hash: None,
            receipt: None,
            updated_at: now,
        };
        let value = AnswerValue::Text(format!("A cell is the smallest unit of life, says {n}."));
        let answer = answer::Model {
            id: AnswerId::new(),
            submission_id: submission.id,
            question_id: class.free,
            value: serde_json::to_string(&value).expect("json"),
            revision: 1,
            updated_at: now,
        };
        grades.push(grade::Model {
            id: GradeId::new(),
            answer_id: answer.id,
            submission_id: submission.id,
            machine_evidence: serde_json::to_string(&evidence(n)).expect("json"),
            review_order: review_order(like.machine_confidence),
            ..like.clone()
        });
        submissions.push(submission.into_active_model().reset_all());
        answers.push(answer.into_active_model().reset_all());
    }
    let tx = app.ctx.state.db.begin().await.expect("begins");
    for piece in submissions.chunks(400) {
        submission::Entity::insert_many(piece.to_vec())
            .exec_without_returning(&*tx)
            .await
            .expect("submissions");
    }
    for piece in answers.chunks(400) {
        answer::Entity::insert_many(piece.to_vec())
            .exec_without_returning(&*tx)
            .await
            .expect("answers");
    }
    grades::insert(&*tx, grades).await.expect("grades");
    tx.commit().await.expect("commits");
}

/// About as much as a model says.
fn evidence(n: usize) -> Evidence {
    let span = |start: u32| EvidenceSpan {
        start,
        end: start + 9,
        weight: 1.0 / (n + 1) as f32,
    };
    let part = |start: u32| RubricMatch {
        text: "Names what all living things have in common".into(),
        points: Points(100),
        strength: 1.0 / (n + 2) as f32,
        span: Some(span(start)),
        feedback: "Say what they have in common.".into(),
    };
    Evidence {
        why: "The model is sure enough of this suggestion.".into(),
        reference: Some("The cell is the smallest unit that is alive by itself.".into()),
        spans: vec![span(0), span(12), span(24)],
        rubric: vec![part(0), part(12)],
        ..Evidence::default()
    }
}

/// Other confidences and hashes for all, other points for two in ten.
fn learn(lesson: &Lesson, round: usize) -> Learned {
    let one = |n: usize| {
        let confidence = 0.5 + ((n * 7 + round * 13) % 100) as f32 / 250.0;
        Suggestion {
            points: Points(if (n + 3 * round).is_multiple_of(10) { 200 } else { 300 }),
            confidence: Some(confidence),
            decision: Decision::Review,
            reason: Some("unsure".into()),
            evidence: evidence(n + round),
            model: "test-model".into(),
            input_hash: format!("{:064}", n + round),
        }
    };
    Learned {
        suggestions: (0..lesson.answers.len()).map(one).collect(),
        groups: Vec::new(),
        model: "test-model".into(),
        input_hash: "f".repeat(64),
        took: Duration::from_millis(7),
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn what_a_lesson_costs() {
    for many in [500, 10_000] {
        on_each_database(|app| async move {
            let kind = if app.ctx.state.db.is_sqlite() {
                "SQLite"
            } else {
                "MariaDB"
            };
            let class = class(&app, 6).await;
            grade_all(&app).await;
            learn_all(&app).await;
            let own = free(&app, &class).await;
            more(&app, &class, &own[0], many).await;
            for (round, row) in own.iter().enumerate().take(5) {
                service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                    .await
                    .expect("decides");
                let began = Instant::now();
                let lesson = lesson(&app, "w").await.expect("something to learn");
                let claimed = began.elapsed();
                let learned = learn(&lesson, round);
                let began = Instant::now();
                let changed = service::record_lesson(&app.ctx, &lesson, learned)
                    .await
                    .expect("records");
                println!(
                    "{kind}, {} open answers: claimed in {claimed:.0?}, recorded in {:.0?} ({changed:?} changed)",
                    lesson.answers.len(),
                    began.elapsed()
                );
            }
            // Of that, writing the suggestions alone.
            let rows: Vec<grade::Model> = grade::Entity::find()
                .filter(grade::Column::QuestionId.eq(class.free))
                .filter(grade::Column::HumanPoints.is_null())
                .all(app.ctx.db())
                .await
                .expect("grades");
            let next = |row: grade::Model| grade::Model {
                machine_confidence: row.machine_confidence.map(|sure| sure - 0.001),
                review_order: row.review_order - 1,
                input_hash: format!("{:0>64}", row.review_order),
                ..row
            };
            let rows: Vec<grade::Model> = rows.into_iter().map(next).collect();
            for _ in 0..2 {
                let tx = app.ctx.state.db.begin().await.expect("begins");
                let began = Instant::now();
                grades::renew(&*tx, rows.clone()).await.expect("renews");
                println!(
                    "{kind}, {} open answers: renewed in {:.0?}",
                    rows.len(),
                    began.elapsed()
                );
                tx.rollback().await.expect("goes back");
            }
        })
        .await;
    }
}

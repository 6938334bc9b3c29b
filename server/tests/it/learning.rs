//! Learning from a teacher with the real pipeline: what comes out can be made again to the bit, and a class of 500 does not wait.

use super::support::{Database, School, TestApp};
use app::entity::{answer, grade, grading_work, submission};
use app::grade::service::{self, Outcome};
use app::ids::{AnswerId, AssignmentId, QuestionId, SubmissionId, WorkId};
use app::question::model::AnswerValue;
use grading::{Grader, GraderConfig};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use server::worker::replay;
use std::time::Instant;

/// Wordings of the answer to the school's question, right and wrong, so that a class has groups as real ones do.
const SAYINGS: [&str; 8] = [
    "Plants use light to make sugar from carbon dioxide and water",
    "They turn sunlight into food",
    "Photosynthesis turns light energy into chemical energy stored in glucose",
    "Plants eat soil and grow",
    "It is when plants breathe at night",
    "Light is used to build sugar",
    "The plant drinks water",
    "Energy from the sun makes oxygen and sugar in the leaves",
];

/// Hands in for many at once, straight into the tables: what is measured comes after.
async fn hand_in(app: &TestApp, assignment: AssignmentId, question: QuestionId, students: usize) {
    let now = app.ctx.now();
    // Whose answers they are means nothing here.
    let everyone = app.user("Many", false).await.id;
    let (mut submissions, mut answers, mut work) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..students {
        let (submission_id, answer_id) = (SubmissionId::new(), AnswerId::new());
        submissions.push(
            submission::Model {
                id: submission_id,
                assignment_id: assignment,
                user_id: everyone,
                attempt: n as i32 + 1,
                started_at: now,
                submitted_at: Some(now),
                late_percent: 0,
                content_hash: None,
                receipt: None,
                updated_at: now,
            }
            .into_active_model(),
        );
        // Half of the class says the same, half each in a way of their own.
        let saying = SAYINGS[n % SAYINGS.len()];
        let words = match n / SAYINGS.len() {
            round if round % 2 == 0 => saying.to_owned(),
            round => format!("{saying}, as chapter {round} says."),
        };
        answers.push(
            answer::Model {
                id: answer_id,
                submission_id,
                question_id: question,
                value: serde_json::to_string(&AnswerValue::Text(words)).unwrap(),
                revision: 1,
                updated_at: now,
            }
            .into_active_model(),
        );
        work.push(
            grading_work::Model {
                id: WorkId::new(),
                answer_id,
                submission_id,
                question_id: question,
                assignment_id: assignment,
                state: "queued".into(),
                attempts: 0,
                claimed_by: None,
                lease_until: None,
                problem: None,
                created_at: now,
                finished_at: None,
            }
            .into_active_model(),
        );
    }
    let db = app.ctx.db();
    submission::Entity::insert_many(submissions)
        .exec_without_returning(db)
        .await
        .unwrap();
    answer::Entity::insert_many(answers)
        .exec_without_returning(db)
        .await
        .unwrap();
    grading_work::Entity::insert_many(work)
        .exec_without_returning(db)
        .await
        .unwrap();
}

/// The real model where its files are, else the stand-in.
fn grader() -> Grader {
    let real = GraderConfig::default();
    if real.model_dir.join("model.safetensors").exists() {
        Grader::start(real).unwrap()
    } else {
        Grader::start_fake()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_are_learnt_live_and_come_out_the_same_again() {
    let students: usize = std::env::var("LEARNING_CLASS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(60);
    let grader = tokio::task::spawn_blocking(grader).await.unwrap();
    for database in Database::all() {
        let mut app = TestApp::on(database).await;
        let school = School::open(&app).await;
        let assignment: AssignmentId = school.id("assignment").parse().unwrap();
        let question: QuestionId = school.id("question").parse().unwrap();
        hand_in(&app, assignment, question, students).await;
        app.parts.grader = Some(grader.clone().into());
        let worker = app.parts.worker().await.unwrap().unwrap();
        worker.until_empty().await.unwrap();
        let student = worker.student();

        let (mut changed, mut times) = (0, Vec::new());
        for round in 0..10 {
            let open = grade::Entity::find()
                .filter(grade::Column::QuestionId.eq(question))
                .filter(grade::Column::HumanPoints.is_null())
                .all(app.ctx.db())
                .await
                .unwrap();
            let row = &open[(round * 7) % open.len()];
            let words = answer::Entity::find_by_id(row.answer_id)
                .one(app.ctx.db())
                .await
                .unwrap()
                .unwrap()
                .value;
            let full = row.machine_points.0.max(100);
            let points = if words.contains("soil") || words.contains("night") || words.contains("drinks") {
                0
            } else {
                full
            };
            school
                .teacher
                .post(
                    &format!("/grades/{}/decision", row.id),
                    serde_json::json!({ "version": row.version, "points": points }),
                )
                .await;
            let before: Vec<_> = open.iter().map(|row| (row.id, row.machine_confidence)).collect();
            let began = Instant::now();
            assert!(student.lesson().await.unwrap(), "there is something to learn");
            times.push(began.elapsed().as_millis());
            assert!(!student.lesson().await.unwrap(), "once");
            for (id, confidence) in before {
                let now = grade::Entity::find_by_id(id).one(app.ctx.db()).await.unwrap().unwrap();
                changed += usize::from(now.machine_confidence != confidence);
            }
        }
        times.sort_unstable();
        println!(
            "{database:?}: lessons for {students} answers took {:?} ms, median {} ms; {changed} confidences changed",
            times,
            times[times.len() / 2]
        );
        assert!(changed > 0, "the machine learns something from ten decisions");

        // Everything that was ever suggested comes out again, to the bit.
        let runs = service::replays(&app.ctx, Some(question), None, 100).await.unwrap();
        assert_eq!(runs.len(), 11, "the grouping of the new answers, and ten decisions");
        for (id, stored) in runs {
            let stored = stored.unwrap();
            let made = replay(&grader, &stored).await.unwrap();
            assert_eq!(made.input_hash, stored.input_hash, "run {id} is made from the same");
            let outcome: Vec<Outcome> = made.suggestions.iter().map(Outcome::of).collect();
            assert_eq!(outcome, stored.outcome, "run {id} comes out the same");
        }
        let groups = service::groups(
            &app.ctx.acting_as(&app.user("Extra", true).await),
            assignment,
            None,
            None,
            None,
        )
        .await
        .unwrap();
        assert!(!groups.groups.is_empty(), "answers that say the same stand together");
    }
}

//! The risk dial.

use super::{LEASE, acts, believe, free, learn_all, lesson};
use crate::assignment::store::lock;
use crate::entity::{grade, risk_dial};
use crate::error::ErrorKind;
use crate::grade::model::{DEFAULT_TARGET, QueueFilter, ReviewState, Suggestion};
use crate::grade::service::{self, Job};
use crate::grade::store::dial as dials;
use crate::grade::tests::{class, grade_all, suggest};
use crate::grader_model::bars::Bar;
use crate::grader_model::service::{self as grader_model, Loaded};
use crate::ids::DialId;
use crate::points::Points;
use crate::testing::{TestApp, id_of, on_each_database};
use std::time::Duration;

#[tokio::test]
async fn a_dial_turned_during_a_lesson_stays_as_it_was_turned() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        for row in free(&app, &class).await.iter().take(2) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        let begun = lesson(&app, "a").await.expect("something to learn");
        assert_eq!(begun.target, DEFAULT_TARGET);
        service::set_dial(&class.teacher, class.assignment, 1000, None)
            .await
            .expect("nothing alone");
        let learned = believe(&begun);
        let recorded = service::record_lesson(&app.ctx, &begun, learned)
            .await
            .expect("says so");
        assert_eq!(recorded, None, "it was made for another aim");
        let undecided = |rows: Vec<grade::Model>| rows.into_iter().skip(2).collect::<Vec<_>>();
        let rows = undecided(free(&app, &class).await);
        assert!(
            rows.iter()
                .all(|row| row.review_state == "waiting" && row.machine_points == Points(300))
        );

        // Nothing is lost: it is learnt for the new aim.
        let again = lesson(&app, "a").await.expect("still due");
        assert_eq!((again.target, again.examples.len(), again.answers.len()), (1000, 2, 4));
        let learned = believe(&again);
        let recorded = service::record_lesson(&app.ctx, &again, learned)
            .await
            .expect("records");
        assert_eq!(recorded, Some(4));
        let rows = undecided(free(&app, &class).await);
        assert!(
            rows.iter()
                .all(|row| row.review_state == "waiting" && row.machine_points == Points(200))
        );
        assert_eq!(learn_all(&app).await, 0);
    })
    .await;
}

/// What a worker has graded and not recorded, so surely that a dial at 80 % lets it stand.
async fn graded(app: &TestApp) -> Vec<(Job, Suggestion)> {
    let jobs = service::claim(&app.ctx, "w", 20, LEASE).await.expect("claims");
    let surely = |job: Job| {
        let suggestion = Suggestion {
            confidence: suggest(&job).confidence.map(|_| 0.9),
            ..suggest(&job)
        };
        (job, suggestion)
    };
    jobs.into_iter().map(surely).collect()
}

#[tokio::test]
async fn answers_graded_while_the_dial_is_turned_stand_by_the_new_dial() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        service::set_dial(&class.teacher, class.assignment, 800, None)
            .await
            .expect("turns");
        let batch = graded(&app).await;
        assert_eq!(batch.len(), 12);
        // Somebody takes everything back to people and is not done yet.
        let turning = app.ctx.state.db.begin().await.expect("begins");
        lock(&app.ctx, &*turning, class.assignment).await.expect("locks");
        assert!(
            dials::open(&*turning, class.assignment, app.ctx.state.db.has_row_locks())
                .await
                .expect("looks")
                .is_empty(),
            "there is nothing to move yet"
        );
        let dial = risk_dial::Model {
            id: DialId::new(),
            assignment_id: class.assignment,
            target: 1000,
            accepted: 0,
            waiting: 0,
            set_by: id_of(&class.teacher),
            set_at: app.ctx.now(),
            undone_at: None,
        };
        dials::put(&*turning, dial).await.expect("turns");
        let ctx = app.ctx.clone();
        let recording = tokio::spawn(async move { service::record_many(&ctx, &batch).await });
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(!recording.is_finished(), "waits to see where the dial will stand");
        turning.commit().await.expect("is done");
        recording.await.expect("ends").expect("records");
        let rows = free(&app, &class).await;
        assert_eq!(rows.len(), 6);
        assert!(
            rows.iter()
                .all(|row| row.review_state == "waiting" && row.machine_confidence == Some(0.9)),
            "nobody would ever move them again"
        );
    })
    .await;
}

#[tokio::test]
async fn graders_do_not_wait_for_each_other() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        let batch = graded(&app).await;
        if !app.ctx.state.db.has_row_locks() {
            return;
        }
        let other = app.ctx.state.db.begin().await.expect("begins");
        dials::rest(&*other, true, [class.assignment]).await.expect("rests");
        let recording = service::record_many(&app.ctx, &batch);
        tokio::time::timeout(Duration::from_secs(10), recording)
            .await
            .expect("does not wait")
            .expect("records");
        // But whoever turns the dial waits until what was graded is there.
        let (teacher, assignment) = (class.teacher.clone(), class.assignment);
        let turning = tokio::spawn(async move { service::set_dial(&teacher, assignment, 1000, None).await });
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(!turning.is_finished(), "the dial rests");
        other.commit().await.expect("is done");
        turning.await.expect("ends").expect("turns");
    })
    .await;
}

#[tokio::test]
async fn taking_the_dial_back_restores_the_models_own_aim() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        service::set_dial(&class.teacher, class.assignment, 800, None)
            .await
            .expect("turns");
        for row in free(&app, &class).await.iter().take(3) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        // Three decisions make it 80 % sure, which is enough for the dial, and the lesson says so.
        learn_all(&app).await;
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.undecided, dial.accepted), (3, 3));
        let rows = free(&app, &class).await;
        assert!(rows[3..].iter().all(|row| row.machine_decision == "accept"));

        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!((dial.target, dial.accepted), (None, 0));
        let own = dial.choice(DEFAULT_TARGET).expect("offered");
        assert_eq!(
            (own.accepted, own.released, own.held),
            (0, 0, 0),
            "as a dial at 95 % would have it"
        );
        // A decision that is taken back leaves the answer there, too.
        let last = &rows[5];
        service::decide(&class.teacher, last.id, last.version, Points(200), String::new())
            .await
            .expect("decides");
        let back = service::clear(&class.teacher, last.id, last.version + 1)
            .await
            .expect("takes back");
        assert_eq!(back.state, ReviewState::Waiting);
    })
    .await;
}

#[tokio::test]
async fn the_dial_asks_for_as_much_as_lessons_do_after_as_many_decisions() {
    on_each_database(|app| async move {
        let class = class(&app, 8).await;
        // As sure as it has to be for 80 % differs with what the teacher has graded.
        let bar = |graded, confidence| Bar {
            graded,
            thresholds: vec![(800, confidence)],
        };
        let loaded = Loaded {
            name: "test-model".into(),
            device: "cpu".into(),
            bars: vec![bar(0, 0.45), bar(3, 0.85), bar(4, 0.75)],
            problem: None,
        };
        grader_model::say(&app.ctx, "w", &loaded).await.expect("is met");
        grade_all(&app).await;
        let open = |target| {
            let teacher = class.teacher.clone();
            async move {
                let dial = service::dial(&teacher, class.assignment).await.expect("a dial");
                (dial.undecided, dial.choice(target).expect("offered").accepted)
            }
        };
        assert_eq!(
            open(800).await,
            (8, 8),
            "half sure is enough before anything was graded"
        );
        learn_all(&app).await;
        let rows = free(&app, &class).await;
        for row in &rows[..3] {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        learn_all(&app).await;
        assert!(
            free(&app, &class).await[3..]
                .iter()
                .all(|row| row.machine_examples == 3)
        );
        assert_eq!(open(800).await, (5, 0), "80 % sure is too little after three");
        let dial = service::set_dial(&class.teacher, class.assignment, 800, Some(0))
            .await
            .expect("turns");
        assert_eq!(dial.accepted, 0);
        service::decide(&class.teacher, rows[3].id, rows[3].version, Points(200), String::new())
            .await
            .expect("decides");
        learn_all(&app).await;
        assert_eq!(open(800).await, (4, 4), "90 % sure is enough after four");
        // What was decided keeps how it came to be.
        let row = &free(&app, &class).await[3];
        assert_eq!(row.machine_examples, 3);
        let back = service::clear(&class.teacher, row.id, row.version)
            .await
            .expect("takes back");
        assert_eq!(back.state, ReviewState::Waiting);
    })
    .await;
}

#[tokio::test]
async fn the_dial_moves_answers_and_is_audited_by_a_blind_sample() {
    on_each_database(|app| async move {
        let class = class(&app, 30).await;
        grade_all(&app).await;
        learn_all(&app).await;
        // Everything at 50 %: nothing is accepted before the teacher has taught a little.
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.target, dial.undecided, dial.accepted), (None, 30, 0));
        assert!(dial.choices.iter().all(|choice| choice.accepted == 0));
        for row in free(&app, &class).await.iter().take(4) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        service::set_dial(&class.teacher, class.assignment, 1000, None)
            .await
            .expect("nothing alone");
        learn_all(&app).await;
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!(
            (dial.undecided, dial.accepted),
            (26, 0),
            "the dial holds back what the model would accept"
        );
        let choice = dial.choice(900).expect("offered").clone();
        // Four decisions make it 90 % sure.
        assert_eq!((choice.accepted, choice.released, choice.held), (26, 26, 0));
        assert_eq!(dial.choice(950).expect("offered").accepted, 0);

        let refused = service::set_dial(&class.teacher, class.assignment, 900, Some(7))
            .await
            .expect_err("other numbers");
        assert_eq!(refused.kind, ErrorKind::Conflict);
        assert_eq!(
            service::set_dial(&class.teacher, class.assignment, 1, None)
                .await
                .expect_err("no")
                .kind,
            ErrorKind::Invalid
        );
        let dial = service::set_dial(&class.teacher, class.assignment, 900, Some(26))
            .await
            .expect("turns");
        assert_eq!(
            (dial.target, dial.accepted, dial.drawn, dial.audit.looked_at),
            (Some(900), 26, 20, 0)
        );

        // The sample shows no suggestion, and counts what people say.
        let filter = QueueFilter {
            question: None,
            state: ReviewState::Accepted,
            sample: true,
        };
        let sample = service::queue(&class.teacher, class.assignment, filter, None, 50)
            .await
            .expect("a queue");
        assert_eq!((sample.items.len(), sample.counts.sample), (20, 20));
        assert!(
            sample
                .items
                .iter()
                .all(|item| item.machine.is_none() && item.problem.is_none())
        );
        for (item, points) in sample.items.iter().zip([200, 200, 300]) {
            service::decide_blind(&class.teacher, item.grade, item.version, Points(points), String::new())
                .await
                .expect("decides");
        }
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.audit.looked_at, dial.audit.agreed), (3, 2));
        let back = &sample.items[2];
        service::clear(&class.teacher, back.grade, back.version + 1)
            .await
            .expect("takes back");
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.audit.looked_at, dial.audit.agreed), (2, 2));

        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!((dial.target, dial.accepted), (Some(1000), 0));
        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!(
            (dial.target, dial.accepted),
            (None, 0),
            "the model's own aim holds again, and 90 % sure is not enough for it"
        );
        assert_eq!(
            service::undo_dial(&class.teacher, class.assignment)
                .await
                .expect_err("nothing left")
                .kind,
            ErrorKind::Conflict
        );
        assert_eq!(
            acts(&app).await,
            ["grading.dial", "grading.dial", "grading.dial_undo", "grading.dial_undo"]
        );
        service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        let refused = service::set_dial(&class.teacher, class.assignment, 900, None)
            .await
            .expect_err("rests");
        assert_eq!(refused.kind, ErrorKind::Conflict);
        let student = service::dial(&class.students[0], class.assignment)
            .await
            .expect_err("no");
        assert_eq!(student.kind, ErrorKind::Forbidden);
    })
    .await;
}

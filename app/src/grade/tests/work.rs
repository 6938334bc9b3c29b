//! Grading work: claimed, recorded once, done again, given up.

use super::{claim, class, events, grade_all, grades, suggest, waiting};
use crate::error::ErrorKind;
use crate::grade::model::{Decision, Suggestion};
use crate::grade::service::{self, Job, Recorded};
use crate::grade::store;
use crate::points::Points;
use crate::testing::on_each_database;
use crate::time::Timestamp;

#[tokio::test]
async fn work_is_claimed_by_one_and_recorded_once() {
    on_each_database(|app| async move {
        let class = class(&app, 3).await;
        let (first, second) = (claim(&app, "a", 4).await, claim(&app, "b", 9).await);
        assert_eq!((first.len(), second.len()), (4, 2));
        assert!(claim(&app, "c", 9).await.is_empty());

        let batch: Vec<_> = first.iter().map(|job| (job.clone(), suggest(job))).collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::New; 4]
        );
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("says so"),
            [Recorded::Stale; 4]
        );
        assert_eq!((grades(&app).await.len(), events(&app).await.len()), (4, 4));

        // The second worker dies; when its lease is over another takes its work, and its late answer no longer counts.
        app.ctx.state.clock.advance(61 * Timestamp::SECOND);
        let again = claim(&app, "c", 9).await;
        assert_eq!(
            again.iter().map(|job| (job.work, job.attempt)).collect::<Vec<_>>(),
            second.iter().map(|job| (job.work, 2)).collect::<Vec<_>>()
        );
        assert_eq!(
            service::record(&app.ctx, &second[0], suggest(&second[0]))
                .await
                .expect("says so"),
            Recorded::Stale
        );
        assert_eq!(
            service::record(&app.ctx, &again[0], suggest(&again[0]))
                .await
                .expect("records"),
            Recorded::New
        );
        assert_eq!(service::release(&app.ctx, "c").await.expect("hands back"), 1);
        assert_eq!(claim(&app, "d", 9).await[0].attempt, 2, "handing back is no try");

        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("staff watch");
        assert_eq!(
            (progress.total(|row| row.graded), progress.total(|row| row.queued)),
            (5, 1)
        );
        assert_eq!(
            progress
                .questions
                .iter()
                .map(|row| row.bins.iter().flatten().sum::<u32>())
                .sum::<u32>(),
            5
        );
        assert_eq!(progress.questions[0].bins[7][2] + progress.questions[1].bins[9][0], 5);
        assert!(progress.sequence > 0 && !progress.recent.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_key_regrades_but_leaves_people_alone() {
    on_each_database(|app| async move {
        let class = class(&app, 2).await;
        grade_all(&app).await;
        let row = grades(&app)
            .await
            .into_iter()
            .find(|row| row.question_id == class.free)
            .expect("a grade");
        service::decide(&class.teacher, row.id, row.version, Points(100), "See page 3.".into())
            .await
            .expect("decides");

        // Somebody is grading by the old key when it changes.
        let tx = app.ctx.state.db.begin().await.expect("tx");
        assert_eq!(
            store::requeue_question(&*tx, class.free, app.ctx.now())
                .await
                .expect("requeues"),
            2
        );
        tx.commit().await.expect("commits");
        let old = claim(&app, "old", 9).await;
        assert_eq!(old.len(), 2);
        let examples = |job: &Job| job.graded.iter().map(|taught| taught.share).collect::<Vec<_>>();
        let (own, others): (Vec<&Job>, Vec<&Job>) = old.iter().partition(|job| job.answer == row.answer_id);
        assert_eq!(examples(others[0]), [0.25], "the decision is an example");
        assert!(examples(own[0]).is_empty(), "and none for the very answer it is about");
        let tx = app.ctx.state.db.begin().await.expect("tx");
        store::requeue_question(&*tx, class.free, app.ctx.now())
            .await
            .expect("requeues");
        tx.commit().await.expect("commits");
        assert_eq!(
            service::record(&app.ctx, &old[0], suggest(&old[0]))
                .await
                .expect("says so"),
            Recorded::Stale
        );

        let new = claim(&app, "new", 9).await;
        let better = |job: &Job| Suggestion {
            points: Points(400),
            confidence: Some(0.95),
            decision: Decision::Accept,
            input_hash: "2".repeat(64),
            ..suggest(job)
        };
        let batch: Vec<_> = new.iter().map(|job| (job.clone(), better(job))).collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::Replaced; 2]
        );
        let after = grades(&app).await;
        let decided = after.iter().find(|now| now.id == row.id).expect("still there");
        assert_eq!(
            (
                decided.machine_points,
                decided.human_points,
                decided.review_state.as_str()
            ),
            (Points(400), Some(Points(100)), "reviewed")
        );
        assert_eq!(decided.version, 3);
        let other = after
            .iter()
            .find(|now| now.question_id == class.free && now.id != row.id)
            .expect("the other");
        assert_eq!(other.review_state, "accepted");

        // The same once more is no event.
        let before = events(&app).await.len();
        let tx = app.ctx.state.db.begin().await.expect("tx");
        store::requeue_question(&*tx, class.free, app.ctx.now())
            .await
            .expect("requeues");
        tx.commit().await.expect("commits");
        let batch: Vec<_> = claim(&app, "new", 9)
            .await
            .into_iter()
            .map(|job| (job.clone(), better(&job)))
            .collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::Same; 2]
        );
        assert_eq!(events(&app).await.len(), before);

        // While grading is paused nothing begins by itself.
        let requeue = || async {
            let tx = app.ctx.state.db.begin().await.expect("tx");
            store::requeue_question(&*tx, class.free, app.ctx.now())
                .await
                .expect("requeues");
            tx.commit().await.expect("commits");
        };
        requeue().await;
        assert_eq!(
            service::pause(&class.teacher, class.assignment).await.expect("pauses"),
            2
        );
        requeue().await;
        assert!(claim(&app, "new", 9).await.is_empty());
        assert_eq!(
            service::start(&class.teacher, class.assignment).await.expect("starts"),
            2
        );
        assert_eq!(claim(&app, "new", 9).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_graded_goes_to_a_person() {
    on_each_database(|app| async move {
        let class = class(&app, 1).await;
        for attempt in 1..=5 {
            app.ctx.state.clock.advance(Timestamp::MINUTE);
            let jobs = claim(&app, "w", 9).await;
            let job = jobs
                .iter()
                .find(|job| job.question.id == class.free)
                .expect("tried again");
            assert_eq!(job.attempt, attempt);
            service::fail(&app.ctx, job, "The model stumbled.")
                .await
                .expect("fails");
            if let Some(other) = jobs.iter().find(|job| job.question.id != class.free) {
                service::record(&app.ctx, other, suggest(other)).await.expect("records");
            }
        }
        app.ctx.state.clock.advance(Timestamp::HOUR);
        assert!(claim(&app, "w", 9).await.is_empty());
        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("watch");
        assert_eq!((progress.questions[0].failed, progress.questions[0].waiting), (1, 1));
        let queue = service::queue(&class.teacher, class.assignment, waiting(None), None, 9)
            .await
            .expect("a queue");
        let item = &queue.items[0];
        assert!(item.machine.is_none() && item.problem.as_deref() == Some("The model stumbled."));
        let refused = service::accept(&class.teacher, item.grade, item.version, None, String::new())
            .await
            .expect_err("nothing to accept");
        assert_eq!(refused.kind, ErrorKind::Invalid);
        service::decide(&class.teacher, item.grade, item.version, Points(250), String::new())
            .await
            .expect("decides");
        assert_eq!(
            service::publishing(&class.teacher, class.assignment)
                .await
                .expect("numbers")
                .unsettled(),
            None
        );
    })
    .await;
}

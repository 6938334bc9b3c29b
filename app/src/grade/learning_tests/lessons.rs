//! Learning from decisions.

use super::{believe, free, learn_all, lesson};
use crate::entity::{grade_event, suggestion_run};
use crate::error::ErrorKind;
use crate::grade::service;
use crate::grade::store::learning as store;
use crate::grade::tests::{class, grade_all};
use crate::points::Points;
use crate::testing::on_each_database;
use crate::time::Timestamp;
use sea_orm::EntityTrait;

#[tokio::test]
async fn each_decision_is_learnt_from_once_and_touches_no_other_decision() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        assert_eq!(learn_all(&app).await, 1, "new answers are grouped");
        let rows = free(&app, &class).await;
        let student = service::decide(&class.students[0], rows[0].id, 1, Points(0), String::new()).await;
        assert_eq!(student.expect_err("no").kind, ErrorKind::Forbidden);

        // Two decisions, one lesson.
        for (row, points) in [(&rows[0], 100), (&rows[1], 200)] {
            service::decide(&class.teacher, row.id, row.version, Points(points), String::new())
                .await
                .expect("decides");
        }
        let first = lesson(&app, "a").await.expect("something to learn");
        assert!(lesson(&app, "b").await.is_none(), "one at a time");
        assert_eq!(
            (first.examples.len(), first.answers.len(), first.regroup),
            (2, 4, false)
        );
        assert_eq!(first.examples[1].points, Points(200), "in the order of the decisions");
        // A decision while it is being learnt is not lost, and is not overwritten by what comes out.
        service::decide(&class.teacher, rows[2].id, rows[2].version, Points(400), String::new())
            .await
            .expect("decides");
        let learned = believe(&first);
        let changed = service::record_lesson(&app.ctx, &first, learned)
            .await
            .expect("records");
        assert_eq!(changed, Some(3));
        let now = free(&app, &class).await;
        let human: Vec<_> = now.iter().map(|row| row.human_points.map(|points| points.0)).collect();
        assert_eq!(human, [Some(100), Some(200), Some(400), None, None, None]);
        assert_eq!(
            now[2].machine_points,
            Points(300),
            "what stood beside the decision stays"
        );
        assert!(
            now[3..]
                .iter()
                .all(|row| row.machine_points == Points(200) && row.review_state == "accepted")
        );
        assert!(
            now[3..].iter().all(|row| row.version == rows[3].version),
            "what is on a desk stays valid"
        );

        // The decision made meanwhile.
        let second = lesson(&app, "a").await.expect("more to learn");
        assert_eq!(second.examples.len(), 3);
        let learned = believe(&second);
        service::record_lesson(&app.ctx, &second, learned)
            .await
            .expect("records");
        assert_eq!(learn_all(&app).await, 0);
        let picture = service::progress(&class.teacher, class.assignment)
            .await
            .expect("a picture");
        let learnt = picture.questions[0].learnt.clone().expect("has learnt");
        assert_eq!(
            (learnt.decisions, learnt.answers, learnt.changed, learnt.lessons),
            (3, 3, 3, 3)
        );
        let events = grade_event::Entity::find().all(app.ctx.db()).await.expect("events");
        assert_eq!(events.iter().filter(|event| event.kind == "learned").count(), 6);

        // Each run can be put together again from what is stored.
        let runs = service::replays(&app.ctx, Some(class.free), None, 9)
            .await
            .expect("runs");
        assert_eq!(runs.len(), 3);
        let last = runs[2].1.as_ref().expect("whole");
        assert_eq!(
            last.examples.as_ref(),
            second.examples.as_ref(),
            "the same decisions in the same order"
        );
        let texts: Vec<_> = second.answers.iter().map(|pupil| pupil.text.clone()).collect();
        assert_eq!((&last.answers, last.target), (&texts, second.target));
        let outcome: Vec<_> = believe(&second).suggestions.iter().map(service::Outcome::of).collect();
        assert_eq!(last.outcome, outcome);
        // Even when the decision has been taken back since.
        let row = free(&app, &class).await.remove(0);
        service::clear(&class.teacher, row.id, row.version)
            .await
            .expect("takes back");
        let runs = service::replays(&app.ctx, Some(class.free), None, 9)
            .await
            .expect("runs");
        assert_eq!(
            runs[2].1.as_ref().expect("whole").examples.as_ref(),
            second.examples.as_ref()
        );
    })
    .await;
}

#[tokio::test]
async fn published_grades_never_change_and_lost_claims_write_nothing() {
    on_each_database(|app| async move {
        let class = class(&app, 4).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let rows = free(&app, &class).await;
        service::decide(&class.teacher, rows[0].id, rows[0].version, Points(400), String::new())
            .await
            .expect("decides");
        let lost = lesson(&app, "a").await.expect("something to learn");
        app.ctx.state.clock.advance(61 * crate::time::Timestamp::SECOND);
        let taken = lesson(&app, "b").await.expect("its claim ran out");
        let learned = believe(&lost);
        assert_eq!(
            service::record_lesson(&app.ctx, &lost, learned).await.expect("says so"),
            None
        );
        assert_eq!(
            free(&app, &class).await[1].machine_points,
            Points(300),
            "nothing was written"
        );

        service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        let learned = believe(&taken);
        assert_eq!(
            service::record_lesson(&app.ctx, &taken, learned)
                .await
                .expect("says so"),
            None
        );
        let row = &free(&app, &class).await[1];
        assert_eq!(row.machine_points, Points(300));
        service::decide(&class.teacher, row.id, row.version, Points(0), String::new())
            .await
            .expect("a person may");
        assert!(lesson(&app, "a").await.is_none(), "nothing is learnt any more");
        assert_eq!(free(&app, &class).await[2].machine_points, Points(300));
        let runs = suggestion_run::Entity::find().all(app.ctx.db()).await.expect("runs");
        assert_eq!(runs.len(), 1, "only the grouping of new answers");
    })
    .await;
}

#[tokio::test]
async fn answers_that_come_between_seeing_and_claiming_a_lesson_are_grouped() {
    on_each_database(|app| async move {
        let class = class(&app, 2).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let row = free(&app, &class).await.remove(0);
        service::decide(&class.teacher, row.id, row.version, Points(100), String::new())
            .await
            .expect("decides");
        let now = app.ctx.now();
        let seen = store::due(app.ctx.db(), now).await.expect("looks").expect("a lesson");
        assert!(!seen.settle);
        store::want(app.ctx.db(), class.free, class.assignment, true)
            .await
            .expect("notes");
        let until = now.plus(Timestamp::HOUR);
        assert!(
            !store::claim(app.ctx.db(), &seen, "w", now, until)
                .await
                .expect("refuses")
        );
        assert!(lesson(&app, "w").await.expect("a lesson").regroup);
    })
    .await;
}

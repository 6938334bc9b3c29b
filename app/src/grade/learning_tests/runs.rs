//! Which runs are kept: those that changed something, and the newest.

use super::{believe, free, learn_all, lesson};
use crate::entity::{grade_event, lesson as lessons, suggestion_run};
use crate::grade::service;
use crate::grade::tests::{Class, class, grade_all};
use crate::ids::{QuestionId, RunId};
use crate::points::Points;
use crate::testing::{TestApp, on_each_database};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::collections::BTreeSet;

/// The question's runs, the oldest first.
async fn runs(app: &TestApp, question: QuestionId) -> Vec<RunId> {
    let query = suggestion_run::Entity::find()
        .filter(suggestion_run::Column::QuestionId.eq(question))
        .order_by_asc(suggestion_run::Column::Id);
    let rows = query.all(app.ctx.db()).await.expect("runs");
    rows.into_iter().map(|row| row.id).collect()
}

/// What somebody may ask about: the runs that the history names, and the one that the question's last lesson names.
async fn named(app: &TestApp, question: QuestionId) -> Vec<RunId> {
    let events = grade_event::Entity::find().all(app.ctx.db()).await.expect("events");
    let run = |event: grade_event::Model| {
        let detail: serde_json::Value = serde_json::from_str(&event.detail).expect("json");
        serde_json::from_value::<RunId>(detail["run"].clone()).expect("a run")
    };
    let mut named: BTreeSet<RunId> = events
        .into_iter()
        .filter(|event| event.kind == "learned")
        .map(run)
        .collect();
    let last = lessons::Entity::find_by_id(question).one(app.ctx.db()).await;
    named.extend(last.expect("a row").and_then(|row| row.run_id));
    named.into_iter().collect()
}

/// Decides the answer at this place, and learns from it; how many answers changed.
async fn teach(app: &TestApp, class: &Class, place: usize, points: i32) -> Option<u32> {
    let row = free(app, class).await.remove(place);
    service::decide(&class.teacher, row.id, row.version, Points(points), String::new())
        .await
        .expect("decides");
    let lesson = lesson(app, "w").await.expect("something to learn");
    let learned = believe(&lesson);
    service::record_lesson(&app.ctx, &lesson, learned)
        .await
        .expect("records")
}

#[tokio::test]
async fn a_run_that_changed_nothing_goes_with_the_next() {
    on_each_database(|app| async move {
        let class = class(&app, 7).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let first = runs(&app, class.free).await;
        assert_eq!(first.len(), 1, "today's suggestions came from somewhere");
        // Another question's run, made at the same moment.
        let other = QuestionId::new();
        let row = suggestion_run::Entity::find_by_id(first[0]).one(app.ctx.db()).await;
        let row = suggestion_run::Model {
            id: RunId::new(),
            question_id: other,
            ..row.expect("a row").expect("the run")
        };
        suggestion_run::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(app.ctx.db())
            .await
            .expect("another run");

        // The believer says of all what was said of the last, and accepts from two decisions on.
        let mut kept = Vec::new();
        for (place, points, changed) in [
            (0, 300, 0),
            (1, 200, 5),
            (2, 200, 0),
            (3, 200, 0),
            (4, 100, 2),
            (5, 100, 0),
        ] {
            let before = runs(&app, class.free).await;
            assert_eq!(teach(&app, &class, place, points).await, Some(changed));
            let after = runs(&app, class.free).await;
            let newest = *after.last().expect("a run");
            assert!(!before.contains(&newest));
            let expected: Vec<RunId> = kept.iter().copied().chain([newest]).collect();
            assert_eq!(after, expected, "after decision {place}");
            assert_eq!(after, named(&app, class.free).await);
            if changed > 0 {
                kept.push(newest);
            }
        }
        assert_eq!(runs(&app, other).await.len(), 1);

        // What is left can be made again, a page at a time, across what is gone.
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let page = service::replays(&app.ctx, Some(class.free), after, 1)
                .await
                .expect("a page");
            let Some((run, stored)) = page.into_iter().next() else {
                break;
            };
            stored.expect("whole");
            (seen, after) = ([seen, vec![run]].concat(), Some(run));
        }
        assert_eq!(seen, runs(&app, class.free).await);
        let gone = service::replays(&app.ctx, Some(class.free), Some(first[0]), 9).await;
        assert_eq!(gone.expect("from where a run was").len(), seen.len());
    })
    .await;
}

#[tokio::test]
async fn lessons_that_make_no_run_take_none_away() {
    on_each_database(|app| async move {
        let class = class(&app, 5).await;
        grade_all(&app).await;
        learn_all(&app).await;
        teach(&app, &class, 0, 200).await;
        assert_eq!(teach(&app, &class, 1, 200).await, Some(3));
        // A lesson that comes too late: it says that nothing changed, and is not about the run before.
        let row = free(&app, &class).await.remove(2);
        service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
            .await
            .expect("decides");
        let late = lesson(&app, "w").await.expect("something to learn");
        service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        let learned = believe(&late);
        assert_eq!(
            service::record_lesson(&app.ctx, &late, learned).await.expect("says so"),
            None
        );
        let before = runs(&app, class.free).await;
        service::unpublish(&class.teacher, class.assignment)
            .await
            .expect("hides");
        assert_eq!(teach(&app, &class, 3, 200).await, Some(0));
        let after = runs(&app, class.free).await;
        assert_eq!(after[..before.len()], before, "they are named by the history");
        assert_eq!(after.len(), before.len() + 1);
        assert_eq!(after, named(&app, class.free).await);

        // The last answer is decided: nothing is left to suggest, and the newest run stays the newest.
        assert_eq!(teach(&app, &class, 4, 200).await, Some(0));
        assert_eq!(runs(&app, class.free).await, after);
    })
    .await;
}

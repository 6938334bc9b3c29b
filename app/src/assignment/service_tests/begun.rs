//! Once students have begun, and once they are graded.

use super::*;

#[tokio::test]
async fn what_students_began_is_not_pulled_away() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        unpublish(&class.teacher, id, None).await.expect("nobody has begun");
        publish(&class.teacher, id, None).await.expect("published again");
        assert_eq!(
            kind(questions::add(&class.teacher, id, QuestionKind::Numeric).await),
            ErrorKind::Conflict,
            "it is published"
        );
        class.start(id, false).await;
        let begun = unpublish(&class.teacher, id, None)
            .await
            .expect_err("somebody has begun");
        assert_eq!(
            begun.message,
            "1 student has begun to answer, so it cannot be taken back. You can change its dates instead."
        );
        assert_eq!(kind(delete(&class.teacher, id, None).await), ErrorKind::Conflict);
        assert_eq!(
            kind(questions::remove(&class.teacher, question).await),
            ErrorKind::Conflict
        );
        let mut moved = choice(1);
        if let Key::SingleChoice { options } = &mut moved.key {
            options.swap(0, 1);
        }
        let refused = questions::update(&class.teacher, question, None, moved)
            .await
            .expect_err("options stay");
        assert_eq!(refused.fields[0].field, "options");
        assert_eq!(
            questions::update(&class.teacher, question, None, choice(2))
                .await
                .map(|saved| saved.requeued),
            Ok(0)
        );
        let other = QuestionContent {
            key: Key::TrueFalse { correct: true },
            ..choice(0)
        };
        assert_eq!(
            questions::update(&class.teacher, question, None, other)
                .await
                .expect_err("a kind stays")
                .fields[0]
                .field,
            "kind"
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_key_grades_again_until_grades_are_published() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        class.graded(id, question, Some(Points(200))).await;
        let words = QuestionContent {
            prompt: "Which colour then?".into(),
            ..choice(1)
        };
        assert_eq!(
            questions::update(&class.teacher, question, None, words)
                .await
                .map(|saved| saved.requeued),
            Ok(0),
            "words grade nothing"
        );
        let saved = questions::update(&class.teacher, question, None, choice(2))
            .await
            .expect("saved");
        assert_eq!(saved.requeued, 1);
        let work = grading_work::Entity::find()
            .filter(grading_work::Column::QuestionId.eq(question))
            .one(class.app.ctx.db())
            .await;
        assert_eq!(
            work.map(|work| work.map(|work| work.state)),
            Ok(Some("queued".to_owned()))
        );
        let fewer = QuestionContent {
            points: Points(100),
            ..choice(2)
        };
        let refused = questions::update(&class.teacher, question, None, fewer)
            .await
            .expect_err("a person gave 2");
        assert_eq!(refused.fields[0].field, "points");
        let row = assignment::Entity::find_by_id(id)
            .one(class.app.ctx.db())
            .await
            .expect("a row")
            .expect("the assignment");
        let mut done = row.into_active_model();
        done.grades_published_at = Set(Some(class.app.ctx.now()));
        done.update(class.app.ctx.db()).await.expect("grades are out");
        assert_eq!(
            kind(questions::update(&class.teacher, question, None, choice(0)).await),
            ErrorKind::Conflict
        );
        let later = AssignmentContent {
            due_at: None,
            ..content(&class.teacher)
        };
        assert_eq!(kind(update(&class.teacher, id, None, later).await), ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn the_overview_counts() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        let (other, _) = class.open().await;
        assert_eq!(
            overview(&class.teacher, id).await,
            Ok(StaffOverview {
                students: 2,
                ..Default::default()
            })
        );
        class.graded(id, question, None).await;
        let counted = StaffOverview {
            students: 2,
            started: 1,
            submitted: 1,
            graded: 1,
            ..Default::default()
        };
        assert_eq!(overview(&class.assistant, id).await, Ok(counted));
        assert_eq!(
            overview(&class.assistant, other).await.map(|overview| overview.graded),
            Ok(0)
        );
        let lines = list(&class.teacher, class.course).await.expect("a list");
        assert_eq!(
            lines.iter().find(|line| line.id == id).and_then(|line| line.staff),
            Some(counted)
        );
        assert_eq!(kind(overview(&class.student, id).await), ErrorKind::Forbidden);
    })
    .await;
}

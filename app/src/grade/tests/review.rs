//! The queue of one person, and two at one.

use super::{class, events, grade_all, waiting};
use crate::course::model::Role;
use crate::error::ErrorKind;
use crate::grade::model::{ReviewCounts, ReviewDesk, ReviewState};
use crate::grade::service;
use crate::ids::QuestionId;
use crate::points::Points;
use crate::testing::on_each_database;

#[tokio::test]
async fn one_question_is_reviewed_at_a_time() {
    on_each_database(|app| async move {
        let class = class(&app, 5).await;
        grade_all(&app).await;
        let open = |filter, after| service::desk(&class.teacher, class.assignment, filter, None, after, 2);
        let desk = open(waiting(Some(class.free)), None).await.expect("a desk");
        let numbers = |desk: &ReviewDesk| {
            let questions = desk.questions.iter();
            questions
                .map(|each| (each.position, each.counts.waiting, each.counts.accepted))
                .collect::<Vec<_>>()
        };
        // Whatever is shown, the desk knows of each question.
        assert_eq!(numbers(&desk), [(1, 5, 0), (2, 0, 5)]);
        let choice = desk.questions[1].question;
        let mut seen = Vec::new();
        let mut piece = desk.queue;
        loop {
            assert!(piece.items.len() <= 2 && piece.items.iter().all(|item| item.question == class.free));
            seen.extend(piece.items.iter().map(|item| item.grade));
            if !piece.more {
                break;
            }
            let after = piece.items.last().map(|item| item.cursor);
            piece = open(waiting(Some(class.free)), after).await.expect("a desk").queue;
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5);

        let item = &open(waiting(None), None).await.expect("a desk").queue.items[0];
        service::decide(&class.teacher, item.grade, item.version, Points(200), String::new())
            .await
            .expect("decides");
        let none = open(waiting(Some(choice)), None).await.expect("a desk");
        assert!(none.queue.items.is_empty());
        assert_eq!(numbers(&none), [(1, 4, 0), (2, 0, 5)]);
        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("watch");
        let told = progress
            .questions
            .iter()
            .map(|row| (row.position, row.waiting, row.accepted));
        assert_eq!(
            told.collect::<Vec<_>>(),
            numbers(&none),
            "the live picture says the same"
        );

        // A question of another assignment has nothing here, and who may not grade here sees nothing of this one.
        let foreign = open(waiting(Some(QuestionId::new())), None).await.expect("a desk");
        assert!(foreign.queue.items.is_empty() && foreign.queue.counts == ReviewCounts::default());
        let refused = service::desk(
            &class.students[0],
            class.assignment,
            waiting(Some(class.free)),
            None,
            None,
            2,
        )
        .await;
        assert_eq!(refused.expect_err("not for them").kind, ErrorKind::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn two_graders_never_overwrite_each_other() {
    on_each_database(|app| async move {
        let class = class(&app, 3).await;
        let assistant = app.person("Ali").await;
        app.enrol(class.course, &assistant, Role::Assistant).await;
        grade_all(&app).await;
        let queue = service::queue(&assistant, class.assignment, waiting(Some(class.free)), None, 2)
            .await
            .expect("a queue");
        assert_eq!((queue.items.len(), queue.more, queue.counts.waiting), (2, true, 3));
        let rest = service::queue(
            &assistant,
            class.assignment,
            waiting(None),
            Some(queue.items[1].cursor),
            9,
        )
        .await
        .expect("the rest");
        assert_eq!((rest.items.len(), rest.more), (1, false));
        assert!(queue.items.iter().all(|item| item.grade != rest.items[0].grade));

        let item = &queue.items[0];
        service::decide(&assistant, item.grade, item.version, Points(350), "Nearly.".into())
            .await
            .expect("decides");
        let late = service::decide(&class.teacher, item.grade, item.version, Points(0), String::new())
            .await
            .expect_err("too late");
        assert_eq!(late.kind, ErrorKind::Conflict);
        assert!(
            late.message.contains("Ali gave this answer 3.5 points"),
            "{}",
            late.message
        );
        let too_many = service::decide(&class.teacher, item.grade, 2, Points(401), String::new())
            .await
            .expect_err("too many");
        assert!(too_many.for_field("points").is_some());
        let back = service::clear(&class.teacher, item.grade, 2).await.expect("takes back");
        assert_eq!((back.version, back.human, back.state), (3, None, ReviewState::Waiting));
        let accepted = service::accept(&class.teacher, item.grade, 3, None, String::new())
            .await
            .expect("accepts");
        assert_eq!(
            accepted.human.map(|human| (human.points, human.by)),
            Some((Points(300), "Tess".into()))
        );
        assert_eq!(
            events(&app)
                .await
                .iter()
                .filter(|kind| *kind != "machine")
                .collect::<Vec<_>>(),
            ["human", "clear", "human"]
        );

        let stranger = app.person("Otto").await;
        for person in [&class.students[0], &stranger] {
            let refused = service::decide(person, item.grade, 4, Points(400), String::new())
                .await
                .expect_err("not for them");
            assert_eq!(refused.kind, ErrorKind::Forbidden);
            assert!(
                service::queue(person, class.assignment, waiting(None), None, 9)
                    .await
                    .is_err()
            );
            assert!(service::progress(person, class.assignment).await.is_err());
            assert!(service::gradebook(person, class.course, None).await.is_err());
            assert!(service::publish(person, class.assignment, true).await.is_err());
        }
        assert_eq!(
            service::publish(&assistant, class.assignment, true)
                .await
                .expect_err("teachers publish")
                .kind,
            ErrorKind::Forbidden
        );
        assert_eq!(
            service::progress(&app.ctx, class.assignment)
                .await
                .expect_err("nobody")
                .kind,
            ErrorKind::SignIn
        );
    })
    .await;
}

//! Two people at one queue.

use super::{class, events, grade_all, waiting};
use crate::course::model::Role;
use crate::error::ErrorKind;
use crate::grade::model::ReviewState;
use crate::grade::service;
use crate::points::Points;
use crate::testing::on_each_database;

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

//! What students see, and when.

use super::{class, grade_all, grades};
use crate::entity::audit_entry;
use crate::error::ErrorKind;
use crate::grade::service;
use crate::points::Points;
use crate::testing::on_each_database;
use sea_orm::EntityTrait;

#[tokio::test]
async fn students_see_results_when_they_are_published() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        let early = service::result(&class.students[0], class.submissions[0])
            .await
            .expect_err("not yet");
        assert_eq!(early.kind, ErrorKind::Withheld);
        let refused = service::publish(&class.teacher, class.assignment, false)
            .await
            .expect_err("nothing is graded");
        assert!(
            refused.message.starts_with("12 answers are not graded yet"),
            "{}",
            refused.message
        );
        grade_all(&app).await;
        let refused = service::publish(&class.teacher, class.assignment, false)
            .await
            .expect_err("six wait");
        assert!(
            refused.message.starts_with("6 answers still wait for review"),
            "{}",
            refused.message
        );
        let published = service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        assert_eq!(
            (published.students, published.waiting, published.published_at.is_some()),
            (6, 6, true)
        );
        assert_eq!(
            service::publish(&class.teacher, class.assignment, true)
                .await
                .expect_err("once")
                .kind,
            ErrorKind::Conflict
        );

        let sheet = service::result(&class.students[0], class.submissions[0])
            .await
            .expect("sees it");
        assert_eq!(
            (sheet.earned, sheet.total, sheet.of),
            (Points(700), Points(630), Points(800))
        );
        assert!(sheet.late_words().is_some_and(|words| words.contains("10 % less")));
        let unseen = sheet.questions.iter().filter(|question| question.unseen);
        assert_eq!(unseen.count(), 1, "what nobody looked at says so");
        assert!(
            sheet.questions[1]
                .answer
                .options
                .iter()
                .all(|option| option.correct.is_none()),
            "the key stays with the staff"
        );
        assert!(
            sheet.questions[0]
                .machine
                .as_ref()
                .is_some_and(|machine| machine.evidence.reference.is_none())
        );
        assert_eq!(
            sheet
                .distribution
                .map(|class| (class.submissions, class.bins.iter().sum::<u32>(), class.own)),
            Some((6, 6, 7))
        );
        let other = service::result(&class.students[1], class.submissions[0])
            .await
            .expect_err("not theirs");
        assert_eq!(other.kind, ErrorKind::Forbidden);
        let staff = service::result(&class.teacher, class.submissions[0])
            .await
            .expect("staff see all");
        assert!(
            staff.for_staff
                && staff.questions[0]
                    .machine
                    .as_ref()
                    .is_some_and(|machine| machine.evidence.reference.is_some())
        );

        let row = grades(&app)
            .await
            .into_iter()
            .find(|row| row.submission_id == class.submissions[0] && row.question_id == class.free)
            .expect("a grade");
        service::decide(&class.teacher, row.id, row.version, Points(400), String::new())
            .await
            .expect("decides");
        let sheet = service::result(&class.students[0], class.submissions[0])
            .await
            .expect("sees it");
        assert_eq!(sheet.total, Points(720));
        service::unpublish(&class.teacher, class.assignment)
            .await
            .expect("hides");
        assert!(service::result(&class.students[0], class.submissions[0]).await.is_err());
        let acts: Vec<String> = audit_entry::Entity::find()
            .all(app.ctx.db())
            .await
            .expect("log")
            .into_iter()
            .map(|row| row.action)
            .collect();
        assert_eq!(acts, ["grade.publish", "grade.change", "grade.unpublish"]);
    })
    .await;
}

//! The gradebook and its file.

use super::{class, grade_all, grades};
use crate::course::model::Role;
use crate::grade::service;
use crate::points::Points;
use crate::testing::on_each_database;

#[tokio::test]
async fn the_gradebook_pages_and_exports() {
    on_each_database(|app| async move {
        let class = class(&app, 53).await;
        grade_all(&app).await;
        let late = app.person("=Zed").await;
        app.enrol(class.course, &late, Role::Student).await;
        let first = service::gradebook(&class.teacher, class.course, None)
            .await
            .expect("a page");
        assert_eq!(
            (first.rows.len(), first.students, first.columns[0].of),
            (50, 54, Points(800))
        );
        let second = service::gradebook(&class.teacher, class.course, first.next)
            .await
            .expect("the next");
        assert_eq!((second.rows.len(), second.next), (4, None));
        let all: Vec<_> = first.rows.iter().chain(&second.rows).collect();
        assert_eq!(
            all.iter()
                .map(|row| row.student)
                .collect::<std::collections::HashSet<_>>()
                .len(),
            54
        );
        let zero = all.iter().find(|row| row.name == "Student00").expect("is listed");
        let cell = zero.cells[0].expect("has submitted");
        assert_eq!(
            (cell.total, cell.late_percent, cell.waiting, cell.ungraded),
            (Points(630), 10, 1, 0)
        );
        let zed = all.iter().find(|row| row.name == "=Zed").expect("is listed");
        assert_eq!(
            (zed.cells[0], zed.percentage(&first.columns).as_deref()),
            (None, Some("0.0"))
        );

        let (code, text) = service::gradebook_csv(&class.teacher, class.course)
            .await
            .expect("a file");
        assert_eq!((code.as_str(), text.lines().count()), ("BIO101", 55));
        assert!(text.starts_with("Name,Email,Cells (8 pts),Total Points,Percentage,Cells: status\n"));
        assert!(
            text.contains("\nStudent00,student00@test.example,6.3,6.3,78.8,waiting\n"),
            "{text}"
        );
        assert!(text.contains("\n'=Zed,'=zed@test.example,,0,0.0,\n"), "{text}");

        // What a person has decided is said to be so; the choice needs nobody.
        let row = grades(&app)
            .await
            .into_iter()
            .find(|row| row.submission_id == class.submissions[0] && row.question_id == class.free)
            .expect("a grade");
        service::decide(&class.teacher, row.id, row.version, Points(300), String::new())
            .await
            .expect("decides");
        let (_, text) = service::gradebook_csv(&class.teacher, class.course)
            .await
            .expect("a file");
        assert!(
            text.contains("\nStudent00,student00@test.example,6.3,6.3,78.8,reviewed\n"),
            "{text}"
        );
        assert!(
            text.contains("\nStudent01,student01@test.example,7,7,87.5,waiting\n"),
            "{text}"
        );
    })
    .await;
}

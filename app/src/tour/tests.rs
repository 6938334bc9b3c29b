//! Tours of people with and without courses, on each database.

use super::model::{Guest, Place};
use super::service::tours;
use crate::course::model::Role;
use crate::testing::on_each_database;
use proptest::prelude::*;

#[tokio::test]
async fn everyone_is_led_to_pages_of_their_own() {
    on_each_database(|app| async move {
        let (teacher, ada, nobody) = (
            app.person("Teacher").await,
            app.person("Ada").await,
            app.person("Nobody").await,
        );
        let course = app.course("BIO", &teacher).await;
        app.enrol(course, &ada, Role::Student).await;

        let of_nobody = tours(&nobody).await.expect("tours");
        assert_eq!(of_nobody.len(), 1);
        assert_eq!(of_nobody[0].guest, Guest::Student);
        assert_eq!(of_nobody[0].stops[1].path, None);
        assert_eq!(of_nobody[0].address(2).as_deref(), Some("/tour?tour=student-2"));

        let of_teacher = tours(&teacher).await.expect("tours");
        assert_eq!(of_teacher[0].guest, Guest::Teacher);
        assert_eq!(
            of_teacher[0].address(2),
            Some(format!("/courses/{course}?tour=teacher-2"))
        );
        assert_eq!((of_teacher[0].address(0), of_teacher[0].address(99)), (None, None));

        let of_ada = tours(&ada).await.expect("tours");
        assert_eq!(of_ada.len(), 1);
        let stranger = crate::platform::Ctx {
            actor: None,
            ..ada.clone()
        };
        assert!(tours(&stranger).await.is_err());
    })
    .await;
}

proptest! {
    #[test]
    fn a_place_is_read_as_it_is_written(stop in 1usize..1000, which in 0usize..3) {
        let guest = [Guest::Student, Guest::Teacher, Guest::Administrator][which];
        let place = Place { guest, stop };
        prop_assert_eq!(place.to_string().parse(), Ok(place));
    }
}

#[test]
fn other_words_are_no_place() {
    for text in [
        "",
        "teacher",
        "teacher-",
        "teacher-0",
        "teacher--1",
        "teacher-x",
        "judge-1",
        "-1",
    ] {
        assert_eq!(text.parse::<Place>(), Err(()), "{text}");
    }
}

//! Stories about administrators.

use super::model::{Kind, UserQuery};
use super::service;
use super::users::FirstPlace;
use crate::course::form::Person;
use crate::course::model::Role;
use crate::entity::audit_entry;
use crate::error::ErrorKind;
use crate::platform::Ctx;
use crate::testing::{id_of, on_each_database};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

fn person(email: &str, name: &str) -> Person {
    Person {
        email: email.into(),
        name: name.into(),
    }
}

async fn kinds(admin: &Ctx, kind: Kind) -> Vec<String> {
    let page = service::users(
        admin,
        UserQuery {
            kind,
            ..UserQuery::default()
        },
    )
    .await
    .expect("a page");
    page.users.into_iter().map(|user| user.name).collect()
}

#[tokio::test]
async fn only_administrators_come_in() {
    on_each_database(|app| async move {
        let sam = app.person("Sam").await;
        let id = id_of(&sam);
        let refusals = [
            service::system(&sam).await.err(),
            service::retry(&sam, None).await.err(),
            service::users(&sam, UserQuery::default()).await.err(),
            service::user(&sam, id).await.err(),
            service::create_user(&sam, person("x@test.example", "X"), true, None)
                .await
                .err(),
            service::set_admin(&sam, id, true).await.err(),
            service::deactivate(&sam, id).await.err(),
            service::reactivate(&sam, id).await.err(),
            service::reset_password(&sam, id).await.err(),
            service::revoke_sessions(&sam, id).await.err(),
            service::audit_page(&sam, None, true).await.err(),
            service::settings(&sam).await.err(),
            service::save_settings(&sam, "X".into(), "UTC".into(), true, false)
                .await
                .err(),
        ];
        for refused in refusals {
            assert_eq!(refused.map(|error| error.kind), Some(ErrorKind::Forbidden));
        }
        assert_eq!(
            service::system(&app.ctx).await.expect_err("nobody").kind,
            ErrorKind::SignIn
        );
    })
    .await;
}

#[tokio::test]
async fn there_is_always_an_administrator() {
    on_each_database(|app| async move {
        let (root, sam) = (app.admin("Root").await, app.person("Sam").await);
        let last = service::set_admin(&root, id_of(&root), false)
            .await
            .expect_err("the last one");
        assert_eq!(last.kind, ErrorKind::Conflict);
        assert_eq!(
            service::deactivate(&root, id_of(&root))
                .await
                .expect_err("oneself")
                .kind,
            ErrorKind::Conflict
        );

        service::set_admin(&root, id_of(&sam), true).await.expect("Sam is one");
        service::deactivate(&root, id_of(&sam)).await.expect("Sam is out");
        assert_eq!(kinds(&root, Kind::Deactivated).await, ["Sam"]);
        let last = service::set_admin(&root, id_of(&root), false)
            .await
            .expect_err("Sam cannot sign in");
        assert_eq!(last.kind, ErrorKind::Conflict);

        service::reactivate(&root, id_of(&sam)).await.expect("Sam is back");
        service::set_admin(&root, id_of(&root), false)
            .await
            .expect("Sam is there");
        assert_eq!(
            kinds(&app.admin("Zoe").await, Kind::Administrators).await,
            ["Sam", "Zoe"]
        );
    })
    .await;
}

#[tokio::test]
async fn accounts_are_made_and_opened_anew() {
    on_each_database(|app| async move {
        let (root, tess) = (app.admin("Root").await, app.person("Tess").await);
        app.course("BIO101", &tess).await;
        let place = Some(FirstPlace {
            course: "BIO101".into(),
            role: Role::Teacher,
        });
        let (id, batch, shown) = service::create_user(&root, person("ada@test.example", "Ada"), false, place)
            .await
            .expect("is made");
        assert_eq!(
            service::handed_over(&root, id, &batch).await.expect("may see"),
            Some(shown)
        );
        let detail = service::user(&root, id).await.expect("an account");
        assert!(detail.must_change_password && detail.user.teaches);
        assert_eq!(detail.places[0].code, "BIO101");

        let twice = service::create_user(&root, person("ADA@test.example", "Ada"), false, None)
            .await
            .expect_err("is there");
        assert!(twice.for_field("email").is_some());
        let lost = Some(FirstPlace {
            course: "NOWHERE1".into(),
            role: Role::Student,
        });
        let lost = service::create_user(&root, person("b@test.example", "B"), false, lost)
            .await
            .expect_err("no such course");
        assert!(lost.for_field("course").is_some());

        app.ctx.state.clock.advance(1_000_000);
        let (again, fresh) = service::reset_password(&root, id).await.expect("is reset");
        assert_eq!(
            service::handed_over(&root, id, &batch).await.expect("may see"),
            None,
            "the first password is no more"
        );
        assert_eq!(
            service::handed_over(&root, id, &again).await.expect("may see"),
            Some(fresh)
        );
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_when_it_was_touched() {
    on_each_database(|app| async move {
        let (root, sam) = (app.admin("Root").await, app.person("Sam").await);
        for on in [true, false, true] {
            service::set_admin(&root, id_of(&sam), on).await.expect("is changed");
        }
        let page = service::audit_page(&root, None, true).await.expect("a page");
        let verdict = page.verdict.expect("was asked for");
        assert_eq!((verdict.entries, verdict.broken_at), (3, None));
        let second = page.entries[1].id;
        audit_entry::Entity::update_many()
            .col_expr(audit_entry::Column::ActorName, Expr::value("Somebody else"))
            .filter(audit_entry::Column::Id.eq(second))
            .exec(app.ctx.db())
            .await
            .expect("a hand in the database");
        assert_eq!(
            service::audit_verdict(&root).await.expect("is checked").broken_at,
            Some(second)
        );
    })
    .await;
}

#[tokio::test]
async fn the_control_room_and_the_settings() {
    on_each_database(|app| async move {
        let root = app.admin("Root").await;
        let system = service::system(&root).await.expect("a picture");
        assert!(system.health.is_ready(), "{:?}", system.health);
        assert_eq!(system.counts.users, 1);
        assert_eq!(service::retry(&root, None).await.expect("nothing to do"), 0);

        let wrong = service::save_settings(&root, "".into(), "Mars/Olympus".into(), true, false)
            .await
            .expect_err("is refused");
        assert!(wrong.for_field("name").is_some() && wrong.for_field("time_zone").is_some());
        service::save_settings(&root, " School of Life ".into(), "Europe/Berlin".into(), false, true)
            .await
            .expect("is saved");
        let now = service::settings(&root).await.expect("settings").institution;
        assert_eq!(
            (now.name.as_str(), now.time_zone.as_str(), now.self_registration),
            ("School of Life", "Europe/Berlin", false)
        );
    })
    .await;
}

//! Stories about courses and the people in them.

use super::form::{CourseForm, Person};
use super::import::Outcome;
use super::model::Role;
use super::service;
use super::shape::{PeopleQuery, Standing};
use crate::admin::one_time::Batch;
use crate::entity::{audit_entry, user};
use crate::error::ErrorKind;
use crate::ids::CourseId;
use crate::platform::{Ctx, password};
use crate::testing::{TestApp, id_of, on_each_database};
use sea_orm::EntityTrait;

fn form(code: &str) -> CourseForm {
    CourseForm {
        code: code.into(),
        title: "Cells".into(),
        ..CourseForm::default()
    }
}

fn person(email: &str, name: &str) -> Person {
    Person {
        email: email.into(),
        name: name.into(),
    }
}

async fn names(ctx: &Ctx, course: CourseId) -> Vec<String> {
    let people = service::people(ctx, course, PeopleQuery::default())
        .await
        .expect("staff see people");
    people.members.into_iter().map(|member| member.name).collect()
}

async fn users(app: &TestApp) -> usize {
    user::Entity::find().all(app.ctx.db()).await.expect("users").len()
}

async fn acts(app: &TestApp) -> Vec<String> {
    let rows = audit_entry::Entity::find().all(app.ctx.db()).await.expect("the log");
    rows.into_iter().map(|row| row.action).collect()
}

#[tokio::test]
async fn courses_are_made_by_administrators_and_teachers() {
    on_each_database(|app| async move {
        let (admin, student) = (app.admin("Root").await, app.person("Sam").await);
        let refused = service::create(&student, form("X"), None)
            .await
            .expect_err("students make no courses");
        assert_eq!(refused.kind, ErrorKind::Forbidden);

        let (course, made) = service::create(&admin, form("BIO101"), Some(person("Ada@Test.example", "Ada Teacher")))
            .await
            .expect("is made");
        assert_eq!(made.accounts[0].email, "ada@test.example");
        let ada = crate::account::store::by_email(app.ctx.db(), "ada@test.example")
            .await
            .expect("db")
            .expect("has an account");
        let opens = password::verify(made.accounts[0].password.clone(), Some(ada.password_hash.clone()))
            .await
            .expect("verifies");
        assert!(opens && ada.must_change_password && !ada.is_admin);

        let ada = app.ctx.acting_as(&ada);
        let again = service::create(&ada, form("BIO101"), None)
            .await
            .expect_err("the code is taken");
        assert!(again.for_field("code").is_some());
        let (second, nobody) = service::create(&ada, form("BIO102"), None)
            .await
            .expect("a teacher makes courses");
        assert!(nobody.accounts.is_empty());
        let for_other = service::create(&ada, form("BIO103"), Some(person("x@test.example", "X")))
            .await
            .expect_err("not for others");
        assert_eq!(for_other.kind, ErrorKind::Forbidden);

        let mine = service::mine(&ada, false, None).await.expect("a list");
        assert!(mine.may_create && !mine.everywhere);
        assert_eq!(
            mine.courses.iter().map(|course| course.id).collect::<Vec<_>>(),
            [course, second]
        );
        assert!(
            service::mine(&student, false, None)
                .await
                .expect("a list")
                .courses
                .is_empty()
        );
        assert_eq!(
            service::mine(&admin, false, None).await.expect("a list").courses.len(),
            2
        );
        assert_eq!(
            acts(&app).await,
            ["course.create", "course.enrol", "course.create", "course.enrol"]
        );
    })
    .await;
}

#[tokio::test]
async fn people_come_change_and_go() {
    on_each_database(|app| async move {
        let (teacher, sam, other) = (
            app.person("Tess").await,
            app.person("Sam").await,
            app.person("Otto").await,
        );
        let course = app.course("BIO101", &teacher).await;
        app.course("CHE201", &other).await;

        let joined = service::enrol(&teacher, course, person("SAM@test.example", ""), Role::Student)
            .await
            .expect("Sam joins");
        assert!(joined.accounts.is_empty(), "Sam has an account");
        let twice = service::enrol(&teacher, course, person("sam@test.example", "Sam"), Role::Student)
            .await
            .expect_err("is here");
        assert!(twice.for_field("email").is_some());
        let unnamed = service::enrol(&teacher, course, person("new@test.example", ""), Role::Student)
            .await
            .expect_err("needs a name");
        assert!(unnamed.for_field("email").is_some());

        let before = users(&app).await;
        let fresh = service::enrol(
            &teacher,
            course,
            person("new@test.example", "Nora New"),
            Role::Assistant,
        )
        .await
        .expect("Nora joins");
        assert_eq!(users(&app).await, before + 1);
        let shown = service::handed_over(&teacher, course, &fresh.batch)
            .await
            .expect("may see");
        assert_eq!(shown, fresh.accounts);
        assert!(
            service::handed_over(&teacher, course, &Batch::new(app.ctx.now()))
                .await
                .expect("may see")
                .is_empty()
        );

        // Only an administrator makes teachers; who teaches elsewhere already may be invited.
        let refused = service::enrol(&teacher, course, person("t@test.example", "T"), Role::Teacher)
            .await
            .expect_err("not by a teacher");
        assert!(refused.message.contains("administrator"));
        let promoted = service::change_role(&teacher, course, id_of(&sam), Role::Teacher)
            .await
            .expect_err("not by a teacher");
        assert!(promoted.for_field("role").is_some());
        service::enrol(&teacher, course, person("otto@test.example", ""), Role::Teacher)
            .await
            .expect("Otto teaches already");

        service::change_role(&teacher, course, id_of(&sam), Role::Assistant)
            .await
            .expect("Sam assists");
        assert_eq!(names(&sam, course).await, ["Nora New", "Otto", "Sam", "Tess"]);
        let not_his = service::remove(&sam, course, id_of(&teacher))
            .await
            .expect_err("assistants remove nobody");
        assert_eq!(not_his.kind, ErrorKind::Forbidden);

        service::remove(&teacher, course, id_of(&other))
            .await
            .expect("Otto goes");
        let last = service::remove(&teacher, course, id_of(&teacher))
            .await
            .expect_err("the last teacher stays");
        assert_eq!(last.kind, ErrorKind::Conflict);
        let last = service::change_role(&teacher, course, id_of(&teacher), Role::Student)
            .await
            .expect_err("the last teacher stays one");
        assert_eq!(last.kind, ErrorKind::Conflict);
        service::remove(&teacher, course, id_of(&sam)).await.expect("Sam goes");
        assert_eq!(
            service::get(&sam, course).await.expect_err("is out").kind,
            ErrorKind::Forbidden
        );
        assert_eq!(
            crate::audit::store::first_break(app.ctx.db())
                .await
                .expect("is checked"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn a_table_comes_in_whole_or_not_at_all() {
    on_each_database(|app| async move {
        let (teacher, sam) = (app.person("Tess").await, app.person("Sam").await);
        let course = app.course("BIO101", &teacher).await;
        app.enrol(course, &sam, Role::Student).await;
        let before = users(&app).await;

        let broken = "email,firstName,lastName,role,courseCode\na@test.example,A,A,student,BIO101\nb@test.example,B,B,teacher,BIO101\nc,C,C,student,CHE201\n";
        let preview = service::import_preview(&teacher, course, broken).await.expect("a preview");
        let places: Vec<_> = preview.problems.iter().map(|problem| (problem.line, problem.column.as_str())).collect();
        assert_eq!(places, [(3, "email"), (4, "email"), (4, "courseCode")]);
        let refused = service::import(&teacher, course, broken).await.expect_err("nothing comes in");
        assert_eq!(refused.fields[0].field, "line 3, email");
        assert_eq!((users(&app).await, names(&teacher, course).await.len()), (before, 2));

        let right = "email;name;role\r\na@test.example;Ada A;assistant\r\nb@test.example;Bob B;\r\nsam@test.example;Other Name;teacher\r\n";
        let preview = service::import_preview(&teacher, course, right).await.expect("a preview");
        assert!(preview.problems.is_empty());
        let outcomes: Vec<_> = preview.rows.iter().map(|row| row.outcome).collect();
        assert_eq!(outcomes, [Outcome::NewAccount, Outcome::NewAccount, Outcome::Stays(Role::Student)]);
        assert_eq!(users(&app).await, before, "a preview changes nothing");

        let enrolled = service::import(&teacher, course, right).await.expect("comes in");
        assert_eq!((enrolled.joined, enrolled.accounts.len()), (2, 2));
        assert_eq!(names(&teacher, course).await, ["Ada A", "Bob B", "Sam", "Tess"]);
        assert_eq!(service::handed_over(&teacher, course, &enrolled.batch).await.expect("may see"), enrolled.accounts);

        // The same table again: everyone is here already.
        let again = service::import(&teacher, course, right).await.expect("does nothing");
        assert_eq!((again.joined, again.accounts.len()), (0, 0));
        let elsewhere = app.person("Otto").await;
        let foreign = service::import(&elsewhere, course, right).await.expect_err("not Otto's course");
        assert_eq!(foreign.kind, ErrorKind::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn an_archived_course_is_read_and_restored_but_not_changed() {
    on_each_database(|app| async move {
        let (teacher, sam) = (app.person("Tess").await, app.person("Sam").await);
        let course = app.course("BIO101", &teacher).await;
        app.enrol(course, &sam, Role::Student).await;
        service::archive(&teacher, course).await.expect("is archived");
        for refused in [
            service::archive(&teacher, course).await.expect_err("is archived"),
            service::update(&teacher, course, form("X"))
                .await
                .expect_err("is archived"),
            service::remove(&teacher, course, id_of(&sam))
                .await
                .expect_err("is archived"),
        ] {
            assert_eq!(refused.kind, ErrorKind::Conflict);
        }
        assert!(
            service::get(&sam, course)
                .await
                .expect("can be read")
                .course
                .archived_at
                .is_some()
        );
        assert!(
            service::mine(&sam, false, None)
                .await
                .expect("a list")
                .courses
                .is_empty()
        );
        assert_eq!(service::mine(&sam, true, None).await.expect("a list").courses.len(), 1);
        assert_eq!(
            service::restore(&sam, course).await.expect_err("not by students").kind,
            ErrorKind::Forbidden
        );
        service::restore(&teacher, course).await.expect("is restored");
        service::update(&teacher, course, form("BIO102"))
            .await
            .expect("is changed");
        assert_eq!(
            service::get(&sam, course).await.expect("can be read").course.code,
            "BIO102"
        );
        assert_eq!(acts(&app).await, ["course.archive", "course.restore", "course.update"]);
    })
    .await;
}

#[tokio::test]
async fn people_are_read_in_pages_both_ways() {
    on_each_database(|app| async move {
        let teacher = app.person("Tess").await;
        let course = app.course("BIO101", &teacher).await;
        let mut text = String::from("email,name\n");
        for number in 0..120 {
            // Equal names, so that the order needs more than the name.
            text.push_str(&format!("s{number}@test.example,Student {:02}\n", number / 3));
        }
        service::import(&teacher, course, &text).await.expect("comes in");
        let read = |query: PeopleQuery| service::people(&teacher, course, query);
        let students = PeopleQuery {
            role: Some(Role::Student),
            ..PeopleQuery::default()
        };
        let mut seen = Vec::new();
        let mut page = read(students.clone()).await.expect("a page");
        assert!(page.previous.is_none());
        let first: Vec<_> = page.members.iter().map(|member| member.user).collect();
        loop {
            seen.extend(page.members.iter().map(|member| member.user));
            let Some(next) = page.next else { break };
            page = read(PeopleQuery {
                after: Some(next),
                ..students.clone()
            })
            .await
            .expect("a page");
        }
        assert_eq!(seen.len(), 120);
        assert_eq!(seen.iter().collect::<std::collections::HashSet<_>>().len(), 120);
        let back = read(PeopleQuery {
            before: Some(seen[50]),
            ..students.clone()
        })
        .await
        .expect("a page");
        assert_eq!(back.members.iter().map(|member| member.user).collect::<Vec<_>>(), first);
        assert!(back.previous.is_none() && back.next.is_some());
        let found = read(PeopleQuery {
            search: "s77@".into(),
            ..students
        })
        .await
        .expect("a page");
        assert_eq!(found.members.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn staff_see_counts_where_students_see_their_own_standing() {
    on_each_database(|app| async move {
        let (teacher, sam) = (app.person("Tess").await, app.person("Sam").await);
        let course = app.course("BIO101", &teacher).await;
        app.enrol(course, &sam, Role::Student).await;
        let overview = service::get(&teacher, course).await.expect("a course");
        assert_eq!(
            (overview.students, overview.staff, overview.teachers),
            (1, 1, vec!["Tess".to_owned()])
        );
        assert!(
            service::get(&sam, course)
                .await
                .expect("a course")
                .assignments
                .iter()
                .all(|line| !matches!(line.standing, Standing::Class { .. }))
        );
        let nobody = service::get(&app.ctx, course).await.expect_err("must sign in");
        assert_eq!(nobody.kind, ErrorKind::SignIn);
        assert_eq!(
            service::people(&sam, course, PeopleQuery::default())
                .await
                .expect_err("staff only")
                .kind,
            ErrorKind::Forbidden
        );
    })
    .await;
}

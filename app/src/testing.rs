//! For tests of use cases: a whole application on an empty database, and people to act in it.
//!
//! `on_each_database` tells a story on SQLite and, when `TEST_MYSQL_URL` names a server, again on MariaDB.

use crate::course::model::Role;
use crate::entity::{course, enrolment, user};
use crate::ids::{CourseId, EnrolmentId, UserId};
use crate::platform::Ctx;
use crate::platform::blobs::Blobs;
use crate::platform::db::Db;
use crate::platform::signer::Signer;
use crate::platform::state::{AppState, Counters, GraderReport, GraderStatus, UploadLimits};
use async_trait::async_trait;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use std::path::PathBuf;
use std::sync::Arc;

/// An application without people and courses; its folder goes when it is dropped.
pub struct TestApp {
    pub ctx: Ctx,
    folder: PathBuf,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Tells the story on every database there is.
pub async fn on_each_database<F: Future<Output = ()>>(story: impl Fn(Arc<TestApp>) -> F) {
    let folder = folder();
    let sqlite = format!("sqlite://{}?mode=rwc", folder.join("test.db").display());
    story(Arc::new(TestApp::new(folder, &sqlite).await)).await;
    if let Ok(server) = std::env::var("TEST_MYSQL_URL") {
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        let connection = Db::connect(&server, 1).await.expect("the test server answers");
        connection
            .read()
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a new database");
        let (host, _) = server.rsplit_once('/').expect("an address with a database");
        story(Arc::new(TestApp::new(self::folder(), &format!("{host}/{name}")).await)).await;
        connection
            .read()
            .execute_unprepared(&format!("DROP DATABASE {name}"))
            .await
            .expect("the database goes");
    }
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("auto-grader-test-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

impl TestApp {
    async fn new(folder: PathBuf, url: &str) -> TestApp {
        let db = Db::connect(url, 4).await.expect("the test database opens");
        Migrator::up(db.read(), None).await.expect("the schema is made");
        let state = AppState {
            db,
            blobs: Blobs::embedded(&folder.join("files"), "secret of a test").expect("a folder for files"),
            clock: Default::default(),
            signer: Signer::from_seed([7; 32]),
            hints: Default::default(),
            cache: Default::default(),
            journal: Default::default(),
            grader: Arc::new(Quiet),
            counters: Arc::new(Quiet),
            limits: UploadLimits { file_bytes: 1 << 20 },
            mail: Default::default(),
            maintenance: Default::default(),
            papers: Default::default(),
            leptos: leptos::config::LeptosOptions::builder().output_name("test").build(),
            institution: Default::default(),
        };
        let ctx = Ctx::system(state).await.expect("a context");
        TestApp { ctx, folder }
    }

    /// Somebody, and what they can do.
    pub async fn person(&self, name: &str) -> Ctx {
        self.ctx.acting_as(&self.user(name, false).await)
    }

    pub async fn admin(&self, name: &str) -> Ctx {
        self.ctx.acting_as(&self.user(name, true).await)
    }

    async fn user(&self, name: &str, is_admin: bool) -> user::Model {
        let now = self.ctx.now();
        let row = user::Model {
            id: UserId::new(),
            email: format!("{}@test.example", name.to_lowercase()),
            name: name.to_owned(),
            password_hash: String::new(),
            is_admin,
            must_change_password: false,
            created_at: now,
            password_changed_at: now,
            deactivated_at: None,
            last_sign_in_at: None,
        };
        user::Entity::insert(row.clone().into_active_model().reset_all())
            .exec_without_returning(self.ctx.db())
            .await
            .expect("a user");
        row
    }

    /// A course with its teacher.
    pub async fn course(&self, code: &str, teacher: &Ctx) -> CourseId {
        let row = course::Model {
            id: CourseId::new(),
            code: code.to_owned(),
            title: format!("Course {code}"),
            term: String::new(),
            description: String::new(),
            created_by: id_of(teacher),
            created_at: self.ctx.now(),
            archived_at: None,
        };
        let id = row.id;
        course::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(self.ctx.db())
            .await
            .expect("a course");
        self.enrol(id, teacher, Role::Teacher).await;
        id
    }

    pub async fn enrol(&self, course: CourseId, person: &Ctx, role: Role) {
        let row = enrolment::Model {
            id: EnrolmentId::new(),
            course_id: course,
            user_id: id_of(person),
            role,
            created_at: self.ctx.now(),
        };
        enrolment::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(self.ctx.db())
            .await
            .expect("an enrolment");
    }
}

/// Who acts here.
pub fn id_of(person: &Ctx) -> UserId {
    person.actor().expect("somebody").id
}

/// Counts and reports nothing.
struct Quiet;

impl Counters for Quiet {
    fn failed_sign_in(&self) {}
    fn failed_upload(&self) {}
    fn saved(&self, _changes: u32) {}
    fn submitted(&self) {}
}

#[async_trait]
impl GraderStatus for Quiet {
    async fn report(&self) -> GraderReport {
        GraderReport {
            runs_here: false,
            healthy: true,
            model: "none".into(),
            device: "none".into(),
            waiting: 0,
        }
    }
}
